"""What endpoints are told of: events of the log under names of their own, and patterns that choose among them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Final

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.states import RunState
from pressroom.domain.suggest import did_you_mean

EVERYTHING: Final = "*"
PING: Final = "ping"
_OURS: Final = "pressroom."
_RUN: Final = "run."
_GENERATION: Final = "generation."
_ENDS: Final = tuple(
    dict.fromkeys(
        RunState.COMPLETED if state is RunState.COMPLETED_WITH_FAILURES else state
        for state in (RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED, RunState.SUSPENDED)
    )
)
_SAME: Final = ("approval.wanted", "asset.stored")
_OTHERS: Final = {"balance.low": "credits.low"}
TYPES: Final = (
    *(f"{_RUN}{state}" for state in ("held", "decided", *_ENDS)),
    *(f"{_GENERATION}{state}" for state in ("held", "decided", *_ENDS)),
    *_SAME,
    *_OTHERS.values(),
)
GROUPS: Final = (EVERYTHING, "run.*", "generation.*", "asset.*", "budget.*")
_BUDGET: Final = re.compile(r"budget\.[1-9][0-9]{0,2}")
# What whoever waits for one generation wants to hear.
OF_A_GENERATION: Final = ("generation.*", "approval.wanted")


def kind_of(name: str, *, is_generation: bool) -> str:
    """What an event of the log is called for endpoints; empty for one that they are not told of."""
    kind = name.removeprefix(_OURS)
    kind = _OTHERS.get(kind, kind)
    if kind not in TYPES and not _BUDGET.fullmatch(kind):
        return ""
    return _GENERATION + kind.removeprefix(_RUN) if is_generation and kind.startswith(_RUN) else kind


def is_of_a_run(name: str) -> bool:
    """Whether the name depends on what was run."""
    return name.startswith(_OURS + _RUN)


def fits(kind: str, patterns: tuple[str, ...]) -> bool:
    return any(
        pattern in (EVERYTHING, kind) or (pattern.endswith(".*") and kind.startswith(pattern[:-1]))
        for pattern in patterns
    )


def checked_patterns(patterns: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in their order. Raises Invalid for one that nothing can fit, and for none."""
    if not patterns:
        raise _wrong("no event is named", f"one of {', '.join((*GROUPS, *TYPES))}")
    for pattern in patterns:
        if pattern not in (*GROUPS, *TYPES) and not _BUDGET.fullmatch(pattern):
            raise _wrong(f"there is no event {pattern!r}", did_you_mean(pattern, (*GROUPS, *TYPES), "events"))
    return tuple(dict.fromkeys(patterns))


def body_of(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """What is sent: the same bytes in every attempt."""
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False)


def _wrong(message: str, hint: str) -> Invalid:
    return Invalid.of([Problem("webhook", message, hint, path=("events",))])
