"""What buying needs, in one frozen value: the journal's database, the store, the vendors, their prices, a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pressroom.catalog.models import Model, ProviderRow
from pressroom.database.engine import Database
from pressroom.domain.errors import Permanent
from pressroom.domain.events import Event
from pressroom.providers.base import Vendor
from pressroom.storage.base import ObjectStore

# How long a job is waited for at most.
DEADLINE = timedelta(minutes=30)


@dataclass(frozen=True, eq=False, slots=True)
class Market:
    """`models` and `providers` are the catalog's rows by name; `now` is an aware clock.

    `recordable` takes secrets out of an error's text; `emit` tells what has happened, once it is committed.
    """

    database: Database
    store: ObjectStore
    vendors: Mapping[str, Vendor]
    models: Mapping[str, Model]
    providers: Mapping[str, ProviderRow]
    now: Callable[[], datetime]
    recordable: Callable[[str], str] = str
    emit: Callable[[Event], None] = lambda event: None

    def vendor(self, name: str) -> Vendor:
        """Raises Permanent for one that this installation does not know."""
        if name not in self.vendors:
            raise Permanent(f"no vendor {name!r} is known here", hint=f"vendors: {', '.join(self.vendors)}")
        return self.vendors[name]

    def charged_on_refusal(self, maker: str) -> str:
        """Whether this model is charged for where nothing is delivered: yes, no or unknown."""
        model = self.models.get(maker)
        return "unknown" if model is None else model.charged_on_refusal

    def after(self, seconds: float) -> datetime:
        return self.now() + timedelta(seconds=seconds)
