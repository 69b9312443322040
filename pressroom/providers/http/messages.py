"""What is asked over HTTP and what is answered, as values: vendors' files build and read them, nobody sends here."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from pressroom.domain.errors import Retryable
from pressroom.domain.web_address import WebAddress

REDIRECTS: Final = (301, 302, 303, 307, 308)
MAX_REDIRECTS: Final = 5
_NO_JSON: Final = (ValueError, RecursionError)  # lists in lists, thousands deep, are none that anybody means


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask for or send, and the addresses that were checked: the only ones that are connected to, in this order."""

    address: WebAddress
    connect_to: tuple[str, ...]
    headers: Mapping[str, str]
    deadline: float  # of the transport's clock: the whole answer must be there by then
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by small name, and the body as it comes, neither decoded nor followed anywhere."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Transport(Protocol):
    """Asks one question. Raises Retryable when nobody answers in time, Permanent when what answers cannot be trusted."""

    def ask(self, question: Question) -> AbstractContextManager[Answer]: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of this machine in a multipart form or as a whole body; it is read while it is sent."""

    path: Path
    mime: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a vendor's API; it has one body at most: `json`, `form` (multipart where it has files), or `content`.

    `path` is below the vendor's base address, or below another of its own (`host`, as its row names it), and gets the vendor's
    key; a whole URL, which has its query in itself, only gets it at the base's host or at one that the row names. `spends` marks
    the one that places an order: it is sent once. `answers` are statuses that are answers too, beside those of success.
    `seconds` is how long its answer may take. `billing` asks about money: it shows the key that may, where there is one.
    `keyless` asks for what anybody may read: it shows none.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str | Upload | tuple[Upload, ...]] | None = None
    content: bytes | Upload | None = None
    host: str = ""
    spends: bool = False
    billing: bool = False
    keyless: bool = False
    answers: Container[int] = ()
    seconds: float = 60.0

    @property
    def elsewhere(self) -> bool:
        return "://" in self.path


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; headers by small name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def mime(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body's value. Raises Retryable for what is no JSON: a page of some gateway on the way."""
        try:
            return json.loads(self.body)
        except _NO_JSON as exc:
            shown = self.mime or "something without a type"
            raise Retryable(
                f"the answer is no JSON but {shown} (status {self.status})", hint="try again later"
            ) from exc

    def json_or_none(self) -> Any:
        try:
            return json.loads(self.body)
        except _NO_JSON:
            return None
