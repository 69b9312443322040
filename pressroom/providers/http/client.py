"""The one module that imports an HTTP client: everything that Pressroom asks of the network goes through here."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

import httpcore
import httpx

from pressroom.domain.errors import AnswerLost, Corrupt, Permanent, PressroomError, Retryable
from pressroom.domain.web_address import WebAddress
from pressroom.providers.base import FREE_OF_CHARGE
from pressroom.providers.guard import Guard
from pressroom.providers.http.decoding import decoded
from pressroom.providers.http.messages import Answer, Question, Request, Response, Upload

STEP_SECONDS: Final = 15.0  # longest wait for the next bytes, for a connection, for a handshake
MAX_CONNECTIONS: Final = 32  # of one vendor, kept or in use
# Shorter than servers keep them, so that an order does not go out on a connection that is being closed.
KEPT_SECONDS: Final = 4.0
MAX_ANSWER_BYTES: Final = 200_000_000  # an API's own answer; what it points to is downloaded


@dataclass(frozen=True, slots=True)
class Libraries:
    """A client that builds requests, and its engine that sends them: httpx and httpcore, or what follows them."""

    client: ModuleType = httpx
    engine: ModuleType = httpcore


STANDARD: Final = Libraries()
# What reading an answer raises, before it is told in our words.
BROKEN_OFF: Final = (httpcore.NetworkError, httpcore.ProtocolError)  # before its end
HTTP_ERRORS: Final = (httpcore.TimeoutException, *BROKEN_OFF)


class HttpTransport:
    """For addresses that others name. No proxy, no redirect, no cookie, of the environment the certificates alone."""

    def __init__(self, trust: ssl.SSLContext | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._trust = trust
        self._clock = clock

    @contextmanager
    def ask(self, question: Question) -> Iterator[Answer]:
        address = question.address
        length = {"Content-Length": str(len(question.body))} if question.body else {}
        headers = {"Host": address.host_header, "User-Agent": "pressroom", **question.headers, **length}
        request = httpcore.Request(
            question.method,
            _engine_url(httpcore, address),
            headers=_encoded(headers),
            content=question.body,
            extensions=_timeouts(STEP_SECONDS),
        )
        deadline = _Deadline(self._clock)
        backend = _Backend(httpcore, lambda host, port: question.connect_to, deadline)
        trust = self._trust or trusted_certificates()
        with (
            deadline.at(question.deadline),
            _told(httpcore, address),
            httpcore.ConnectionPool(ssl_context=trust, network_backend=backend) as pool,
        ):
            response = pool.handle_request(request)
            try:
                yield Answer(response.status, _decoded(response.headers), response.iter_stream())
            finally:
                response.close()


class ApiClient:
    """The connections to one vendor's API, kept open between requests; for several threads.

    Orders go over HTTP/1.1, each on a connection of its own while it lasts: on a shared one the time-out of one would lose the
    answers of all. What only reads shares HTTP/2 connections where the vendor speaks it. `hosts` are the vendor's other
    addresses, by name; what is asked of one that is not among them goes to the base.
    """

    def __init__(
        self,
        base: WebAddress,
        guard: Guard,
        *,
        trust: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        libraries: Libraries = STANDARD,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        hosts: Mapping[str, WebAddress] | None = None,
        key_hosts: Sequence[str] = (),
    ) -> None:
        self._base = base
        self._hosts = hosts or {}
        self._key_hosts = key_hosts
        self._guard = guard
        self._trust = trust
        self._clock = clock
        self._libraries = libraries
        self._max_answer_bytes = max_answer_bytes
        self._deadline = _Deadline(clock)
        self._pools: dict[bool, Any] = {}
        self._lock = threading.Lock()

    def send(self, request: Request, key_headers: Mapping[str, str]) -> Response:
        """The whole answer, whatever its status; `key_headers` go to the vendor's own host only.

        Raises Refused for a host that may not be connected to, Permanent where it cannot be trusted, Retryable where nobody
        answers and nothing was ordered, AnswerLost where an order may have arrived, Corrupt for an answer without end.
        """
        address = self._address(request)
        own = key_headers if not request.elsewhere or self._takes_the_key(address) else {}
        started = self._clock()
        with ExitStack() as stack, self._deadline.at(started + request.seconds), _left(request), _lost(request):
            asked = self._built(request, address, {**own, **request.headers}, stack)
            with _told(self._libraries.engine, address):
                response = self._pool(request.spends).handle_request(asked)
                try:
                    answer = Answer(response.status, _decoded(response.headers), response.iter_stream())
                    return Response(answer.status, answer.headers, self._body(answer, address))
                finally:
                    response.close()

    def close(self) -> None:
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def _address(self, request: Request) -> WebAddress:
        if not request.elsewhere:
            return self._hosts.get(request.host, self._base).below(request.path, request.query)
        return WebAddress.of(request.path, self._guard.private_hosts)

    def _takes_the_key(self, address: WebAddress) -> bool:
        """Whether a whole URL is the vendor's own API."""
        if (address.scheme, address.authority) == (self._base.scheme, self._base.authority):
            return True
        return address.scheme == "https" and any(fnmatch(address.host, pattern) for pattern in self._key_hosts)

    def _built(self, request: Request, address: WebAddress, headers: Mapping[str, str], stack: ExitStack) -> Any:
        shown = {"User-Agent": "pressroom", "Accept-Encoding": "identity", **headers, "Host": address.host_header}
        if isinstance(request.content, Upload):
            shown = {"Content-Type": request.content.mime, **shown}
        built = self._libraries.client.Request(request.method, address.url, headers=shown, **_body_of(request, stack))
        engine = self._libraries.engine
        return engine.Request(
            request.method,
            _engine_url(engine, address),
            headers=built.headers.raw,
            content=built.stream,
            extensions=_timeouts(request.seconds),
        )

    def _body(self, answer: Answer, address: WebAddress) -> bytes:
        chunks, size = [], 0
        for chunk in decoded(address.shown, answer):
            size += len(chunk)
            if size > self._max_answer_bytes:
                message = f"{address.shown} answers with more than {self._max_answer_bytes:,} bytes"
                raise Corrupt(message, hint="the limit for answers of an API")
            chunks.append(chunk)
        return b"".join(chunks)

    def _pool(self, spends: bool) -> Any:
        with self._lock:
            if spends not in self._pools:
                self._pools[spends] = self._libraries.engine.ConnectionPool(
                    ssl_context=self._trust or trusted_certificates(shared=not spends),
                    http1=True,
                    http2=not spends,
                    max_connections=MAX_CONNECTIONS,
                    keepalive_expiry=KEPT_SECONDS,
                    network_backend=_Backend(self._libraries.engine, self._checked, self._deadline),
                )
            return self._pools[spends]

    def _checked(self, host: str, port: int) -> tuple[str, ...]:
        return self._guard.addresses(WebAddress(host, port, "/"))


