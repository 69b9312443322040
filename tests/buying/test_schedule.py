"""When a vendor is asked for a job: rarely, but around the time that its model has taken lately often enough to be there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.buying.schedule import (
    ASK_AFTER_SECONDS,
    ASKS_A_SECOND,
    LEAST_SECONDS,
    OFTEN_STEP,
    OFTEN_UNTIL,
    expected_seconds,
    pause_after,
    usual_pause,
)

ROUNDED = 0.1


def asked_at(expected: float, until: float, jobs: int = 1) -> list[float]:
    """After how many seconds a job is asked for that is done after so many."""
    times = [ASK_AFTER_SECONDS[0]]
    while times[-1] < until:
        times.append(times[-1] + pause_after(len(times) - 1, times[-1], expected, jobs))
    return times


@given(st.floats(5, 80), st.floats(0.92, 1.1))
def test_what_takes_about_as_long_as_expected_is_seen_a_twentieth_later_at_most(expected: float, share: float) -> None:
    late = asked_at(expected, share * expected)[-1] - share * expected

    assert late <= max(OFTEN_STEP * expected, LEAST_SECONDS) + ROUNDED


@given(st.floats(0, 3600), st.floats(0, 3600), st.integers(1, 500))
def test_it_is_never_asked_for_later_than_without_a_guess_and_never_all_the_time(
    expected: float, until: float, jobs: int
) -> None:
    guessed, plain = asked_at(expected, until, jobs), asked_at(0, until)

    assert guessed[-1] - until <= ASK_AFTER_SECONDS[-1]
    assert len(guessed) <= len(plain) + OFTEN_UNTIL / OFTEN_STEP / 3


@given(st.floats(0, 3600), st.floats(0, 3600), st.integers(0, 50), st.integers(1, 500))
def test_a_vendor_with_many_jobs_is_asked_no_more_often(expected: float, waited: float, asked: int, jobs: int) -> None:
    pause = pause_after(asked, waited, expected, jobs)

    assert min(usual_pause(asked), max(LEAST_SECONDS, jobs / ASKS_A_SECOND)) <= pause <= usual_pause(asked)


@pytest.mark.parametrize(
    ("listed", "recent", "expected"),
    [
        (0, [], 0),
        (12, [], 12),
        (12, [(10, 20), (20, 40), (10, 400)], 24),
        (12, [(0, 7), (0, 9)], 12),
        (0, [(0, 7), (0, 9), (30, 9)], 9),
    ],
)
def test_an_order_is_expected_to_take_as_long_as_the_last_ones_by_what_is_listed(
    listed: float, recent: list[tuple[float, float]], expected: float
) -> None:
    assert expected_seconds(listed, recent) == expected
