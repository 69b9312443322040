"""How a run ended and what it cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a run, in micro-credits and micro-USD."""

    run_id: str
    account_id: int
    state: str
    held_micros: int
    captured_micros: int
    released_micros: int
    balance_micros: int
    usd_micros: int
    nodes: dict[str, int]  # node state -> how many
