"""Whether the catalog's prices are still true: which were read long ago, and what the vendors say today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from pressroom.catalog.models import CreditPack, Model, SubscriptionPlan
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import Principal
from pressroom.domain.meter import Meter
from pressroom.domain.money import usd_text
from pressroom.providers.base import Listed
from pressroom.providers.http_vendor import HttpVendor
from pressroom.services.providers import WHOSE, ProvidersContext

OLD_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class OldRow:
    """A row of the catalog that was read long ago."""

    name: str
    as_of: str
    days: int
    source: str


@dataclass(frozen=True, slots=True)
class WeakRow:
    """Something of the catalog that no page of its vendor's says: what it is, why it stands there, and where it is from."""

    name: str
    why: str
    source: str


class Change(StrEnum):
    """How a vendor's word differs from the catalog's."""

    DEARER = "dearer"
    CHEAPER = "cheaper"
    ENDS = "last day"
    NOT_SOLD = "not sold"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the catalog says of a model, and what its vendor says today, in words."""

    model: str
    change: Change
    catalog: str
    vendor: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What one vendor said: how many models it told of and what differs; or `error`, why it said nothing."""

    provider: str
    models: int = 0
    differences: tuple[Difference, ...] = ()
    error: str = ""


def old_rows(context: ProvidersContext, days: int = OLD_DAYS) -> list[OldRow]:
    """Models, plans and packs that are sold and were read more than so many days ago, the oldest first."""
    catalog, today = context.catalog, context.now().date()
    models = (row for row in catalog.models.values() if catalog.providers[row.provider].sells)
    rows: list[tuple[str, Model | SubscriptionPlan | CreditPack]] = [
        *((row.name, row) for row in models),
        *((f"plan {row.name}", row) for row in catalog.plans.values()),
        *((f"pack {row.name}", row) for row in catalog.packs.values()),
    ]
    found = [OldRow(name, row.as_of, (today - date.fromisoformat(row.as_of)).days, row.source) for name, row in rows]
    return sorted((row for row in found if row.days > days), key=lambda row: (-row.days, row.name))


def weak_rows(context: ProvidersContext) -> list[WeakRow]:
    """Models that are sold at a price that is not certain, and other guesses; a catalog file of one's own replaces any."""
    today = context.now().date()
    models = (row for row in context.catalog.models.values() if row.shutdown_on is None or row.shutdown_on > today)
    found = [WeakRow(row.name, row.notes or row.source, row.source) for row in models if row.weak]
    for provider in context.catalog.providers.values():
        found += [
            WeakRow(f"{provider.name} {name}", why, provider.limits_source) for name, why in provider.weak.items()
        ]
    return sorted(found, key=lambda row: row.name)


def ask_vendors(principal: Principal, context: ProvidersContext) -> list[Asked]:
    """Ask every vendor that has a key and can be asked; buys nothing and writes nothing."""
    principal.require_operator(WHOSE)
    rows = (row for row in context.catalog.providers.values() if row.keys and context.keys.origin(row.keys) is not None)
    return [asked for row in rows if (asked := _asked(context, row.name)) is not None]


def _asked(context: ProvidersContext, name: str) -> Asked | None:
    vendor = context.open_vendor(name, context.keys)
    if not isinstance(vendor, HttpVendor):
        return None
    try:
        listed = vendor.listed()
    except PressroomError as exc:
        return Asked(name, error=str(exc))
    return None if listed is None else _compared(context, name, listed)


def _compared(context: ProvidersContext, name: str, listed: Sequence[Listed]) -> Asked:
    models, today = context.catalog.models, context.now().date()
    found = [each for row in listed for each in _differences(models[f"{name}/{row.model}"], row, today)]
    return Asked(name, len({row.model for row in listed}), tuple(found))


def _differences(model: Model, listed: Listed, today: date) -> Iterator[Difference]:
    ended = model.shutdown_on is not None and model.shutdown_on <= today
    if not listed.sold:
        if not ended:
            yield Difference(model.name, Change.NOT_SOLD, "sold", "not in its list")
        return
    if listed.tells_ends and listed.ends_on != model.shutdown_on:
        yield Difference(model.name, Change.ENDS, _day(model.shutdown_on), _day(listed.ends_on))
    ours = _meter(model, listed, today)
    if listed.usd_micros is None or ours is None or ours.usd is None:
        return
    cost = ours.cost(listed.quantity, ours.usd)
    if cost != listed.usd_micros:
        change = Change.DEARER if listed.usd_micros > cost else Change.CHEAPER
        yield Difference(
            model.name, change, _price(cost, listed, ours.unit), _price(listed.usd_micros, listed, listed.unit)
        )


def _meter(model: Model, listed: Listed, today: date) -> Meter | None:
    """The catalog's price for what a vendor tells a price of; where it tells one for several of ours, the nearest."""
    ours = model.meter(listed.when, today)
    if ours.usd is not None or listed.usd_micros is None:
        return ours
    known = [price.meter for price in model.prices if price.usd is not None]
    return min(known, key=lambda meter: abs((meter.usd or 0) - (listed.usd_micros or 0)), default=None)


def _price(usd_micros: int, listed: Listed, unit: str) -> str:
    """`$0.003 / image`, `$0.50 / 5 second, resolution 720p`."""
    amount = f"{listed.quantity:g} {unit}" if listed.quantity != 1 else unit
    return ", ".join(
        [f"{usd_text(usd_micros)} / {amount}", *(f"{name} {value}" for name, value in listed.when.items())]
    )


def _day(day: date | None) -> str:
    return "none" if day is None else day.isoformat()
