"""How fast models have been, by an account's own orders. Pure: the orders go in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from pressroom.domain.purchases import Outcome, RecentOrder

LOOKED_BACK: Final = timedelta(days=30)
LEAST_DELIVERED: Final = 5  # below which the catalog's time is the better guess


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a model: by how much longer than listed its orders took (the median), and how many of them were delivered."""

    factor: float
    orders: int
    delivered: int

    def seconds(self, listed: float) -> float:
        """Until there is a file, where an order takes so long by the catalog: those that fail take their time, too."""
        return listed * self.factor * self.orders / self.delivered


def speeds_of(orders: Iterable[RecentOrder]) -> dict[str, Speed]:
    """Model -> how fast it has been, of those that have delivered often enough."""
    ended: dict[str, list[RecentOrder]] = {}
    for order in orders:
        if order.outcome in (Outcome.GOOD, Outcome.BAD):
            ended.setdefault(order.model, []).append(order)
    found = {name: _speed(each) for name, each in ended.items()}
    return {name: speed for name, speed in found.items() if speed is not None}


def _speed(orders: list[RecentOrder]) -> Speed | None:
    factors = [
        order.took_seconds / order.listed_seconds for order in orders if order.took_seconds and order.listed_seconds
    ]
    bad = sum(order.outcome is Outcome.BAD for order in orders)
    return Speed(median(factors), len(factors) + bad, len(factors)) if len(factors) >= LEAST_DELIVERED else None
