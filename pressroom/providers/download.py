"""The guarded downloader: the only way by which media of the web come in.

https only, to public addresses only, and to the very address that was checked; redirects are checked like the first
address; size, time and type are bounded. Hosts of the operator's own network are named in a setting, as host:port.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pressroom.domain.errors import Corrupt, Invalid, Permanent, Refused, Retryable
from pressroom.domain.web_address import WebAddress
from pressroom.media.files.sniff import HEAD_BYTES, foreign_name, sniff
from pressroom.media.files.truncation import check_whole
from pressroom.providers.guard import Guard
from pressroom.providers.http.client import BROKEN_OFF, HttpTransport
from pressroom.providers.http.decoding import decoded
from pressroom.providers.http.messages import MAX_REDIRECTS, REDIRECTS, Answer, Question, Transport

HEADERS: Final = {"Accept": "image/*, video/*, audio/*, */*;q=0.5", "Accept-Encoding": "identity"}
_BUSY: Final = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that came in whole: what its bytes are, and where they came from, without the query."""

    path: Path
    mime: str
    size_bytes: int
    came_from: str


class Downloader:
    """Fetches one URL at a time."""

    def __init__(
        self,
        *,
        max_bytes: int,
        seconds: float,
        guard: Guard | None = None,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._guard = guard or Guard()
        self._transport = transport or HttpTransport(clock=clock)
        self._clock = clock

    def fetch(self, url: str, target: Path) -> Downloaded:
        """Write the media behind the URL to `target`, which is not there when this raises.

        Raises Invalid for a URL that may not be asked for, Refused for an address that is not public, Retryable when
        it may work later, Permanent when the server says no, Corrupt for a body that is too large or no media.
        """
        address = WebAddress.of(url, self._guard.private_hosts)
        deadline = self._clock() + self._seconds
        for _ in range(MAX_REDIRECTS + 1):
            question = Question(address, self._guard.addresses(address), HEADERS, deadline)
            with self._transport.ask(question) as answer:
                if answer.status not in REDIRECTS:
                    return self._saved(address, answer, target, deadline)
                address = self._next(address, answer)
        raise Permanent(f"{address.shown} redirects more than {MAX_REDIRECTS} times", hint="name the file itself")

    def _next(self, address: WebAddress, answer: Answer) -> WebAddress:
        location = answer.headers.get("location", "")
        if not location:
            raise Permanent(f"{address.shown} redirects to nowhere", hint="name the file itself")
        try:
            return address.redirected(location, self._guard.private_hosts)
        except Invalid as exc:
            raise Refused(f"{address.shown} redirects to where Pressroom does not go", hint=exc.message) from exc

    def _saved(self, address: WebAddress, answer: Answer, target: Path, deadline: float) -> Downloaded:
        _check_status(address, answer.status)
        _check_length(address, answer.headers.get("content-length", ""), self._max_bytes)
        size = 0
        try:
            with target.open("wb") as file:
                for chunk in decoded(address.shown, answer):
                    size += len(chunk)
                    _check_length(address, str(size), self._max_bytes)
                    if self._clock() > deadline:
                        raise Retryable(f"{address.shown} takes longer than {self._seconds:g} s", hint="try later")
                    file.write(chunk)
            mime = _type_of(address, target, answer.headers.get("content-type", ""))
        except BROKEN_OFF as exc:
            target.unlink(missing_ok=True)
            message = f"{address.shown} breaks off after {size:,} bytes"
            raise Retryable(message, hint="try again", broken_off=True) from exc
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return Downloaded(target, mime, size, address.shown)


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


def _type_of(address: WebAddress, path: Path, declared: str) -> str:
    """What the bytes are; a declared type of another kind is a mistake of somebody's, and whose cannot be known."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise Corrupt(f"{address.shown} is empty", hint="try again")
    found = sniff(head)
    said = declared.partition(";")[0].strip().lower()[:100]
    if found is None:
        what = foreign_name(head) or said or "something unknown"
        raise Corrupt(f"{address.shown} is {what}, no picture, video or sound that can be opened")
    kinds = {"image", "video", "audio"}
    if said.partition("/")[0] in kinds - {found.mime.partition("/")[0]}:
        raise Corrupt(f"{address.shown} says that it is {said}, but its bytes are {found.mime}")
    try:
        check_whole(path, found)
    except Corrupt as exc:
        # A connection that ends early is an answer without a length like any other.
        raise Corrupt(f"{address.shown} is not all there: {exc.message}", hint="try again") from exc
    return found.mime
