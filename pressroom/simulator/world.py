"""What all simulated vendors share: books, faults, a workshop, a clock, and how orders become files and bills."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from pressroom.catalog.models import Model
from pressroom.domain.errors import Corrupt, Permanent
from pressroom.providers.simulator.vendor import OVERCHARGE_FACTOR
from pressroom.simulator.books import Books, Sold, charged
from pressroom.simulator.calls import Calls
from pressroom.simulator.faults import Faults
from pressroom.simulator.workshop import Workshop, files_in, stated, used

FORBIDDEN_URL: Final = "https://169.254.169.254/latest/meta-data"


class Dropped(BaseException):
    """The connection is to break without an answer; no Exception, to which web frameworks have an answer."""


@dataclass
class World:
    """`latency_seconds` is how long a job takes; `files_url` is where finished files are served, on another port.

    `price_factors` are models whose prices have changed by so much, `last_days` those that end, both by their names.
    """

    workshop: Workshop
    faults: Faults
    latency_seconds: float = 1.0
    files_url: str = ""
    clock: Callable[[], float] = time.time
    books: Books = field(default_factory=Books)
    uploads: dict[str, Path] = field(default_factory=dict)  # address -> what was uploaded there
    price_factors: dict[str, float] = field(default_factory=dict)
    last_days: dict[str, date] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)

    def take(self, vendor: str, row: Model, fields: Mapping[str, Any], name: str, facts: Mapping[str, Any]) -> Sold:
        """The order is taken: from here on it is sold."""
        now = self.clock()
        fault = self.faults.draw(vendor, "job")
        ready = now + self.latency_seconds
        sold = Sold(vendor, name, row.name, dict(fields), now, ready, facts={**facts, "fault": fault})
        # Some charge an order when they take it, whatever becomes of it.
        return self.books.take(charged(sold, self.price(sold)) if facts.get("charged_at_once") else sold)

    def bill(self) -> dict[str, Any]:
        """What each vendor has charged by now, asked for or not."""
        for sold in self.books.all():
            self.look(sold)
        return self.books.bill()

    def look(self, sold: Sold) -> Sold:
        """The order as it is now: made and charged when its time has come."""
        if sold.state != "running" or self.clock() < sold.ready_at:
            return sold
        return self.books.change(sold, self._finished)

    def cancel(self, sold: Sold, *, free: bool = False) -> Sold:
        """The order after it was stopped, where it still ran; `free` says that such a one is not charged."""
        if self.look(sold).state != "running":
            return self.look(sold)
        usd = 0 if free else self.price(sold)
        return self.books.change(sold, lambda each: charged(replace(each, state="cancelled"), usd))

    def charged_in(self, vendor: str, since: float, until: float) -> list[Sold]:
        """The orders that were charged in this time, in seconds of the epoch, oldest first."""
        found = [self.look(sold) for sold in self.books.of(vendor)]
        return [sold for sold in found if sold.usd_micros and since <= sold.ready_at < until]

    def price(self, sold: Sold, made: Sequence[Path] = ()) -> int:
        """In micro-USD: what the vendor counted itself, else what the catalog says of what was ordered."""
        usd = sold.facts.get("usd_micros")
        usd = self._listed(sold, made) if usd is None else int(usd)
        return usd * OVERCHARGE_FACTOR if sold.facts["fault"] == "overcharge" else usd

    def _listed(self, sold: Sold, made: Sequence[Path]) -> int:
        row = self.workshop.catalog.models[sold.model]
        files = self.files_of(row, sold.fields)
        return self._priced(row, *used(row, sold.fields, files, made, self.workshop.limits))

    def last_day(self, row: Model) -> date | None:
        return self.last_days.get(row.name, row.shutdown_on)

    def listed(self, row: Model, fields: Mapping[str, Any]) -> int:
        """The price of an order with these inputs, in micro-USD, without what only its files tell."""
        return self._priced(row, *stated(row, fields))

    def unit_price(self, row: Model) -> int:
        """The price of one unit, in micro-USD, where conditions do not make another."""
        return round((row.prices[0].usd or 0) * self.price_factors.get(row.name, 1.0))

    def _priced(self, row: Model, units: Mapping[str, float], facts: Mapping[str, Any]) -> int:
        meter = row.meter(facts, date.today())
        cost = meter.cost(units.get(meter.unit, 1.0), meter.usd or 0)
        return round(cost * self.price_factors.get(row.name, 1.0))

    def address_of(self, path: Path) -> str:
        """Where a finished file is served."""
        return f"{self.files_url}/{path.relative_to(self.workshop.folder)}"

    def seller_of(self, path: Path) -> str:
        """The vendor whose finished file this is; empty for what is nobody's."""
        return next((sold.vendor for sold in self.books.all() if path in map(Path.resolve, sold.files)), "")

    def link_of(self, sold: Sold, path: Path) -> str:
        """The address of a finished file that the order's answer names: by a fault one that is not to be connected to."""
        return FORBIDDEN_URL if sold.facts["fault"] == "forbidden" else self.address_of(path)

    def keep_upload(self, url: str, data: bytes, suffix: str = "") -> Path:
        path = self.workshop.folder / f"upload-{secrets.token_hex(8)}{suffix}"
        path.write_bytes(data)
        self.uploads[url] = path
        return path

    def files_of(self, row: Model, fields: Mapping[str, Any]) -> dict[str, Path]:
        """What an order sent along. Raises Permanent for an address that nobody here has uploaded to."""
        return {name: self._file(url) for name, url in files_in(row, fields).items()}

    def _file(self, url: str) -> Path:
        if url.startswith("data:"):
            head, _, body = url.partition(",")
            data = base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)
            return self.keep_upload(f"data:{secrets.token_hex(8)}", data)
        if url not in self.uploads:
            raise Permanent("this address cannot be fetched")
        return self.uploads[url]

    def _finished(self, sold: Sold) -> Sold:
        if sold.state != "running":
            return sold
        if sold.facts["fault"] == "fail":
            return charged(replace(sold, state="failed", error="the model failed"), 0)
        row = self.workshop.catalog.models[sold.model]
        try:
            files, more = self.files_of(row, sold.fields), sold.facts.get("params", {})
            made = self.workshop.make(row, sold.fields, files, sold.id, more)
        except (Permanent, Corrupt, ValueError) as exc:
            return charged(replace(sold, state="failed", error=str(exc)), 0)
        done = charged(replace(sold, state="succeeded", files=made), self.price(sold, made))
        if sold.facts["fault"] == "moderated_after":
            return replace(done, state="moderated", files=())
        return done


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