def trusted_certificates(*, shared: bool = False) -> ssl.SSLContext:
    """Those of certifi, or of SSL_CERT_FILE and SSL_CERT_DIR where a machine has its own; read once for each setting.

    One of its own for `shared` connections: which versions of HTTP are offered stands in the context.
    """
    return _read_certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), shared)


@lru_cache(maxsize=8)
def _read_certificates(_file: str | None, _folder: str | None, _shared: bool) -> ssl.SSLContext:
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


def _body_of(request: Request, stack: ExitStack) -> dict[str, Any]:
    """The client's words for the body; files stay open while the stack does."""
    if request.json is not None:
        return {"json": request.json}
    if isinstance(request.content, Upload):
        file = stack.enter_context(request.content.path.open("rb"))
        return {"content": file}
    if request.content is not None:
        return {"content": request.content}
    if request.form is None:
        return {}
    return {"files": [part for name, value in request.form.items() for part in _parts(name, value, stack)]}


def _parts(name: str, value: str | Upload | tuple[Upload, ...], stack: ExitStack) -> Iterator[tuple[str, Any]]:
    """A form's parts of one name: words as a file without a name, so that a form without any file is multipart too."""
    if isinstance(value, str):
        yield name, (None, value)
        return
    for file in value if isinstance(value, tuple) else (value,):
        yield name, (file.name or file.path.name, stack.enter_context(file.path.open("rb")), file.mime)


