"""What runs and their nodes pass on to each other: references and numbers only, never bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pressroom.domain.identity import Principal
from pressroom.domain.operation import Answer
from pressroom.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of a node."""

    node_id: str
    state: str  # done | reused
    asset_ids: tuple[str, ...] = ()
    credits_micros: int = 0
    usd_micros: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunningRun:
    """The run a node belongs to."""

    id: str
    principal: Principal
    account_id: int
    hold_ids: tuple[int, ...]  # what it has held, the present hold last
    lease: int  # the number under which this process works on it
    plan: Plan
    reused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # node id -> assets it found when the run began
    dropped: frozenset[str] = frozenset()  # nodes that a person did not approve
    suspended: bool = False  # it waits for a person: nobody works on it
    answers: Mapping[str, Answer] = field(default_factory=dict)  # node id -> what a person has said of it
    lowered: bool = False  # a person lets it cost less than its plan

    @property
    def hold_id(self) -> int:
        return self.hold_ids[-1]

    @property
    def capped(self) -> bool:
        """Whether it may hold less than the nodes of its plan can cost together."""
        return self.plan.suspends or self.lowered


# What became of nodes, by their ids: the result, or what stood in its way.
Outcomes = dict[str, NodeResult | Exception]
