"""Hours of a time zone as moments, through both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.opening import Opening, Window, moment_of


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        ("22:00-06:00 Europe/Berlin", "2026-11-30 12:00", "2026-11-30 21:00"),  # by day it waits for the evening
        ("22:00-06:00 Europe/Berlin", "2026-11-30 23:30", "2026-11-30 23:30"),  # over midnight it is open
        ("22:00-06:00 Europe/Berlin", "2026-12-01 04:59", "2026-12-01 04:59"),
        ("22:00-06:00 Europe/Berlin", "2026-12-01 05:00", "2026-12-01 21:00"),  # the end is outside
        ("9:00-17:30 America/New_York", "2026-07-01 12:00", "2026-07-01 13:00"),
        ("09:00-17:30 Asia/Kolkata", "2026-07-01 12:00", "2026-07-02 03:30"),
        ("09:00-10:00 Pacific/Auckland", "2026-11-30 12:00", "2026-11-30 20:00"),
        # Berlin, spring: 02:00 becomes 03:00 on 2027-03-28. The night is an hour shorter, 02:30 is 03:30.
        ("22:00-06:00 Europe/Berlin", "2027-03-28 03:59", "2027-03-28 03:59"),
        ("22:00-06:00 Europe/Berlin", "2027-03-28 04:00", "2027-03-28 20:00"),
        ("02:30-05:00 Europe/Berlin", "2027-03-28 00:00", "2027-03-28 01:30"),
        # Berlin, autumn: 03:00 becomes 02:00 on 2026-10-25. The night is an hour longer, 02:30 counts the first time.
        ("22:00-06:00 Europe/Berlin", "2026-10-25 04:30", "2026-10-25 04:30"),
        ("22:00-06:00 Europe/Berlin", "2026-10-25 05:00", "2026-10-25 21:00"),
        ("02:30-05:00 Europe/Berlin", "2026-10-25 00:00", "2026-10-25 00:30"),
        # New York changes on other days: 2026-11-01.
        ("22:00-06:00 America/New_York", "2026-11-01 10:30", "2026-11-01 10:30"),
        ("22:00-06:00 America/New_York", "2026-11-01 11:00", "2026-11-02 03:00"),
    ],
)
def test_a_window_opens_by_the_clocks_of_its_zone(window: str, now: str, opens: str) -> None:
    assert Window.parse(window).next_opening(utc(now)) == utc(opens)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),
    opens=st.integers(0, 95),
    closes=st.integers(0, 95),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_a_run_waits_less_than_two_days_and_then_it_is_open(now: datetime, opens: int, closes: int, zone: str) -> None:
    if opens == closes:
        return
    hours = "-".join(f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in (opens, closes))
    window = Window.parse(f"{hours} {zone}")

    opening = window.next_opening(now)

    assert now <= opening < now + timedelta(days=2)
    assert window.next_opening(opening) == opening


def test_the_first_moment_is_inside_the_window_and_not_before_the_given_one() -> None:
    opening = Opening.parse("22:00-06:00 Europe/Berlin", "2026-12-24 12:00 Europe/Berlin")

    assert opening.next(utc("2026-12-01 00:00")) == utc("2026-12-24 21:00")
    assert opening.next(utc("2026-12-24 23:00")) == utc("2026-12-24 23:00")
    assert Opening().next(utc("2026-12-01 00:00")) == utc("2026-12-01 00:00")


@pytest.mark.parametrize(
    "text", ["2026-12-24 06:00 Europe/Berlin", "2026-12-24T06:00+01:00", "2026-12-24 05:00:00Z", "2026-12-24 05:00 UTC"]
)
def test_a_moment_has_an_offset_or_a_zone(text: str) -> None:
    assert moment_of(text) == utc("2026-12-24 05:00")


@pytest.mark.parametrize(
    ("window", "moment", "words"),
    [
        ("22-06 Europe/Berlin", "", "is no window, e.g. 22:00-06:00 Europe/Berlin"),
        ("22:00-06:00", "", "is no window"),
        ("22:00-26:00 UTC", "", "26:00 is no time of the day"),
        ("22:00-22:00 UTC", "", "opens and closes at once"),
        ("22:00-06:00 Europe/Berlin_", "", "there is no time zone 'Europe/Berlin_'"),
        ("", "2026-12-24 06:00", "says no time zone"),
        ("", "tomorrow", "is no moment"),
    ],
)
def test_what_is_wrong_is_said(window: str, moment: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Opening.parse(window, moment)
