"""A plain HTTP server on the loopback that answers as each test tells it, breaks off, drips, or says nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
Handler = Callable[[BaseHTTPRequestHandler], None]


class Listening(ThreadingHTTPServer):
    """A server that refuses none of many who come at once: five wait by the standard library's own number, the sixth is reset."""

    request_queue_size = 128
    daemon_threads = True


@dataclass
class ApiServer:
    """`answer` answers every request; `asked` lists method, path, headers by small name, and body of each."""

    port: int
    answer: Handler
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def authority(self) -> str:
        return f"{HOST}:{self.port}"


def answered(body: bytes, status: int = 200, **headers: str) -> Handler:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def dropped(request: BaseHTTPRequestHandler) -> None:
    """The connection breaks once the request was read."""
    request.connection.shutdown(socket.SHUT_RDWR)


def cut_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"id": ')
    request.close_connection = True


def dripping(stopped: threading.Event) -> Handler:
    """A header of one letter at a time, until the test is over."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(400):
            if stopped.wait(0.05):
                return
            request.wfile.write(b"a")
            request.wfile.flush()

    return answer


@contextmanager
def api_server(answer: Handler) -> Iterator[ApiServer]:
    found: ApiServer

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.asked.append((self.command, self.path, headers, body))
            try:
                found.answer(self)
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = Listening((HOST, 0), Answers)
    found = ApiServer(server.server_address[1], answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
