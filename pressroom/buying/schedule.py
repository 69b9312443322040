"""When a vendor is asked for a job: less often the longer it takes, more often when its model was done lately. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median
from typing import Final

# How long after an order it is asked for, and how long after that again, where the vendor says nothing of it.
ASK_AFTER_SECONDS: Final = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
# Between these shares of the time that it is expected to take it is asked for after such a share each time, ...
OFTEN_FROM, OFTEN_UNTIL, OFTEN_STEP = 0.9, 1.2, 0.05
# ... never sooner than so many seconds, and for all of a vendor's jobs together so often a second at most. Replicate, the
# only vendor that says what it allows, takes 50: https://replicate.com/docs/topics/predictions/rate-limits, 2026-11-29.
LEAST_SECONDS: Final = 0.5
ASKS_A_SECOND: Final = 40


def usual_pause(asked: int) -> float:
    """Seconds until a job is asked for again that was asked for so often before."""
    return ASK_AFTER_SECONDS[min(asked + 1, len(ASK_AFTER_SECONDS) - 1)]


def pause_after(asked: int, waited: float, expected: float, jobs: int) -> float:
    """Seconds until a job is asked for again that left so many seconds ago, and is expected to take so many altogether.

    `expected` is 0 where nobody knows; So many `jobs` does its vendor have.
    """
    usual = usual_pause(asked)
    often = max(expected * OFTEN_STEP, LEAST_SECONDS, jobs / ASKS_A_SECOND)
    if not expected or often >= usual or waited >= expected * OFTEN_UNTIL:
        return usual
    return min(usual, ceil(10 * max(often, expected * OFTEN_FROM - waited)) / 10)  # those alike are claimed together


def expected_seconds(listed: float, recent: Sequence[tuple[float, float]]) -> float:
    """How long an order takes that is listed with so many seconds, by how those took that were delivered lately.

    `recent` are pairs of seconds, as listed and as it took. A list without seconds, 0, leaves what they took; without any
    orders it takes as long as listed; 0 is unknown.
    """
    if not listed:
        return median(took for _, took in recent) if recent else 0.0
    factors = [took / usual for usual, took in recent if usual > 0]
    return listed * median(factors) if factors else listed
