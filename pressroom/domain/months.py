"""Calendar months in UTC, written like 2026-11: what subscriptions count by."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from pressroom.domain.errors import Invalid

_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def month_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


def checked_month(month: str) -> str:
    """Raises Invalid for another form."""
    if not _MONTH.fullmatch(month):
        raise Invalid(f"not a month: {month!r}", hint="write it like 2026-11")
    return month
