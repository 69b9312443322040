"""What a vendor's file supplies: pure conversations. They yield requests, get the responses, and return what those mean.

Nothing here or there sends, sleeps or reads a file: `pressroom.providers.http_vendor` carries the conversations out, for all
vendors in the same way, and says of errors what is true of all of them.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from pressroom.catalog.models import Model
from pressroom.catalog.shapes import Shape
from pressroom.providers.base import (
    UNSAID,
    Absent,
    Billed,
    Charge,
    Found,
    Listed,
    LostOrder,
    NoRecord,
    Order,
    Pending,
    PriceNow,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
)
from pressroom.providers.briefs import Brief
from pressroom.providers.http.messages import Request, Response, Upload

T = TypeVar("T")
Talk = Generator[Request, Response, T]


@dataclass(frozen=True, slots=True)
class Link:
    """A finished file at an address, https or data, from which it is fetched at once; `keyed` ones want the vendor's key."""

    url: str
    label: str = ""
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Inline:
    """A finished file in the answer itself; `mime` is what it is, where that is not to be seen in its bytes: words."""

    data: bytes
    label: str = ""
    mime: str = ""


Output = Link | Inline


@dataclass(frozen=True, slots=True)
class Answered:
    """The order was made and answered with its files, at once; under this name there, where the vendor lists it."""

    outputs: Sequence[Output]
    billed: Billed = UNSAID
    vendor_job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A vendor's no in its own words, and of which kind it is; `seconds` is when it wants to be asked again.

    `billed` says what the refusal itself cost, where the vendor says so; `why` is said by us, of an answer that is no good.
    """

    trouble: Trouble
    words: str = ""
    seconds: float | None = None
    billed: Billed = UNSAID
    why: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order with the catalog's row of its model, and what is to be sent of it.

    `fields` are the vendor's names and values for everything but files; `files` its names for the inputs, with one file each, or
    several where the parameter is a list. `shape` is what the vendor makes of the asked for size and length. `brief` is what a
    model that reads and writes is asked; `params` are the operation's, its defaults among them. Of an order that is looked for
    there are no files, but `sha256s`: the vendor's names of them, with each one's digest, empty for what is not known.
    """

    order: Order
    model: Model
    shape: Shape
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Upload | tuple[Upload, ...]] = field(default_factory=dict)
    callback_url: str = ""
    sha256s: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    brief: Brief | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class QuotesOrders(Protocol):
    """What the file of a vendor has, too, that can be asked for the price of an order."""

    def price(self, purchase: Purchase) -> Talk[PriceNow | None]:
        """What it costs now, for exactly these inputs or by the unit; its files are left out."""
        ...


@runtime_checkable
class TellsPrices(Protocol):
    """What the file of a vendor has, too, that can be asked for prices, last days or the models that it sells."""

    def listed(self, models: Sequence[Model]) -> Talk[Sequence[Listed]]:
        """What it says of these models of its own; harmless, buys nothing."""
        ...


@runtime_checkable
class SignsCalls(Protocol):
    """What the file of a vendor has, too, that signs all its calls with one secret, which can be asked for."""

    def signing_secret(self) -> Talk[str]:
        """What its calls are signed with, as `pressroom.providers.webhooks` reads it."""
        ...


class Denied(Exception):
    """What a conversation raises for a no inside an answer that is otherwise a success; `status` is the one that it stands for.

    Without one it is a definite no.
    """

    def __init__(self, said: Said, status: int | None = None) -> None:
        super().__init__(said.trouble)
        self.said = said
        self.status = status


class VendorApi(Protocol):
    """One vendor's contract. Each method is a conversation, or reads one answer."""

    def key_headers(self, key: str) -> Mapping[str, str]:
        """The headers that show the key; they go to the API's own host only."""
        ...

    def submit(self, purchase: Purchase) -> Talk[Pending | Answered]:
        """Uploads come first; exactly one request has `spends`, and what comes after it only reads."""
        ...

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        """Whether the order was taken; `age_seconds` is how long ago it may have been sent last."""
        ...

    def status(self, job: VendorJob, model: Model) -> Talk[Status]: ...

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        """The files of a job that has succeeded."""
        ...

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]: ...

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        """What the vendor's own record says that it charged; its requests may show another key (`Request.billing`)."""
        ...

    def refusal(self, response: Response) -> Said:
        """What an answer that is no success says."""
        ...

    def probe(self) -> Talk[str]:
        """The cheapest harmless call that shows whether the key works; returns whose key it is, where the vendor tells."""
        ...
