"""Uploads in parts over HTTP: the protocol, its refusals, and what is left when a server is killed."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

from pressroom.api.backend import open_backend
from pressroom.client import Client
from pressroom.domain.errors import Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.services.accounts import open_account
from pressroom.services.tokens import create_token
from pressroom.services.uploads import MOST_OPEN, begin_upload, sweep_uploads, upload_of
from tests.api.conftest import Caller
from tests.support.desks import Desk, eventually, set_up
from tests.support.media import product

ME = Principal("default")
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}
Send = Callable[..., httpx.Response]


def metadata(**names: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in names.items())


def checksum(data: bytes, algorithm: str = "sha256") -> dict[str, str]:
    digest = hashlib.new(algorithm, data).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


@pytest.fixture
def send(ask: Caller, client: TestClient) -> Send:
    def send(method: str, path: str, headers: dict[str, str] = TUS, **given: Any) -> httpx.Response:
        address = path if path.startswith("/api") else f"/api/v1{path}"
        return client.request(method, address, headers={**ask.headers, **headers}, **given)

    return send


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    """Of each test its own."""
    product(40 + int.from_bytes(os.urandom(1)), 30).save(tmp_path / "a.png")
    return (tmp_path / "a.png").read_bytes()


@pytest.fixture
def begun(send: Send, picture: bytes) -> str:
    headers = {**TUS, "Upload-Length": str(len(picture)), "Upload-Metadata": metadata(filename="a/b kettle.png")}
    return send("POST", "/uploads", headers).headers["location"]


def test_a_file_comes_in_parts_and_is_filed_with_the_last(send: Send, begun: str, picture: bytes, ask: Caller) -> None:
    half = len(picture) // 2
    first = send(
        "PATCH", begun, {**PART, "Upload-Offset": "0", **checksum(picture[:half], "sha1")}, content=picture[:half]
    )
    there = send("HEAD", begun)
    waits = send("GET", begun).json()
    last = send("PATCH", begun, {**PART, "Upload-Offset": str(half)}, content=picture[half:])

    assert (first.status_code, first.headers["upload-offset"]) == (204, str(half))
    assert (there.headers["upload-offset"], there.headers["upload-length"]) == (str(half), str(len(picture)))
    assert (there.headers["cache-control"], waits["asset"]) == ("no-store", None)
    made = ask("GET", f"/assets/{last.headers['upload-asset']}")
    assert (made["filename"], made["sha256"]) == ("a-b kettle.png", hashlib.sha256(picture).hexdigest())
    assert send("GET", begun).json()["asset"] == made["id"]
    assert {each.headers["tus-resumable"] for each in (first, there, last)} == {"1.0.0"}


def test_what_the_server_can_is_told(send: Send, ask: Caller) -> None:
    told = send("OPTIONS", "/uploads", {})

    assert (told.status_code, told.headers["tus-version"]) == (204, "1.0.0")
    assert told.headers["tus-extension"] == "creation,expiration,termination,checksum"
    assert int(told.headers["tus-max-size"]) == ask.context.settings.limits.max_bytes


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("PATCH", {**PART, "Upload-Offset": "3"}, 409, "upload_offset"),
        ("PATCH", {**TUS, "Upload-Offset": "0"}, 415, "tus_part"),
        ("PATCH", {**PART, "Upload-Offset": "0", **checksum(b"other")}, 460, "checksum"),
        ("PATCH", {**PART, "Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}, 400, "tus_checksum"),
        ("PATCH", {**PART, "Upload-Offset": "-1"}, 422, "request"),
        ("PATCH", PART, 422, "request"),
        ("PATCH", {**PART, "Tus-Resumable": "0.2.2", "Upload-Offset": "0"}, 412, "tus_version"),
        ("HEAD", {}, 412, "tus_version"),
        ("DELETE", {}, 412, "tus_version"),
    ],
)
def test_a_request_that_the_protocol_refuses_changes_nothing(
    send: Send, begun: str, method: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = send(method, begun, headers, **({"content": b"some"} if method == "PATCH" else {}))

    assert answer.status_code == status
    assert method == "HEAD" or answer.json()["code"] == code
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert send("HEAD", begun).headers["upload-offset"] == "0"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": str(10**15)}, 413, "upload_size"),
        ({"Upload-Length": "0"}, 422, "request"),
        ({}, 422, "request"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !"}, 400, "tus_metadata"),
    ],
)
def test_an_upload_that_cannot_be_is_not_begun(send: Send, headers: dict[str, str], status: int, code: str) -> None:
    answer = send("POST", "/uploads", {**TUS, **headers})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_more_bytes_than_were_announced_are_not_taken(send: Send, begun: str, picture: bytes) -> None:
    answer = send("PATCH", begun, {**PART, "Upload-Offset": "0"}, content=picture + b"!")

    assert (answer.status_code, answer.json()["code"]) == (413, "upload_size")


def test_what_is_no_media_ends_the_upload(send: Send) -> None:
    junk = b"MZ" + bytes(500)
    at = send("POST", "/uploads", {**TUS, "Upload-Length": str(len(junk))}).headers["location"]

    refused = send("PATCH", at, {**PART, "Upload-Offset": "0"}, content=junk)

    assert (refused.status_code, send("HEAD", at).status_code) == (422, 410)


def test_an_upload_belongs_to_its_account_and_ends_when_it_is_ended(
    send: Send, begun: str, ask_as_bob: Caller, ask: Caller
) -> None:
    theirs = {**ask_as_bob.headers, **TUS}
    path = ask.context.settings.home / "uploads" / begun.rpartition("/")[2]

    assert [send(method, begun, theirs).status_code for method in ("HEAD", "GET", "DELETE")] == [404, 404, 404]
    assert send("PATCH", begun, {**theirs, **PART, "Upload-Offset": "0"}, content=b"x").status_code == 404
    assert path.exists() or send("PATCH", begun, {**PART, "Upload-Offset": "0"}, content=b"x").status_code == 204
    assert send("DELETE", begun).status_code == 204
    assert (path.exists(), send("HEAD", begun).status_code) == (False, 404)


def test_a_file_that_is_there_is_not_sent_and_a_key_begins_one_upload(
    send: Send, photo: Path, client: TestClient, ask: Caller
) -> None:
    data = photo.read_bytes()
    there = client.post("/api/v1/assets/uploads?filename=p.png", content=data, headers=ask.headers).json()
    wanted = {**TUS, "Upload-Length": str(len(data)), "Idempotency-Key": "one"}
    names = {"Upload-Metadata": metadata(filename="p.png", sha256=hashlib.sha256(data).hexdigest())}

    made, again = (send("POST", "/uploads", {**wanted, **names}) for _ in range(2))
    other = send("POST", "/uploads", {**wanted, "Upload-Length": "7"})

    assert (made.json()["asset"], made.headers["upload-offset"]) == (there["id"], str(len(data)))
    assert (again.json(), again.headers["location"]) == (made.json(), made.headers["location"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")


def test_uploads_that_nobody_goes_on_with_are_swept_and_there_are_not_too_many(tmp_path: Path) -> None:
    context = open_backend(set_up(tmp_path).settings).context
    open_account(ME, context)
    first = begin_upload(ME, context, "a.png", 5)
    for _ in range(MOST_OPEN - 1):
        begin_upload(ME, context, "a.png", 5)
    later = replace(context, now=lambda: context.now() + timedelta(days=context.settings.upload_days, seconds=1))

    with pytest.raises(Refused, match="are not finished"):
        begin_upload(ME, context, "a.png", 5)
    with pytest.raises(Refused, match="has expired"):
        upload_of(ME, later, first.id)
    assert (sweep_uploads(context), sweep_uploads(later), sweep_uploads(later)) == (0, MOST_OPEN, 0)
    assert list((context.settings.home / "uploads").glob("*")) == []


def test_an_uploads_id_stands_for_its_asset(send: Send, begun: str, picture: bytes, ask: Caller) -> None:
    upload = begun.rpartition("/")[2]
    wanted = {"operation": "resize", "image": upload, "width": 20, "height": 20}
    early = ask("POST", "/estimates", json={"generation": wanted})

    send("PATCH", begun, {**PART, "Upload-Offset": "0"}, content=picture)

    assert early["problems"][0]["path"] == ["image"]
    assert "has not arrived" in early["problems"][0]["message"]
    assert ask("POST", "/estimates", json={"generation": wanted})["allowed"]


# A server as a process, since it is to be killed.


def serving(desk: Desk, port: str = "0") -> tuple[subprocess.Popen[str], str]:
    process = desk.start("serve", "--port", port)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_server_that_is_killed_in_the_middle_loses_nothing_and_the_client_goes_on(tmp_path: Path) -> None:
    desk = set_up(tmp_path)
    open_account(ME, desk.context)
    secret = create_token(ME, desk.context, "t", scopes=(Scope.ASSETS_READ, Scope.ASSETS_WRITE)).secret
    picture = desk.folder / "noise.png"
    Image.effect_noise((500, 500), 200).save(picture)
    size = picture.stat().st_size
    part = size // 4 + 1
    process, url = serving(desk)
    offsets: list[int] = []

    def halved(data: bytes) -> Iterator[bytes]:
        """Half a part arrives, then the server is killed, and another one starts at the same port."""
        nonlocal process
        yield data[: part // 2]
        assert eventually(lambda: (desk.home / "uploads").is_dir() and any((desk.home / "uploads").glob("*.part")), 20)
        process.kill()
        process.communicate()
        process, _ = serving(desk, url.rpartition(":")[2])
        yield data[part // 2 :]

    class Killing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                offsets.append(int(request.headers["Upload-Offset"]))
                if len(offsets) == 3:
                    data = request.read()
                    request = httpx.Request("PATCH", request.url, headers=request.headers, content=halved(data))
            return super().handle_request(request)

    try:
        with Client(secret, url, transport=Killing()) as client:
            made = client.upload(picture, part_bytes=part)
            again = client.upload(picture, part_bytes=part)
    finally:
        process.kill()
        process.communicate()

    assert (made.size_bytes, again.id) == (size, made.id)
    assert offsets == [
        0,
        part,
        2 * part,
        2 * part,
        3 * part,
    ]  # what was not proved right is sent again, and nothing else
