"""The one client: what it sends, to whom, and what each way of not answering means for money."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpcore2
import httpx2
import pytest

from pressroom.domain.errors import AnswerLost, Corrupt, Invalid, Permanent, Refused, Retryable
from pressroom.domain.web_address import WebAddress
from pressroom.providers.base import FREE_OF_CHARGE
from pressroom.providers.guard import Guard
from pressroom.providers.http.client import STANDARD, ApiClient, Libraries
from pressroom.providers.http.messages import Request, Upload
from tests.support.api_server import ApiServer, answered, api_server, cut_off, dripping, dropped
from tests.support.https_server import body, serve

KEY = {"Authorization": "Bearer secret"}
READ = Request("GET", "/jobs/1")
ORDER = Request("POST", "/jobs", json={"a": 1}, spends=True)
NEXT = Libraries(httpx2, httpcore2)


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server(answered(b'{"id": 7}')) as found:
        yield found


def client(server: ApiServer, **options: Any) -> ApiClient:
    hosts = frozenset({server.authority})
    options.setdefault("guard", Guard(hosts))
    return ApiClient(WebAddress.of(f"http://{server.authority}/v1", hosts), **options)


@pytest.mark.parametrize("libraries", [STANDARD, NEXT], ids=["httpx", "httpx2"])
def test_it_asks_below_the_base_address_with_the_key(server: ApiServer, libraries: Libraries) -> None:
    found = client(server, libraries=libraries).send(Request("GET", "/jobs", {"page": "2"}), KEY)

    assert (found.status, found.json(), found.is_success) == (200, {"id": 7}, True)
    method, path, headers, _ = server.asked[0]
    assert (method, path, headers["authorization"]) == ("GET", "/v1/jobs?page=2", "Bearer secret")
    assert headers["host"] == server.authority


@pytest.mark.parametrize("libraries", [STANDARD, NEXT], ids=["httpx", "httpx2"])
def test_it_sends_json_forms_with_files_and_whole_files(
    server: ApiServer, tmp_path: Path, libraries: Libraries
) -> None:
    file = tmp_path / "in.png"
    file.write_bytes(b"pixels" * 1000)
    asks, upload = client(server, libraries=libraries), Upload(file, "image/png", "shoe.png")

    asks.send(ORDER, KEY)
    asks.send(Request("POST", "/form", form={"prompt": "a b", "image": upload}), KEY)
    asks.send(Request("POST", "/raw", content=upload), KEY)

    jsons, form, raw = (entry[3] for entry in server.asked)
    assert json.loads(jsons) == {"a": 1}
    assert server.asked[1][2]["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="prompt"\r\n\r\na b' in form
    assert b'filename="shoe.png"' in form
    assert file.read_bytes() in form
    assert raw == file.read_bytes()


def test_another_of_the_vendors_own_hosts_is_asked_with_the_key(server: ApiServer) -> None:
    with api_server(answered(b"{}")) as other:
        hosts = frozenset({server.authority, other.authority})
        lists = {"lists": WebAddress.of(f"http://{other.authority}", hosts)}

        client(server, guard=Guard(hosts), hosts=lists).send(Request("GET", "/orders", host="lists"), KEY)

        assert [other.asked[0][1], other.asked[0][2]["authorization"]] == ["/orders", "Bearer secret"]


def test_a_vendor_with_one_address_is_asked_for_everything_there(server: ApiServer) -> None:
    client(server).send(Request("GET", "/orders", host="lists"), KEY)

    assert server.asked[0][1] == "/v1/orders"


def test_another_host_never_gets_the_key(server: ApiServer) -> None:
    with api_server(answered(b"kept")) as other:
        hosts = frozenset({server.authority, other.authority})
        client(server, guard=Guard(hosts)).send(Request("POST", f"http://{other.authority}/put", content=b"x"), KEY)

        assert "authorization" not in other.asked[0][2]


@pytest.mark.parametrize("request_", [READ, ORDER])
def test_where_nobody_listens_nothing_was_sent(request_: Request) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = ApiServer(taken.getsockname()[1], dropped)

        with pytest.raises(Retryable, match="cannot be reached") as raised:
            client(nobody).send(request_, KEY)

    assert raised.value.fields["unsent"]


@pytest.mark.parametrize("answer", [dropped, cut_off])
@pytest.mark.parametrize("libraries", [STANDARD, NEXT], ids=["httpx", "httpx2"])
def test_an_order_whose_answer_breaks_off_is_lost_and_a_question_may_be_asked_again(
    server: ApiServer, answer: Any, libraries: Libraries
) -> None:
    server.answer = answer

    with pytest.raises(AnswerLost):
        client(server, libraries=libraries).send(ORDER, KEY)
    with pytest.raises(Retryable) as raised:
        client(server, libraries=libraries).send(READ, KEY)

    assert not raised.value.fields.get("unsent")
    assert len(server.asked) == 2  # the order was sent once


def test_an_answer_that_drips_ends_at_the_deadline(server: ApiServer) -> None:
    stopped = threading.Event()
    server.answer = dripping(stopped)
    try:
        with pytest.raises(AnswerLost, match="in time"):
            client(server).send(Request("POST", "/jobs", json={}, spends=True, seconds=0.4), KEY)
    finally:
        stopped.set()


def test_an_answer_without_end_is_refused(server: ApiServer) -> None:
    server.answer = answered(b"x" * 5_000)

    with pytest.raises(Corrupt, match="more than 1,000 bytes"):
        client(server, max_answer_bytes=1_000).send(READ, KEY)
    with pytest.raises(AnswerLost, match="more than 1,000 bytes"):
        client(server, max_answer_bytes=1_000).send(ORDER, KEY)


def test_what_was_packed_unasked_is_unpacked(server: ApiServer) -> None:
    server.answer = answered(gzip.compress(b'{"id": 8}'), Content_Encoding="gzip")

    assert client(server).send(READ, KEY).json() == {"id": 8}


def test_a_private_host_is_connected_to_only_where_it_is_named_exactly(server: ApiServer) -> None:
    base = WebAddress.of(f"http://{server.authority}/v1", {server.authority})
    looked_up: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append((host, port))
        return ["127.0.0.1"]

    for hosts in (frozenset(), frozenset({f"127.0.0.1:{server.port + 1}"})):
        with pytest.raises(Refused, match="not public"):
            ApiClient(base, Guard(hosts, resolve)).send(ORDER, KEY)

    assert (len(looked_up), server.asked) == (2, [])


def test_another_host_must_speak_https_unless_it_is_named(server: ApiServer) -> None:
    with pytest.raises(Invalid, match="https"):
        client(server).send(Request("PUT", "http://127.0.0.1:1/x", content=b""), KEY)


def test_a_certificate_that_is_not_trusted_gets_no_order(tmp_path: Path) -> None:
    with serve(tmp_path / "server") as web:
        web.answers["/v1/jobs"] = body(b"{}")
        hosts = frozenset({web.authority})

        with pytest.raises(Permanent, match="not trusted") as raised:
            ApiClient(WebAddress.of(web.url("/v1")), Guard(hosts)).send(ORDER, KEY)

    assert raised.value.fields["billed"] == FREE_OF_CHARGE
    assert web.asked == []


def test_a_whole_url_gets_the_key_only_where_it_is_the_vendors_own(server: ApiServer) -> None:
    with api_server(answered(b"{}")) as other:
        hosts = frozenset({server.authority, other.authority})
        asks = client(server, guard=Guard(hosts), key_hosts=["127.0.0.1"])

        asks.send(Request("GET", f"http://{server.authority}/v1/jobs/1"), KEY)
        asks.send(Request("GET", f"http://{other.authority}/v1/jobs/1"), KEY)

        assert server.asked[0][2]["authorization"] == "Bearer secret"
        assert "authorization" not in other.asked[0][2], "never without encryption, whatever the row says"
