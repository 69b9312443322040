"""What goes wrong at the simulated vendors: named faults, each for so many requests of a kind, or for a share of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from pressroom.campaign.validation_messages import problems_of
from pressroom.domain.errors import Invalid, Problem

FAULTS: Final = {
    "busy": "the order is refused with status 429 and when to ask again",
    "unavailable": "the order is refused with status 503",
    "error": "the order is answered with status 500, and not taken",
    "error_taken": "the order is answered with status 500, and taken",
    "key": "the key is refused",
    "credit": "there is no credit left",
    "moderated": "moderation refuses the order",
    "invalid": "the parameters are refused",
    "lost_order": "the connection breaks before the order is taken",
    "lost_answer": "the connection breaks after the order was taken",
    "fail": "nothing is made",
    "moderated_after": "moderation withholds what was made, and it is charged",
    "overcharge": "three times the price is charged",
    "html": "the file is a web page",
    "empty": "the file has no bytes",
    "gone": "the file has expired",
    "truncated": "the file breaks off",
    "shortened": "half of the file is said to be all of it",
    "slow": "the file takes three seconds longer, drop by drop",
    "noise": "the file is noise",
    "other_kind": "the file is a sound where it was a picture, else a picture",
    "mislabelled": "the file is said to be a film where it is none, else a picture",
    "forbidden": "the file lies at an address of a private network",
    "unreadable": "a status is answered with something that is no JSON",
    "status_busy": "a status is answered with status 429",
    "status_refused": "a status is answered with status 409",
    "status_error": "a status is answered with status 500",
    "status_lost": "the connection breaks where a status is asked for",
    "forgotten": "a status is answered with status 404",
    "call_lost": "nobody calls the address that the order came with",
    "call_twice": "it is called twice at the same time",
    "call_late": "it is called three seconds late",
    "call_forged": "what is called is signed by somebody else",
}
_EXAMPLE: Final = "- {fault: busy, times: 1}"
Moment = Literal["order", "job", "status", "file", "call"]
_MOMENTS: Final[dict[str, Moment]] = {
    **dict.fromkeys(("fail", "moderated_after", "overcharge", "forbidden"), "job"),
    **dict.fromkeys(
        ("html", "empty", "gone", "truncated", "shortened", "slow", "noise", "other_kind", "mislabelled"), "file"
    ),
    **dict.fromkeys(
        ("unreadable", "status_busy", "status_refused", "status_error", "status_lost", "forgotten"), "status"
    ),
    **dict.fromkeys(("call_lost", "call_twice", "call_late", "call_forged"), "call"),
}


class Rule(BaseModel):
    """One fault: at this vendor (empty: at each), for the first `times` requests of its kind, or for a `share` of them.

    The names of the vendors that are played are the context of the validation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: str
    vendor: str = ""
    times: int = Field(0, ge=0)
    share: float = Field(0, ge=0, le=1)

    @field_validator("fault")
    @classmethod
    def _is_a_fault(cls, name: str) -> str:
        return _one_of(FAULTS, name)

    @field_validator("vendor")
    @classmethod
    def _is_played(cls, name: str, info: ValidationInfo) -> str:
        return _one_of(info.context, name) if name and info.context is not None else name


def _one_of(known: Iterable[str], name: str) -> str:
    if name not in known:
        raise PydanticKnownError("literal_error", {"expected": ", ".join(known)})
    return name


class Faults:
    """Draws by its seed which fault a request meets; for several threads."""

    def __init__(self, rules: Iterable[Rule] = (), seed: int = 0) -> None:
        self._rules = list(rules)
        self._left = [rule.times for rule in self._rules]
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def draw(self, vendor: str, moment: Moment) -> str:
        """The fault of a request at this moment; empty for none."""
        with self._lock:
            for number, rule in enumerate(self._rules):
                if rule.vendor in ("", vendor) and _MOMENTS.get(rule.fault, "order") == moment and self._hits(number):
                    return rule.fault
        return ""

    def _hits(self, number: int) -> bool:
        if self._left[number]:
            self._left[number] -= 1
            return True
        return self._random.random() < self._rules[number].share


def read_faults(file: Path, seed: int, vendors: Collection[str]) -> Faults:
    """A YAML list of rules: `- {fault: lost_answer, vendor: replicate, times: 1}`, for these vendors.

    Raises Invalid naming each wrong one.
    """
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise Invalid.of([Problem("faults", f"cannot be read: {exc}", file=str(file))]) from exc
    if not isinstance(rows, list):
        raise Invalid.of([Problem("faults", "must be a list of faults", _EXAMPLE, file=str(file))])
    rules, problems = [], []
    for number, row in enumerate(rows, 1):
        try:
            rules.append(Rule.model_validate(row, context=vendors))
        except ValidationError as exc:
            problems += [
                replace(problem, code="faults", message=f"row {number}: {problem.message}", file=str(file))
                for problem in _problems(exc, row)
            ]
    if problems:
        raise Invalid.of(problems)
    return Faults(rules, seed)


def _problems(exc: ValidationError, row: object) -> Iterable[Problem]:
    if not isinstance(row, dict):
        return [Problem("faults", "must be a mapping", _EXAMPLE)]
    return problems_of(exc, row, Rule)
