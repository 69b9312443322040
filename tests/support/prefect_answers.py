"""A Prefect server that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.api_server import Listening


@dataclass
class Server:
    """A server that answers as it is told and remembers what it was asked."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, Any, str]] = field(default_factory=list)


@contextmanager
def answering() -> Iterator[Server]:
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            known.asked.append((self.command, self.path, body, self.headers.get("Authorization", "")))
            status, answer = known.answers.pop(0)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server asks for

        def log_message(self, *args: object) -> None:
            return None

    httpd = Listening(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{httpd.server_port}/api"
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield known
    httpd.shutdown()
    httpd.server_close()
