"""Real HTTPS servers on the loopback, with a certificate of a test CA: what a test tells them to answer, or an application."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.api_server import Listening

if TYPE_CHECKING:
    from uvicorn._types import ASGIApplication

Handler = Callable[[BaseHTTPRequestHandler], None]
HOST = "127.0.0.1"


@dataclass
class WebServer:
    """`answers` maps a path to what answers it; `asked` lists every request that came, with its headers."""

    port: int
    ca_file: Path
    answers: dict[str, Handler] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def authority(self) -> str:
        return f"{HOST}:{self.port}"

    def url(self, path: str, host: str = HOST) -> str:
        return f"https://{host}:{self.port}{path}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))


def body(data: bytes, **headers: str) -> Handler:
    """Answers with this body; headers by name, with _ for -."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            if value:
                request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def redirect(location: str, status: int = 302) -> Handler:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Location", location)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


@contextmanager
def serve(folder: Path, *names: str) -> Iterator[WebServer]:
    """A server whose certificate is for 127.0.0.1, localhost and `names`; it ends with the context."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key, ca_file = _certificates(folder, ("localhost", *names))
    server: WebServer

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.close_connection = True
            server.answers[self.path](self)

        def log_message(self, *args: object) -> None:
            pass

    listening = Listening((HOST, 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    server = WebServer(listening.server_address[1], ca_file)
    listening.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that leave are what is tested
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()


@contextmanager
def serve_app(app: ASGIApplication, folder: Path) -> Iterator[WebServer]:
    """An application behind such a certificate; it ends with the context."""
    certificate, key, ca_file = _certificates(folder, ("localhost",))
    tls = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", **tls))
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield WebServer(listening.getsockname()[1], ca_file)
        finally:
            server.should_exit = server.force_exit = True  # whatever connections clients keep
            thread.join()


def _certificates(folder: Path, names: tuple[str, ...]) -> tuple[Path, Path, Path]:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    authority = x509.BasicConstraints(ca=True, path_length=None)
    ca = _builder(ca_name, ca_name, ca_key).add_extension(authority, critical=True).sign(ca_key, hashes.SHA256())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    alternatives = [x509.IPAddress(ipaddress.ip_address(HOST)), *map(x509.DNSName, names)]
    leaf = _builder(subject, ca_name, key).add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    paths = folder / "server.pem", folder / "server.key", folder / "ca.pem"
    pem = serialization.Encoding.PEM
    paths[0].write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(pem, *plain))
    paths[2].write_bytes(ca.public_bytes(pem))
    return paths


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
