from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pressroom.domain.errors import Invalid
from pressroom.domain.months import checked_month, month_of


def test_a_month_is_that_of_london_not_of_where_the_clock_hangs() -> None:
    tokyo = timezone(timedelta(hours=9))

    assert month_of(datetime(2026, 12, 1, 8, tzinfo=tokyo)) == "2026-11"
    assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == "2026-12"


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "26-11", "2026-11-01", "november", "2026-11\n", "２０２６-11", ""]
)
def test_a_month_has_one_form(month: str) -> None:
    assert checked_month("2026-11") == "2026-11"

    with pytest.raises(Invalid, match="not a month"):
        checked_month(month)
