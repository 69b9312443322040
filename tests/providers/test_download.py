"""The guarded downloader: what it fetches, and everything that it does not."""

from __future__ import annotations

import gzip
import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.errors import Corrupt, Invalid, Permanent, PressroomError, Refused, Retryable
from pressroom.providers.download import MAX_REDIRECTS, Downloader
from pressroom.providers.guard import Guard, is_public
from pressroom.providers.http.client import HttpTransport
from pressroom.providers.http.messages import Answer, Question
from tests.support.https_server import WebServer, body, redirect, serve

PUBLIC = "93.184.215.14"


def _png() -> bytes:
    found = BytesIO()
    Image.effect_noise((40, 30), 90).save(found, "PNG")
    return found.getvalue()


PNG = _png()


class Recorded:
    """A transport that writes down every attempt, and answers with what the test prepared for the address."""

    def __init__(self, answers: dict[str, tuple[int, dict[str, str], bytes]] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[Question] = []

    @contextmanager
    def ask(self, question: Question) -> Iterator[Answer]:
        self.asked.append(question)
        status, headers, data = self.answers[question.address.url]
        yield Answer(status, headers, iter([data]))


def recorded(
    answers: dict[str, tuple[int, dict[str, str], bytes]] | None = None,
    names: dict[str, list[str]] | None = None,
    **options: Any,
) -> tuple[Downloader, Recorded, list[str]]:
    """A downloader, its attempts to connect, and the names it has looked up."""
    transport, looked_up = Recorded(answers), []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return (names or {}).get(host, [PUBLIC])

    return (
        Downloader(
            **{"max_bytes": 10_000, "seconds": 5, "guard": Guard(resolve=resolve), "transport": transport, **options}
        ),
        transport,
        looked_up,
    )


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    with serve(tmp_path / "web", "rebound.example") as server:
        yield server


def real(web: WebServer, **options: Any) -> Downloader:
    """A downloader that trusts the test CA and may go to the test server, and nowhere else."""
    values = {"max_bytes": 100_000, "seconds": 10.0, "guard": Guard(frozenset({web.authority})), **options}
    return Downloader(**{"transport": HttpTransport(web.trust), **values})


# what comes in


def test_a_picture_is_fetched_and_named_by_its_bytes(web: WebServer, tmp_path: Path) -> None:
    web.answers["/a%20b.png?x=1"] = body(PNG, Content_Type="image/png")

    found = real(web).fetch(web.url("/a%20b.png?x=1"), tmp_path / "in")

    assert (tmp_path / "in").read_bytes() == PNG
    assert (found.mime, found.size_bytes) == ("image/png", len(PNG))
    assert found.came_from == web.url("/a%20b.png") + "?…"
    ((_, headers),) = web.asked
    assert headers["host"] == web.authority
    assert headers["accept-encoding"] == "identity"
    assert headers.keys().isdisjoint({"authorization", "cookie", "proxy-authorization"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_credentials_in_them_dropped(web: WebServer, tmp_path: Path, status: int) -> None:
    web.answers["/old"] = redirect(f"https://user:secret@{web.authority}/new.png", status)
    web.answers["/new.png"] = body(PNG)

    real(web).fetch(web.url("/old"), tmp_path / "in")

    assert [path for path, _ in web.asked] == ["/old", "/new.png"]
    assert "authorization" not in web.asked[1][1]


@pytest.mark.parametrize(("encoding", "packed"), [("gzip", gzip.compress(PNG)), ("deflate", zlib.compress(PNG))])
def test_a_packed_body_is_unpacked(web: WebServer, tmp_path: Path, encoding: str, packed: bytes) -> None:
    web.answers["/a"] = body(packed, Content_Encoding=encoding)

    real(web).fetch(web.url("/a"), tmp_path / "in")

    assert (tmp_path / "in").read_bytes() == PNG


def test_proxies_of_the_environment_are_ignored(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    web.answers["/a"] = body(PNG)

    assert real(web).fetch(web.url("/a"), tmp_path / "in").size_bytes == len(PNG)


# addresses

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200",
    "169.254.169.254", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
    "2001:0:0:0:0:0:80ff:fffe",
    "::127.0.0.1", "2001:db8::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_never_connected_to(tmp_path: Path, address: str) -> None:
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        downloader, transport, _ = recorded(names={"inside.example": found})

        with pytest.raises(Refused, match="not public"):
            downloader.fetch("https://inside.example/a.png", tmp_path / "in")

        assert transport.asked == []


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_however_it_is_wrapped(address: Any) -> None:
    number = int(address)
    mapped = f"::ffff:{address}"
    nat64 = f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}"

    assert is_public(mapped) == is_public(nat64) == is_public(str(address))
    assert not (is_public(str(address)) and not address.is_global)


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(tmp_path: Path) -> None:
    url = "https://many.example/a.png"
    downloader, transport, looked_up = recorded({url: (200, {}, PNG)}, {"many.example": ["8.8.8.8", PUBLIC]})

    downloader.fetch(url, tmp_path / "in")

    assert looked_up == ["many.example"]
    assert transport.asked[0].connect_to == ("8.8.8.8", PUBLIC)


def test_a_name_that_answers_otherwise_the_second_time_changes_nothing(web: WebServer, tmp_path: Path) -> None:
    """DNS rebinding: the name is public while it is checked and points inside when a client would look again."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    web.answers["/a"] = body(PNG)
    # Nobody answers at the public address from here: what matters is where the connection is not made to.
    downloader = real(web, guard=Guard(resolve=lambda host, port: next(answers)), seconds=0.3)

    with pytest.raises(Retryable):
        downloader.fetch(web.url("/a", "rebound.example"), tmp_path / "in")

    assert web.asked == []
    assert next(answers) == ["127.0.0.1"]  # it was never looked up again


def test_the_certificate_must_be_of_the_name_that_was_asked_for(web: WebServer, tmp_path: Path) -> None:
    web.answers["/a"] = body(PNG)
    allowed = frozenset({f"rebound.example:{web.port}", f"other.example:{web.port}"})
    downloader = real(web, guard=Guard(allowed, lambda host, port: ["127.0.0.1"]))

    assert downloader.fetch(web.url("/a", "rebound.example"), tmp_path / "in").size_bytes == len(PNG)
    with pytest.raises(Permanent, match="not trusted"):
        downloader.fetch(web.url("/a", "other.example"), tmp_path / "in")


def test_a_certificate_that_nobody_trusts_is_refused(web: WebServer, tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="not trusted"):
        real(web, transport=HttpTransport()).fetch(web.url("/a"), tmp_path / "in")


def test_an_allowed_pair_opens_nothing_else(web: WebServer, tmp_path: Path) -> None:
    for url in (
        f"https://127.0.0.1:{web.port + 1}/a",
        f"https://localhost:{web.port}/a",
        f"https://127.0.0.2:{web.port}/a",
        "https://127.0.0.1/a",
    ):
        with pytest.raises(Refused, match="not public"):
            real(web).fetch(url, tmp_path / "in")

    assert web.asked == []


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "localhost.", "[::1]", "[::ffff:7f00:1]"]
)
def test_other_spellings_of_this_machine_are_seen_through(tmp_path: Path, host: str) -> None:
    transport = Recorded()
    downloader = Downloader(max_bytes=1, seconds=1, transport=transport)

    with pytest.raises((Refused, Retryable)):
        downloader.fetch(f"https://{host}/a.png", tmp_path / "in")

    assert transport.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://x.example/a.png", "ftp://x.example/a", "file:///etc/passwd", "gopher://x.example/", "data:image/png;base64,AA",
        "https://", "https:///a.png", "https://x.example:0/a", "https://x.example:99999/a", "https://x example/a",
        "https://x.example\\@127.0.0.1/a", "https://x.exa\tmple/a", "https://[::1/a", "https://-x/a",
        "https://x.example/" + "a" * 3_000,
    ],
)  # fmt: skip
def test_what_is_no_https_url_is_never_looked_up(tmp_path: Path, url: str) -> None:
    downloader, transport, looked_up = recorded()

    with pytest.raises(Invalid):
        downloader.fetch(url, tmp_path / "in")

    assert (transport.asked, looked_up) == ([], [])


@pytest.mark.parametrize("user", ["me:hunter2@", "hunter2@", ":hunter2@", "me%40:hunter2@", "a@b:hunter2@"])
def test_credentials_in_a_url_are_refused_and_never_repeated(tmp_path: Path, user: str) -> None:
    downloader, transport, looked_up = recorded()

    with pytest.raises(Invalid) as caught:
        downloader.fetch(f"https://{user}x.example/a.png", tmp_path / "in")

    assert "hunter2" not in f"{caught.value}{caught.value.fields}"
    assert (transport.asked, looked_up) == ([], [])


def test_a_name_that_cannot_be_found_may_be_tried_again(tmp_path: Path) -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    downloader, transport, _ = recorded(guard=Guard(resolve=nothing))

    with pytest.raises(Retryable, match=r"x\.example cannot be found"):
        downloader.fetch("https://x.example/a.png", tmp_path / "in")
    assert transport.asked == []


# redirects


@pytest.mark.parametrize(
    "location", ["https://inside.example/a", "//inside.example/a", "https://10.0.0.1/a", "https://inside.example:443/a"]
)
def test_a_redirect_to_a_private_address_is_not_followed(tmp_path: Path, location: str) -> None:
    url = "https://x.example/a"
    names = {"inside.example": ["192.168.0.1"], "10.0.0.1": ["10.0.0.1"]}
    downloader, transport, _ = recorded({url: (302, {"location": location}, b"")}, names)

    with pytest.raises(Refused, match="not public"):
        downloader.fetch(url, tmp_path / "in")

    assert [question.address.url for question in transport.asked] == [url]


@pytest.mark.parametrize("location", ["http://x.example/a", "ftp://x.example/a", "file:///etc/passwd", "https://[x/"])
def test_a_redirect_to_anything_but_https_is_refused(tmp_path: Path, location: str) -> None:
    url = "https://x.example/a"
    downloader, transport, _ = recorded({url: (302, {"location": location}, b"")})

    with pytest.raises(Refused, match="does not go"):
        downloader.fetch(url, tmp_path / "in")
    assert len(transport.asked) == 1


def test_redirects_end(tmp_path: Path) -> None:
    url = "https://x.example/a"
    downloader, transport, _ = recorded({url: (302, {"location": url}, b"")})

    with pytest.raises(Permanent, match=f"more than {MAX_REDIRECTS} times"):
        downloader.fetch(url, tmp_path / "in")
    assert len(transport.asked) == MAX_REDIRECTS + 1


# bodies


def drip(step_seconds: float, head: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Sends `head` and then one byte at a time, for as long as somebody listens."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(head)
        for _ in range(1_000):
            request.wfile.write(b"X")
            request.wfile.flush()
            time.sleep(step_seconds)

    return answer


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "])
def test_a_server_that_drips_its_answer_is_left_at_the_deadline(web: WebServer, tmp_path: Path, head: bytes) -> None:
    web.answers["/a"] = drip(0.02, head)
    started = time.monotonic()

    with pytest.raises(Retryable, match=r"in time|takes longer"):
        real(web, seconds=1.0).fetch(web.url("/a"), tmp_path / "in")

    assert time.monotonic() - started < 4
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_left(web: WebServer, tmp_path: Path, declared: bool) -> None:
    headers = {} if declared else {"Content_Length": "", "Connection": "close"}
    web.answers["/a"] = body(PNG + bytes(5_000_000), **headers)

    with pytest.raises(Corrupt, match="larger than 100,000 bytes"):
        real(web).fetch(web.url("/a"), tmp_path / "in")
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_that_unpacks_to_too_much_is_left(web: WebServer, tmp_path: Path, encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    web.answers["/a"] = body(pack(PNG + bytes(50_000_000)), Content_Encoding=encoding)

    with pytest.raises(Corrupt, match="larger than"):
        real(web).fetch(web.url("/a"), tmp_path / "in")
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize(
    ("data", "headers", "error", "says"),
    [
        (b"<html>no</html>", {"Content_Type": "text/html"}, Corrupt, "is text/html, no picture"),
        (PNG, {"Content_Type": "video/mp4"}, Corrupt, "says that it is video/mp4, but its bytes are image/png"),
        (b"%PDF-1.7\n", {}, Corrupt, "a PDF document"),
        (b"", {"Content_Type": "image/png"}, Corrupt, "is empty"),
        (PNG, {"Content_Encoding": "br"}, Permanent, "the encoding 'br'"),
        (PNG, {"Content_Encoding": "gzip, gzip"}, Permanent, "which nobody asked for"),
        (PNG, {"Content_Encoding": "gzip"}, Corrupt, "no gzip"),
        (gzip.compress(PNG)[:-20], {"Content_Encoding": "gzip"}, Corrupt, "no gzip"),
        (PNG, {"Content_Length": "9999"}, Retryable, "breaks off"),
    ],
)
def test_a_body_that_is_not_what_it_should_be_is_refused(
    web: WebServer, tmp_path: Path, data: bytes, headers: dict[str, str], error: type[PressroomError], says: str
) -> None:
    web.answers["/a"] = body(data, **headers)

    with pytest.raises(error, match=says):
        real(web).fetch(web.url("/a"), tmp_path / "in")
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize(
    ("status", "error"), [(404, Permanent), (403, Permanent), (204, Permanent), (500, Retryable), (429, Retryable)]
)
def test_a_status_says_who_must_act(tmp_path: Path, status: int, error: type[PressroomError]) -> None:
    url = "https://x.example/a?token=hunter2"
    downloader, _, _ = recorded({url: (status, {}, b"")})

    with pytest.raises(error) as caught:
        downloader.fetch(url, tmp_path / "in")

    assert str(status) in str(caught.value)
    assert "hunter2" not in str(caught.value)


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "br"]), st.sampled_from(["", "5", "x", "-1"]))
def test_any_answer_gives_a_file_or_one_of_our_errors(data: bytes, encoding: str, length: str) -> None:
    url = "https://x.example/a"
    downloader, _, _ = recorded({url: (200, {"content-encoding": encoding, "content-length": length}, data)})
    target = Path(os.devnull).parent / "shm" / f"pressroom-test-{os.getpid()}"

    try:
        downloader.fetch(url, target)
    except PressroomError:
        assert not target.exists()
    target.unlink(missing_ok=True)
