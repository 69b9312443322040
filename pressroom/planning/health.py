"""Which vendors are ailing, by how an account's newest orders went. Pure: orders, rows of the catalog and the time go in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pressroom.catalog.models import ProviderRow
from pressroom.domain.purchases import Outcome, RecentOrder


def looked_back_to(providers: Iterable[ProviderRow], now: datetime) -> datetime:
    """Since when orders count for the health of any vendor."""
    return now - timedelta(minutes=max((row.ailing_minutes for row in providers), default=0))


def ailing_vendors(
    orders: Sequence[RecentOrder], providers: Mapping[str, ProviderRow], now: datetime
) -> dict[str, str]:
    """Vendor -> why it is not chosen for new plans: so many of its orders in a row went wrong within its window.

    One order that was delivered ends it, and so does time.
    """
    found = {}
    for name, row in providers.items():
        since = now - timedelta(minutes=row.ailing_minutes)
        bad = _in_a_row([order for order in orders if order.provider == name and order.at >= since])
        if row.sells and len(bad) >= row.ailing_after:
            minutes = int((now - bad[0].at).total_seconds() // 60)
            when = "less than a minute ago" if minutes < 1 else f"{minutes} min ago"
            found[name] = f"its last {len(bad)} orders went wrong, the newest {when}"
    return found


def steps_staying(orders: Iterable[RecentOrder], campaign: str) -> frozenset[tuple[str, str]]:
    """(step, vendor) of what the campaign has ordered and may get: it is not bought elsewhere because a vendor is ailing."""
    return frozenset(
        (order.step, order.provider)
        for order in orders
        if order.campaign == campaign and order.unfinished and order.taken
    )


def _in_a_row(orders: Iterable[RecentOrder]) -> list[RecentOrder]:
    """The bad ones since the last good one, the newest first; those that say nothing are left out."""
    bad = []
    for order in sorted(orders, key=lambda order: order.at, reverse=True):
        if order.outcome is Outcome.GOOD:
            break
        if order.outcome is Outcome.BAD:
            bad.append(order)
    return bad
