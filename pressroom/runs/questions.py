"""What a run that waits asks a person about what it has made: which of several takes it is to be, whether a file will do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressroom.domain.errors import Invalid
from pressroom.domain.few import few_of
from pressroom.domain.operation import Asks
from pressroom.domain.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Take:
    """A file to look at; `score` is None where nobody has measured it, `parts` are what it was taken from, 0 to 1 each."""

    asset_id: str
    score: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """`0.81: sharpness 0.90, contrast 0.72`; empty where nobody has looked."""
        parts = ", ".join(f"{name} {value:.2f}" for name, value in self.parts.items())
        return "" if self.score is None else f"{self.score:.2f}: {parts}"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one node; the takes are numbered from 1 in this order."""

    node_id: str
    step: str
    asks: Asks
    takes: tuple[Take, ...]

    @property
    def best(self) -> int:
        """The number of the take with the highest score; of equal ones, and where nobody has measured, the first."""
        scores = [take.score or 0.0 for take in self.takes]
        return 1 + scores.index(max(scores))

    def as_dict(self) -> dict[str, Any]:
        takes = [
            {"number": number, "asset": take.asset_id, "score": take.score, "parts": dict(take.parts)}
            for number, take in enumerate(self.takes, 1)
        ]
        return {"node": self.node_id, "step": self.step, "asks": self.asks.value, "takes": takes}


def question_of(values: Mapping[str, Any]) -> Question:
    """What `as_dict` has made of it."""
    takes = tuple(Take(each["asset"], each["score"], each["parts"]) for each in values["takes"])
    return Question(values["node"], values["step"], Asks(values["asks"]), takes)


def in_words(questions: Sequence[Question]) -> str:
    """`a person chooses hero (4 takes), and approves ok[mood=dusk]`."""
    choices = [f"{each.node_id} ({len(each.takes)} takes)" for each in questions if each.asks is Asks.CHOICE]
    approvals = [each.node_id for each in questions if each.asks is Asks.APPROVAL]
    told = [f"{word} {few_of(names)}" for word, names in (("chooses", choices), ("approves", approvals)) if names]
    return f"it goes on when a person {' and '.join(told)}"


def answered(questions: Sequence[Question], chosen: Mapping[str, int], dropped: Sequence[str]) -> dict[str, int | None]:
    """Node id -> what is said of it, for every question but those whose nodes are dropped. `chosen` is by node or step.

    Raises Invalid for a take that is not there, a name that chooses nothing, and where a choice is left open.
    """
    asked = [each for each in questions if each.node_id not in dropped]
    choices = [each for each in asked if each.asks is Asks.CHOICE]
    known = {each.node_id for each in choices} | {each.step for each in choices}
    for name in chosen:
        if name not in known:
            raise Invalid(f"nothing is to be chosen for {name!r}", hint=did_you_mean(name, known))
    found: dict[str, int | None] = {each.node_id: None for each in asked}
    for each in choices:
        take = chosen.get(each.node_id, chosen.get(each.step))
        if take is None:
            raise Invalid(f"nothing is chosen for {each.node_id}", hint=f"--choose '{each.node_id}={each.best}'")
        if not 1 <= take <= len(each.takes):
            raise Invalid(f"{each.node_id} has takes 1 to {len(each.takes)}, not {take}")
        found[each.node_id] = take
    return found


def takes_in(texts: Iterable[str]) -> dict[str, int]:
    """Step or node -> number of its take, of texts such as `hero=2`. Raises Invalid for one that is not like that."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, take = text.rpartition("=")
        if not name or not take.strip().isdecimal():
            raise Invalid(f"{text!r} chooses no take", hint="write it like hero=2, or 'hero[mood=dusk]=2'")
        found[name.strip()] = int(take)
    return found
