"""What the rest of the house needs to know of a purchase that is under way."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.domain.states import JobState


@dataclass(frozen=True, slots=True)
class OpenJob:
    """One unfinished purchase; `usd_bound_micros` is the most that it can cost."""

    order_key: str
    state: JobState
    provider: str
    usd_bound_micros: int = 0
