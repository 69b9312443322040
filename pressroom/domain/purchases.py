"""What the rest of the house needs to know of purchases: those under way, and how the newest ones went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pressroom.domain.states import JobState

FETCH_JOB: Final = "pressroom jobs fetch"  # with the key of a job: its files are fetched again
SHOW_JOB: Final = "pressroom jobs show"  # with the key of a job: what is known of it


@dataclass(frozen=True, slots=True)
class OpenJob:
    """One unfinished purchase; `usd_bound_micros` is the most that it can cost."""

    order_key: str
    state: JobState
    provider: str
    usd_bound_micros: int = 0


class Outcome(StrEnum):
    """How an order went, as far as it speaks of its vendor."""

    GOOD = "good"  # it delivered
    BAD = "bad"  # it was not to be reached, was silent past the deadline, lost its answer, or took the order and failed
    OPEN = "open"  # nobody knows yet
    NONE = "none"  # refused at once, cancelled, or settled by a person: nothing is said of the vendor


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """One of an account's newest orders, or one that is still open. `taken` is False where the vendor surely never had it.

    `model` is its name in the catalog; `listed_seconds` is how long it takes by the catalog, `took_seconds` how long it took from
    leaving to being delivered. Both are 0 where that is not known.
    """

    provider: str
    campaign: str
    step: str
    outcome: Outcome
    at: datetime
    taken: bool = True
    unfinished: bool = False
    model: str = ""
    listed_seconds: float = 0.0
    took_seconds: float = 0.0
