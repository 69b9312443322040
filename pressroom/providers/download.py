"""The guarded downloader: the only way by which media of the web come in.

https only, to public addresses only, and to the very address that was checked; redirects are checked like the first
address; size, time and type are bounded. Hosts of the operator's own network are named in a setting, as host:port.
"""

from __future__ import annotations

import ipaddress
import socket
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pressroom.domain.errors import Corrupt, Invalid, Permanent, Refused, Retryable
from pressroom.domain.web_address import WebAddress
from pressroom.media.files.sniff import HEAD_BYTES, foreign_name, sniff
from pressroom.providers.http import Answer, HttpTransport, Question, Transport

MAX_REDIRECTS: Final = 5
HEADERS: Final = {"Accept": "image/*, video/*, audio/*, */*;q=0.5", "Accept-Encoding": "identity"}
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_BUSY: Final = (408, 425, 429, 500, 502, 503, 504)
_INFLATED_BYTES: Final = 1 << 16  # at a time
_GZIP_OR_ZLIB: Final = 47  # zlib's window bits for either of them
# What `is_global` lets pass: Azure's WireServer, which answers virtual machines with their secrets; addresses of
# protocols, among them Oracle's metadata (older Pythons know only a part of them as private); local-use NAT64.
_CLOSED: Final = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48")))
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came in whole: what its bytes are, and where they came from, without the query."""

    path: Path
    mime: str
    size_bytes: int
    came_from: str


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine sees it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Downloader:
    """Fetches one URL at a time. `private_hosts` are host:port pairs that may have addresses which are not public."""

    def __init__(
        self,
        *,
        max_bytes: int,
        seconds: float,
        private_hosts: frozenset[str] = frozenset(),
        resolve: Resolve = system_resolve,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._transport = transport or HttpTransport(clock=clock)
        self._clock = clock

    def fetch(self, url: str, target: Path) -> Downloaded:
        """Write the media behind the URL to `target`, which is not there when this raises.

        Raises Invalid for a URL that may not be asked for, Refused for an address that is not public, Retryable when
        it may work later, Permanent when the server says no, Corrupt for a body that is too large or no media.
        """
        address = WebAddress.of(url)
        deadline = self._clock() + self._seconds
        for _ in range(MAX_REDIRECTS + 1):
            question = Question(address, self._checked(address), HEADERS, deadline)
            with self._transport.ask(question) as answer:
                if answer.status not in _REDIRECTS:
                    return self._saved(address, answer, target, deadline)
                address = _next(address, answer)
        raise Permanent(f"{address.shown} redirects more than {MAX_REDIRECTS} times", hint="name the file itself")

    def _checked(self, address: WebAddress) -> tuple[str, ...]:
        """The addresses to connect to: resolved once, and all of them public. Raises Refused."""
        try:
            found = tuple(self._resolve(address.host, address.port))
        except (OSError, UnicodeError) as exc:
            raise Retryable(f"the host {address.host} cannot be found", hint="check the address, try again") from exc
        if not found:
            raise Retryable(f"the host {address.host} has no address", hint="check the address, try again")
        if address.authority not in self._private_hosts and not all(map(is_public, found)):
            hint = f"the operator may allow exactly {address.authority} with the setting 'private_hosts'"
            raise Refused(f"{address.shown} has an address that is not public", hint=hint)
        return found

    def _saved(self, address: WebAddress, answer: Answer, target: Path, deadline: float) -> Downloaded:
        _check_status(address, answer.status)
        _check_length(address, answer.headers.get("content-length", ""), self._max_bytes)
        try:
            with target.open("wb") as file:
                size = 0
                for chunk in _decoded(address, answer):
                    size += len(chunk)
                    _check_length(address, str(size), self._max_bytes)
                    if self._clock() > deadline:
                        raise Retryable(f"{address.shown} takes longer than {self._seconds:g} s", hint="try later")
                    file.write(chunk)
            mime = _type_of(address, target, answer.headers.get("content-type", ""))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return Downloaded(target, mime, size, address.shown)


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet: not private, local, shared, reserved, multicast or for metadata."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    inner = _embedded(address)
    if inner is not None:
        return is_public(str(inner))
    closed = (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or any(address in network for network in _CLOSED)
    )
    return address.is_global and not closed


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _next(address: WebAddress, answer: Answer) -> WebAddress:
    location = answer.headers.get("location", "")
    if not location:
        raise Permanent(f"{address.shown} redirects to nowhere", hint="name the file itself")
    try:
        return address.redirected(location)
    except Invalid as exc:
        raise Refused(f"{address.shown} redirects to where Pressroom does not go", hint=exc.message) from exc


def _check_status(address: WebAddress, status: int) -> None:
    if status in _BUSY:
        raise Retryable(f"{address.shown} answers with status {status}", hint="try again later")
    if status != 200:
        raise Permanent(f"{address.shown} answers with status {status}", hint="check the address in a browser")


def _check_length(address: WebAddress, length: str, max_bytes: int) -> None:
    if length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise Corrupt(
            f"{address.shown} is larger than {max_bytes:,} bytes", hint="use a smaller file or raise limits.max_bytes"
        )


def _decoded(address: WebAddress, answer: Answer) -> Iterator[bytes]:
    """The body without its content encoding, in pieces of bounded size; encodings were not asked for."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        yield from answer.chunks
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _inflated(answer.chunks)
        except zlib.error as exc:
            raise Corrupt(f"{address.shown} sends a body that is no {encoding}", hint="try again") from exc
    else:
        raise Permanent(f"{address.shown} sends the encoding {encoding[:40]!r}, which nobody asked for")


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    for chunk in chunks:
        rest = chunk
        while rest and not stream.eof:
            yield stream.decompress(rest, _INFLATED_BYTES)
            rest = stream.unconsumed_tail
    if not stream.eof:
        raise zlib.error("cut off")


def _type_of(address: WebAddress, path: Path, declared: str) -> str:
    """What the bytes are; a declared type of another kind is a mistake of somebody's, and whose cannot be known."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = sniff(head)
    said = declared.partition(";")[0].strip().lower()[:100]
    if found is None:
        what = foreign_name(head) or said or "something unknown"
        raise Corrupt(f"{address.shown} is {what}, no picture, video or sound that can be opened")
    kinds = {"image", "video", "audio"}
    if said.partition("/")[0] in kinds - {found.mime.partition("/")[0]}:
        raise Corrupt(f"{address.shown} says that it is {said}, but its bytes are {found.mime}")
    return found.mime