def _engine_url(engine: ModuleType, address: WebAddress) -> Any:
    return engine.URL(
        scheme=address.scheme.encode(), host=address.host.encode(), port=address.port, target=address.target.encode()
    )


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _decoded(headers: Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _timeouts(read_seconds: float) -> dict[str, Any]:
    return {"timeout": {**dict.fromkeys(("connect", "write", "pool"), STEP_SECONDS), "read": read_seconds}}


@contextmanager
def _told(engine: ModuleType, address: WebAddress) -> Iterator[None]:
    """Errors of the client in our words; the field `unsent` says that no byte of the request has left."""
    unsent = (engine.ConnectError, engine.ConnectTimeout, engine.PoolTimeout)
    try:
        yield
    except engine.TimeoutException as exc:
        message, hint = f"{address.shown} does not answer in time", "try again later"
        raise Retryable(message, hint=hint, unsent=isinstance(exc, unsent)) from exc
    except engine.NetworkError as exc:
        if "certificate" in str(exc).lower():
            hint = "check the address; SSL_CERT_FILE names a machine's own certificates"
            message = f"{address.shown} shows a certificate that is not trusted"
            raise Permanent(message, hint=hint, unsent=True) from exc
        message = f"{address.shown} cannot be reached: {exc or type(exc).__name__}"
        raise Retryable(message, hint="try again", unsent=isinstance(exc, unsent)) from exc
    except engine.ProtocolError as exc:
        raise Retryable(f"{address.shown} gives an answer that breaks off or is no HTTP", hint="try again") from exc


@contextmanager
def _left(request: Request) -> Iterator[None]:
    """What never left cost nothing."""
    try:
        yield
    except Permanent as exc:
        if request.spends and exc.fields.get("unsent"):
            exc.fields["billed"] = FREE_OF_CHARGE
        raise


@contextmanager
def _lost(request: Request) -> Iterator[None]:
    """An order that may have arrived is lost, whatever else the error would be."""
    try:
        yield
    except (Retryable, Corrupt) as exc:
        if not request.spends or exc.fields.get("unsent"):
            raise
        raise AnswerLost(exc.message) from exc


class _Deadline:
    """When the answer that this thread waits for must be there."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._local = threading.local()

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        before = getattr(self._local, "moment", None)
        self._local.moment = moment
        try:
            yield
        finally:
            self._local.moment = before

    def left(self, timeout: float | None, late: type[Exception]) -> float:
        """Seconds for the next step."""
        moment = getattr(self._local, "moment", None)
        if moment is None:
            return STEP_SECONDS if timeout is None else timeout
        seconds = float(moment - self._clock())
        if seconds <= 0:
            raise late("the deadline has passed")
        return seconds if timeout is None else min(timeout, seconds)


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses alone, and lets nothing last beyond the deadline."""

    def __init__(
        self, engine: ModuleType, addresses: Callable[[str, int], tuple[str, ...]], deadline: _Deadline
    ) -> None:
        self._engine = engine
        self._addresses = addresses
        self._deadline = deadline
        self._real = engine.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> Any:
        failed: Exception = self._engine.ConnectError("no address")
        for address in self._found(host, port):
            try:
                left = self._deadline.left(timeout, self._engine.ConnectTimeout)
                return _TimedStream(self._engine, self._real.connect_tcp(address, port, left), self._deadline)
            except (self._engine.ConnectError, self._engine.ConnectTimeout) as exc:
                failed = exc
        raise failed

    def _found(self, host: str, port: int) -> tuple[str, ...]:
        try:
            return self._addresses(host, port)
        except PressroomError as exc:
            exc.fields["unsent"] = True
            raise


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline: a server that drips bytes never resets the clock."""

    def __init__(self, engine: ModuleType, stream: Any, deadline: _Deadline) -> None:
        self._engine = engine
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        found: bytes = self._stream.read(max_bytes, self._deadline.left(timeout, self._engine.ReadTimeout))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout, self._engine.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Any:
        left = self._deadline.left(timeout, self._engine.ConnectTimeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(self._engine, secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
