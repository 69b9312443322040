"""A plan in a person's words: rows by step, cheaper alternatives, and what changed since the last run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pressroom.domain.money import credits_text, usd_text
from pressroom.planning.offers import Chooser
from pressroom.planning.plan import Action, Node, Plan
from pressroom.planning.totals import known_sum

WAITS: Final = "waits for a person here"


@dataclass(frozen=True, slots=True)
class Row:
    """One step with one model: how many nodes, what happens to them, what that costs."""

    step: str
    operation: str
    model: str
    nodes: int
    files: int
    actions: Mapping[Action, int]
    credits: int | None
    credits_bound: int | None
    usd: int | None
    seconds: float
    waits: bool = False  # for a person, before it is made

    @property
    def action_text(self) -> str:
        actions = ", ".join(
            f"{count} {action}" if len(self.actions) > 1 else action for action, count in self.actions.items()
        )
        return f"{actions}, {WAITS}" if self.waits else actions


@dataclass(frozen=True, slots=True)
class Saving:
    """A cheaper model for one step, and what it would save."""

    step: str
    model: str
    instead_of: str
    saves_credits: int

    def __str__(self) -> str:
        saves = credits_phrase(self.saves_credits, self.saves_credits)
        return f"{self.step}: {self.model} instead of {self.instead_of} saves {saves}"


@dataclass(frozen=True, slots=True)
class Changes:
    """Node ids against the campaign's last run."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    same: int

    def __str__(self) -> str:
        if not (self.added or self.changed or self.removed):
            return f"nothing changed since the last run ({self.same} nodes)"
        parts = [
            f"{len(ids)} {word} ({', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})"
            for word, ids in (("changed", self.changed), ("new", self.added), ("gone", self.removed))
            if ids
        ]
        return f"since the last run: {', '.join(parts)}, {self.same} as before"


def rows_of(plan: Plan) -> tuple[Row, ...]:
    """The plan grouped by step and model, in the order of the plan."""
    groups: dict[tuple[str, str, str, str], list[Node]] = {}
    for node in plan.nodes:
        groups.setdefault((node.step, node.operation, node.provider, node.model), []).append(node)
    return tuple(
        _row(step, operation, f"{provider}/{model}" if model else "-", nodes)
        for (step, operation, provider, model), nodes in groups.items()
    )


def _row(step: str, operation: str, model: str, nodes: list[Node]) -> Row:
    quotes = [node.quote for node in nodes if node.bought]

    return Row(
        step=step,
        operation=operation,
        model=model,
        nodes=len(nodes),
        files=sum(len(node.outputs) for node in nodes),
        actions=Counter(node.action for node in nodes),
        credits=known_sum([quote.credits_estimate for quote in quotes]),
        credits_bound=known_sum([quote.credits_bound for quote in quotes]),
        usd=known_sum([quote.usd_estimate for quote in quotes]),
        seconds=sum(quote.seconds for quote in quotes),
        waits=any(node.waits for node in nodes),
    )


def savings_of(plan: Plan, chooser: Chooser) -> tuple[Saving, ...]:
    """For every step that costs something: the cheapest other model, biggest saving first."""
    groups: dict[tuple[str, str], list[Node]] = {}
    for node in plan.nodes:
        if node.bought and node.quote.credits_estimate:
            groups.setdefault((node.step, f"{node.provider}/{node.model}"), []).append(node)
    swaps = [(step, model, chooser.cheaper(nodes)) for (step, model), nodes in groups.items()]
    found = [Saving(step, swap.model.name, model, swap.saves_credits) for step, model, swap in swaps if swap]
    return tuple(sorted(found, key=lambda item: -item.saves_credits))


def changes_of(plan: Plan, last: Mapping[str, str] | None) -> Changes | None:
    """Against `last`, the node keys by node id of the last run; None when there was none."""
    if last is None:
        return None
    now = {node.id: node.key for node in plan.nodes}
    return Changes(
        added=tuple(name for name in now if name not in last),
        changed=tuple(name for name, key in now.items() if name in last and last[name] != key),
        removed=tuple(name for name in last if name not in now),
        same=sum(1 for name, key in now.items() if last.get(name) == key),
    )


def reasons_of(plan: Plan) -> tuple[str, ...]:
    """Why each step's model was chosen and what would stand in for it, steps of one reason together."""
    steps: dict[str, dict[str, None]] = {}
    for node in plan.nodes:
        if node.why:
            steps.setdefault(reason_text(node), {})[node.step] = None
    return tuple(f"{', '.join(names)}: {reason}" for reason, names in steps.items())


def reason_text(node: Node) -> str:
    """`cheapest budget model that fits, else simulated/studio`."""
    names = ", ".join(item.name for item in node.alternatives)
    return f"{node.why}, else {names}" if names else node.why


def amounts_text(credits_estimate: int | None, credits_bound: int | None) -> str:
    """`3`, `3 – 4` where the bound is higher, `not known`."""
    if credits_estimate is None or credits_bound is None:
        return "not known"
    low, high = credits_text(credits_estimate), credits_text(credits_bound)
    return low if low == high else f"{low} – {high}"


def credits_phrase(credits_estimate: int | None, credits_bound: int | None) -> str:
    """`1 credit`, `3 – 4 credits`, `price not known`."""
    text = amounts_text(credits_estimate, credits_bound)
    return "price not known" if text == "not known" else f"{text} credit{'' if text == '1' else 's'}"


def dollars_text(usd: int | None) -> str:
    return "not known" if usd is None else usd_text(usd)


def seconds_text(seconds: float) -> str:
    """`3 s`, `2 min 5 s`, `1 h 3 min`; what a person says."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole or not seconds else "< 1 s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
