"""Calendar months in UTC, written like 2026-11: what subscriptions count by."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final

from pressroom.domain.errors import Invalid

# What helps where a budget of a month is spent: an account's, a campaign's.
OTHER_MONTH: Final = {
    "account": "wait for the next month, or raise it: pressroom account budget",
    "campaign": "wait for the next month, or raise budget.month",
}
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def month_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


def bounds_of(month: str) -> tuple[datetime, datetime]:
    """When a month begins, and when the next does. Raises Invalid for another form."""
    year, number = map(int, checked_month(month).split("-"))
    begins, ends = datetime(year, number, 1, tzinfo=UTC), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return begins, ends


def midnight(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), UTC)


def checked_month(month: str) -> str:
    """Raises Invalid for another form."""
    if not _MONTH.fullmatch(month):
        raise Invalid(f"not a month: {month!r}", hint="write it like 2026-11")
    return month
