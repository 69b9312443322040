"""The one module that imports an HTTP client: everything that Pressroom asks of the network goes through here."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

import httpcore
import httpx

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.web_address import HTTPS_PORT, WebAddress

STEP_SECONDS: Final = 15.0  # longest wait for the next bytes, for a connection, for a handshake


@dataclass(frozen=True, slots=True)
class Question:
    """One GET: what to ask for, and the addresses that were checked: the only ones that are connected to, in this order."""

    address: WebAddress
    connect_to: tuple[str, ...]
    headers: Mapping[str, str]
    deadline: float  # of the transport's clock: the whole answer must be there by then


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by small name, and the body as it comes, neither decoded nor followed anywhere."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Transport(Protocol):
    """Asks one question. Raises Retryable when nobody answers in time, Permanent when what answers cannot be trusted."""

    def ask(self, question: Question) -> AbstractContextManager[Answer]: ...


class HttpTransport:
    """The real one. No proxy, no redirect, no cookie, nothing from the environment but the trusted certificates."""

    def __init__(self, trust: ssl.SSLContext | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._trust = trust
        self._clock = clock

    @contextmanager
    def ask(self, question: Question) -> Iterator[Answer]:
        address = question.address
        headers = {"Host": _host_header(address), "User-Agent": "pressroom", **question.headers}
        request = httpcore.Request(
            "GET",
            httpcore.URL(
                scheme=b"https", host=address.host.encode(), port=address.port, target=address.target.encode()
            ),
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)},
        )
        backend = _PinnedBackend(question.connect_to, question.deadline, self._clock)
        trust = self._trust or trusted_certificates()
        with _told(address), httpcore.ConnectionPool(ssl_context=trust, network_backend=backend) as pool:
            response = pool.handle_request(request)
            try:
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                yield Answer(response.status, found, response.iter_stream())
            finally:
                response.close()


def trusted_certificates() -> ssl.SSLContext:
    """Those of certifi, or of SSL_CERT_FILE and SSL_CERT_DIR where a machine has its own; read once for each setting."""
    return _read_certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=4)
def _read_certificates(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()


def reach(url: str, seconds: float) -> str:
    """Why nobody answers at this address of the user's own; empty where somebody does, whatever the answer is."""
    try:
        httpx.get(url, timeout=seconds)
    except httpx.TransportError as exc:
        return str(exc) or type(exc).__name__
    return ""


def exchange_json(method: str, url: str, *, body: Any = None, credentials: str = "", seconds: float) -> tuple[int, Any]:
    """One request to an address of the user's own: the answer's status, and its JSON or None where it is none.

    `credentials` are USER:PASSWORD. Raises httpx's TransportError as Retryable: whether the request got through is not known.
    """
    user, _, password = credentials.partition(":")
    try:
        answer = httpx.request(method, url, json=body, auth=(user, password) if credentials else None, timeout=seconds)
    except httpx.TransportError as exc:
        raise Retryable(f"{url} cannot be reached ({str(exc) or type(exc).__name__})") from exc
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, None


def _host_header(address: WebAddress) -> str:
    return address.authority.removesuffix(f":{HTTPS_PORT}")


@contextmanager
def _told(address: WebAddress) -> Iterator[None]:
    """Errors of the client in our words."""
    try:
        yield
    except httpcore.TimeoutException as exc:
        raise Retryable(f"{address.shown} does not answer in time", hint="try again later") from exc
    except httpcore.NetworkError as exc:
        if "certificate" in str(exc).lower():
            hint = "check the address; SSL_CERT_FILE names a machine's own certificates"
            raise Permanent(f"{address.shown} shows a certificate that is not trusted", hint=hint) from exc
        raise Retryable(f"{address.shown} cannot be reached: {exc or type(exc).__name__}", hint="try again") from exc
    except httpcore.ProtocolError as exc:
        raise Retryable(f"{address.shown} gives an answer that breaks off or is no HTTP", hint="try again") from exc


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the checked addresses alone, and lets nothing last beyond the deadline."""

    def __init__(self, addresses: tuple[str, ...], deadline: float, clock: Callable[[], float]) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._clock = clock
        self._real: httpcore.NetworkBackend = httpcore.SyncBackend()

    def _left(self, timeout: float | None) -> float:
        """Seconds for the next step."""
        seconds = self._deadline - self._clock()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return seconds if timeout is None else min(timeout, seconds)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                return _TimedStream(self._real.connect_tcp(address, port, self._left(timeout)), self._left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failed = exc
        raise failed


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline: a server that drips bytes never resets the clock."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[float | None], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _TimedStream(secured, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
