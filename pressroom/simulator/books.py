"""What the simulated vendors have taken, made and charged: the truth that our own books are held against."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

PAGE: Final = 100  # orders on a page of a list, as at Replicate and fal


@dataclass(frozen=True, slots=True)
class Sold:
    """One order at one vendor. `usd_micros` is what is charged for it, None until it is charged; `facts` are the vendor's own."""

    vendor: str
    id: str
    model: str
    fields: Mapping[str, Any]
    created_at: float
    ready_at: float
    state: str = "running"
    usd_micros: int | None = None
    error: str = ""
    files: tuple[Path, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


class Books:
    """All orders of all vendors, oldest first; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._sold: dict[tuple[str, str], Sold] = {}

    def take(self, sold: Sold) -> Sold:
        with self._lock:
            self._sold[sold.vendor, sold.id] = sold
            return sold

    def find(self, vendor: str, name: str) -> Sold | None:
        with self._lock:
            return self._sold.get((vendor, name))

    def change(self, sold: Sold, change: Callable[[Sold], Sold]) -> Sold:
        """The order after a change that is made once, whoever asks at the same time."""
        with self._lock:
            changed = change(self._sold[sold.vendor, sold.id])
            self._sold[sold.vendor, sold.id] = changed
            return changed

    def of(self, vendor: str) -> list[Sold]:
        with self._lock:
            return [sold for sold in self._sold.values() if sold.vendor == vendor]

    def all(self) -> list[Sold]:
        with self._lock:
            return list(self._sold.values())

    def bill(self) -> dict[str, Any]:
        """Vendor -> total and jobs, in micro-USD."""
        with self._lock:
            vendors = dict.fromkeys(vendor for vendor, _ in self._sold)
        return {vendor: _bill_of(self.of(vendor)) for vendor in vendors}


def charged(sold: Sold, usd_micros: int) -> Sold:
    return sold if sold.usd_micros is not None else replace(sold, usd_micros=usd_micros)


def _bill_of(sold: list[Sold]) -> dict[str, Any]:
    jobs = [
        {"id": each.id, "model": each.model, "state": each.state, "usd_micros": each.usd_micros or 0} for each in sold
    ]
    return {"usd_micros": sum(each.usd_micros or 0 for each in sold), "jobs": jobs}


def page_of(sold: Sequence[Sold], cursor: str = "") -> tuple[list[Sold], str]:
    """A page of orders, newest first, that follows the order `cursor`; and the cursor of the next page, empty at the end."""
    newest = list(reversed(sold))
    start = next((number for number, each in enumerate(newest, 1) if each.id == cursor), 0)
    page = newest[start : start + PAGE]
    return page, page[-1].id if start + PAGE < len(newest) else ""
