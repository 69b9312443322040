"""What is particular to the S3 store: its settings, its errors, and servers that misbehave (real ones on loopback)."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from minio import Minio

from pressroom.domain.errors import Corrupt, Invalid, PressroomError, Refused, Retryable
from pressroom.storage.s3 import S3Store

ENDPOINT = os.environ.get("PRESSROOM_TEST_S3_ENDPOINT", "")
ACCESS_KEY = os.environ.get("PRESSROOM_TEST_S3_ACCESS_KEY", "")
SECRET_KEY = os.environ.get("PRESSROOM_TEST_S3_SECRET_KEY", "")
needs_server = pytest.mark.skipif(
    not ENDPOINT,
    reason="NO S3 SERVER: PRESSROOM_TEST_S3_ENDPOINT is not set; run the tests under `python tests/servers.py`",
)

ABSENT = "0" * 64
SECRET = "a-very-secret-key-that-nobody-may-read"
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback that gives the same answer to everything; yields its address and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            self.close_connection = True
            answer(self)

        do_HEAD = do_PUT = do_GET  # noqa: N815 - the names that the base class looks for

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


def answer_with(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


def store_at(endpoint: str, read_seconds: float = 5.0) -> S3Store:
    return S3Store("media", endpoint, access_key="pressroom", secret_key=SECRET, read_seconds=read_seconds)


def error_text(error: BaseException) -> str:
    """The error with everything it came from, as a traceback would show it."""
    texts = []
    current: BaseException | None = error
    while current is not None:
        texts.append(f"{current!r} {current}")
        current = current.__cause__ or current.__context__
    return "\n".join(texts)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_storage_package_does_not_import_the_sdk() -> None:
    code = "import sys, pressroom.storage, pressroom.storage.local; sys.exit('minio' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_opening_makes_no_request() -> None:
    with server(answer_with(500)) as (endpoint, asked):
        store_at(endpoint)

    assert asked == []


@pytest.mark.parametrize("bucket", ["", "ab", "UPPER", "a/b", "a" * 64, "-dash", "dots..twice", "under_score"])
def test_impossible_bucket_names_are_invalid(bucket: str) -> None:
    with pytest.raises(Invalid, match="not the name of a bucket"):
        S3Store(bucket, "http://127.0.0.1:9000")


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "127.0.0.1:9000",
        "ftp://host",
        "http://",
        "http://host/path",
        f"http://user:{SECRET}@host",
        "http://host?x=1",
    ],
)
def test_impossible_endpoints_are_invalid_and_not_quoted(endpoint: str) -> None:
    with pytest.raises(Invalid, match="http://HOST:PORT") as caught:
        S3Store("media", endpoint)

    assert SECRET not in error_text(caught.value)


@pytest.mark.parametrize("call", ["put", "get", "has", "size_bytes", "delete", "check"])
def test_a_server_that_is_down_may_be_tried_again_and_no_secret_is_told(call: str, tmp_path: Path) -> None:
    store = store_at(f"http://127.0.0.1:{closed_port()}")
    calls: dict[str, Callable[[], object]] = {
        "put": lambda: store.put(BytesIO(b"x")),
        "get": lambda: store.get(ABSENT, tmp_path / "x"),
        "has": lambda: store.has(ABSENT),
        "size_bytes": lambda: store.size_bytes(ABSENT),
        "delete": lambda: store.delete(ABSENT),
        "check": store.check,
    }

    with pytest.raises(Retryable, match="Connection refused") as caught:
        calls[call]()

    assert SECRET not in error_text(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_never_answers_is_given_up() -> None:
    release = threading.Event()
    with server(lambda handler: bool(release.wait(60)) and None) as (endpoint, _):
        with pytest.raises(Retryable, match="timed out"):
            store_at(endpoint, read_seconds=0.2).has(ABSENT)
        release.set()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_may_be_tried_again(status: int) -> None:
    with server(answer_with(status)) as (endpoint, asked), pytest.raises(Retryable, match=str(status)):
        store_at(endpoint).size_bytes(ABSENT)

    assert len(asked) > 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int, tmp_path: Path) -> None:
    with (
        server(answer_with(200, b"stolen")) as (elsewhere, visited),
        server(answer_with(status, location=f"{elsewhere}/media")) as (endpoint, asked),
    ):
        store = store_at(endpoint)
        with pytest.raises(PressroomError):
            store.get(ABSENT, tmp_path / "x")
        with pytest.raises(PressroomError):
            store.put(BytesIO(b"x"))

    assert len(asked) == 2

    assert visited == []


@pytest.mark.parametrize("body", [b"", b"<html>a login page</html>", b"<?xml version='1.0'?><not closed"])
def test_something_that_does_not_speak_s3_is_refused_with_advice(body: bytes, tmp_path: Path) -> None:
    answer = answer_with(403, body, content_type="application/xml")

    with server(answer) as (endpoint, _), pytest.raises(Refused, match="store_endpoint"):
        store_at(endpoint).get(ABSENT, tmp_path / "x")


def test_a_download_cut_off_in_the_middle_may_be_tried_again_and_leaves_nothing(tmp_path: Path) -> None:
    def cut_off(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b"only this")

    with server(cut_off) as (endpoint, _), pytest.raises(Retryable, match="cannot be reached"):
        store_at(endpoint).get(ABSENT, tmp_path / "x")

    assert list(tmp_path.iterdir()) == []


def test_a_server_that_sends_other_bytes_is_found_out(tmp_path: Path) -> None:
    with server(answer_with(200, b"not what the name says")) as (endpoint, _), pytest.raises(Corrupt, match=ABSENT):
        store_at(endpoint).get(ABSENT, tmp_path / "x")

    assert list(tmp_path.iterdir()) == []


@needs_server
def test_wrong_keys_are_refused_without_being_told() -> None:
    store = S3Store("pressroom-keys", ENDPOINT, access_key=ACCESS_KEY, secret_key=SECRET)

    with pytest.raises(Refused, match=r"SignatureDoesNotMatch|AccessDenied") as caught:
        store.put(BytesIO(b"x"))

    assert SECRET not in error_text(caught.value)


@needs_server
def test_a_missing_bucket_is_refused_where_it_may_not_be_created(tmp_path: Path) -> None:
    bucket = f"pressroom-{secrets.token_hex(8)}"
    store = S3Store(bucket, ENDPOINT, access_key=ACCESS_KEY, secret_key=SECRET_KEY, create_bucket=False)

    with pytest.raises(Refused, match="create the bucket"):
        store.put(BytesIO(b"x"))

    assert not _client().bucket_exists(bucket)


@needs_server
def test_key_and_mime_type_are_as_promised() -> None:
    bucket = f"pressroom-{secrets.token_hex(8)}"
    store = S3Store(bucket, ENDPOINT, access_key=ACCESS_KEY, secret_key=SECRET_KEY)

    name = store.put(BytesIO(b"<svg/>"), "image/svg+xml")

    found = _client().stat_object(bucket, f"objects/{name[:2]}/{name}")
    assert (found.content_type, found.size) == ("image/svg+xml", 6)
    store.delete(name)
    _client().remove_bucket(bucket)


@needs_server
def test_a_file_that_changes_while_it_is_stored_is_not_filed_under_the_wrong_name(tmp_path: Path) -> None:
    """The file grows and changes again and again, between hashing and sending too; whatever is stored is whole."""
    bucket = f"pressroom-{secrets.token_hex(8)}"
    store = S3Store(bucket, ENDPOINT, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    store.put(BytesIO(b"the bucket is there"))
    source, stop = tmp_path / "busy", threading.Event()
    source.write_bytes(bytes(3_000_000))

    def disturb() -> None:
        while not stop.is_set():
            with source.open("r+b") as file:
                file.write(secrets.token_bytes(8))

    disturber = threading.Thread(target=disturb)
    disturber.start()
    refused = 0
    for _ in range(20):
        try:
            store.put(source)
        except Corrupt:
            refused += 1
    stop.set()
    disturber.join()

    assert refused > 0
    for item in list(_client().list_objects(bucket, recursive=True)):
        name = str(item.object_name).split("/")[-1]
        store.get(name, tmp_path / "whole")
        store.delete(name)
    _client().remove_bucket(bucket)


def _client() -> Minio:
    return Minio(ENDPOINT.split("//")[1], ACCESS_KEY, SECRET_KEY, secure=ENDPOINT.startswith("https"))
