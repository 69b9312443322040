"""The visible list of vendors is looked through by every plan, so it costs no import that a plan can do without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pressroom.providers.registry import base_address

HEAVY = ("PIL", "numpy", "cv2", "pyvips", "httpx", "httpcore", "fastapi", "sqlalchemy", "prefect")


def test_the_list_imports_no_pixels_no_client_and_no_framework() -> None:
    code = f"import sys, pressroom.providers.registry; print([name for name in {HEAVY} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "own", "base"),
    [
        ("", "https://api.bfl.ai/v1", "https://api.bfl.ai/v1"),
        ("https://api.eu.bfl.ai", "https://api.bfl.ai/v1", "https://api.eu.bfl.ai/v1"),
        ("https://api.eu.bfl.ai/v1", "https://api.bfl.ai/v1", "https://api.eu.bfl.ai/v1"),
        ("http://here:1/wavespeed", "https://api.wavespeed.ai/api/v3", "http://here:1/wavespeed/api/v3"),
        ("https://gateway.example/v1/me/openai", "https://api.openai.com/v1", "https://gateway.example/v1/me/openai"),
        ("http://here:1/fal", "https://queue.fal.run", "http://here:1/fal"),
    ],
)
def test_a_base_address_may_leave_out_the_version(given: str, own: str, base: str) -> None:
    assert base_address(given, own) == base


ANSWER = b'{"credits": 1}'


class _Kept(BaseHTTPRequestHandler):
    """Answers everything with a balance, and keeps the connection open until the other side closes it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Kept) as found:
        thread = Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


# Sockets that are left open are told when they are collected, at the latest when the interpreter ends.
ASKS = """
import gc
from pathlib import Path
from pressroom.bootstrap import open_providers
from pressroom.settings import Settings

def ask(home):
    settings = Settings(home=home, stability_url={url!r}, private_hosts={host!r})
    context = open_providers(settings)
    return context.open_vendor("stability", context.keys), context

vendor, kept = ask(Path({home!r}))
vendor.probe()
if {drops}:
    del vendor, kept
    gc.collect()
"""


@pytest.mark.parametrize("drops", [True, False], ids=["home-ends", "process-ends"])
def test_connections_are_closed_when_a_home_or_the_process_ends(
    server: ThreadingHTTPServer, tmp_path: Path, drops: bool
) -> None:
    host = f"127.0.0.1:{server.server_port}"
    code = ASKS.format(url=f"http://{host}", host=host, home=str(tmp_path), drops=drops)
    environ = {**os.environ, "STABILITY_API_KEY": "sk-of-nobody"}

    found = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
    )

    assert found.stderr == ""
    assert found.returncode == 0
