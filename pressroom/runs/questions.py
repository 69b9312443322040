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
    """What is asked of one node, or of several that each keep a take of the same; the takes are numbered from 1 in this order.

    `nodes` are those several, `node_id` is what their names have in common then. `gone` are takes that other nodes keep already.
    """

    node_id: str
    step: str
    asks: Asks
    takes: tuple[Take, ...]
    nodes: tuple[str, ...] = ()
    gone: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The nodes that it is asked of, one for each take that is kept."""
        return self.nodes or (self.node_id,)

    @property
    def keeps(self) -> int:
        """How many takes are to be chosen."""
        return len(self.places)

    @property
    def best(self) -> tuple[int, ...]:
        """The numbers of as many takes with the highest scores; of equal ones, and where nobody has measured, the first."""
        numbers = (number for number in range(1, len(self.takes) + 1) if number not in self.gone)
        return tuple(sorted(numbers, key=lambda number: -(self.takes[number - 1].score or 0.0))[: self.keeps])

    @property
    def option(self) -> str:
        """How the best are chosen on the command line."""
        return f"--choose '{self.node_id}={','.join(map(str, self.best))}'"

    def as_dict(self) -> dict[str, Any]:
        takes = [
            {"number": number, "asset": take.asset_id, "score": take.score, "parts": dict(take.parts)}
            for number, take in enumerate(self.takes, 1)
        ]
        several = {"keeps": self.keeps, "nodes": list(self.places), "gone": list(self.gone)}
        return {"node": self.node_id, "step": self.step, "asks": self.asks.value, "takes": takes, **several}


def question_of(values: Mapping[str, Any]) -> Question:
    """What `as_dict` has made of it."""
    takes = tuple(Take(each["asset"], each["score"], each["parts"]) for each in values["takes"])
    nodes, gone = tuple(values.get("nodes", ())), tuple(values.get("gone", ()))
    own = nodes if nodes != (values["node"],) else ()
    return Question(values["node"], values["step"], Asks(values["asks"]), takes, own, gone)


def in_words(questions: Sequence[Question]) -> str:
    """`a person chooses hero (4 takes), and approves ok[mood=dusk]`."""
    choices = [
        f"{each.node_id} ({f'{each.keeps} of ' if each.keeps > 1 else ''}{len(each.takes)} takes)"
        for each in questions
        if each.asks is Asks.CHOICE
    ]
    approvals = [each.node_id for each in questions if each.asks is Asks.APPROVAL]
    told = [f"{word} {few_of(names)}" for word, names in (("chooses", choices), ("approves", approvals)) if names]
    return f"it goes on when a person {' and '.join(told)}"


Chosen = Mapping[
    str, int | Sequence[int]
]  # what is asked about, a node or a step -> the number of its take, or of several


def answered(questions: Sequence[Question], chosen: Chosen, dropped: Sequence[str]) -> dict[str, int | None]:
    """Node id -> what is said of it, for every question but those whose nodes are dropped.

    Raises Invalid for a take that is not there, a name that chooses nothing, and where a choice is left open.
    """
    choices = [each for each in questions if each.asks is Asks.CHOICE]
    known = {name for each in choices if open_places(each, dropped) for name in (each.node_id, each.step, *each.places)}
    for name in chosen:
        if name not in known:
            raise Invalid(f"nothing is to be chosen for {name!r}", hint=did_you_mean(name, known))
    found: dict[str, int | None] = {
        each.node_id: None for each in questions if each.asks is Asks.APPROVAL and each.node_id not in dropped
    }
    for each in choices:
        if places := open_places(each, dropped):
            found |= dict(zip(places, _takes_of(each, places, chosen), strict=True))
    return found


def open_places(question: Question, dropped: Sequence[str]) -> list[str]:
    """The nodes of the question that are not left out."""
    return [name for name in question.places if name not in dropped]


def _takes_of(question: Question, places: Sequence[str], chosen: Chosen) -> list[int]:
    """The takes that are said, one for each place."""
    said = chosen.get(question.node_id, chosen.get(question.step))
    given = [said] if isinstance(said, int) else list(said or ())
    if said is None:
        given = [take for name in places if isinstance(take := chosen.get(name), int)]
    name, most = question.node_id, len(question.takes)
    if not given:
        raise Invalid(f"nothing is chosen for {name}", hint=question.option)
    for take in given:
        if not 1 <= take <= most:
            raise Invalid(f"{name} has takes 1 to {most}, not {take}")
        if take in question.gone or given.count(take) > 1:
            raise Invalid(f"{name} keeps take {take} already", hint=question.option)
    if len(given) != len(places):
        raise Invalid(f"{name} keeps {len(places)} of its takes, and {len(given)} are chosen", hint=question.option)
    return given


def takes_in(texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """What is asked about -> numbers of takes, of texts such as `hero=2` and `hero=2,5`. Raises Invalid for any other text."""
    found: dict[str, tuple[int, ...]] = {}
    for text in texts:
        name, _, takes = text.rpartition("=")
        numbers = [take.strip() for take in takes.split(",")]
        if not name or not all(number.isdecimal() for number in numbers):
            raise Invalid(f"{text!r} chooses no take", hint="write it like hero=2, 'hero[mood=dusk]=2' or hero=2,5")
        name = name.strip()
        found[name] = (*found.get(name, ()), *map(int, numbers))
    return found
