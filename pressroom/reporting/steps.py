"""The nodes of each step, summed: what the cost tables show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pressroom.planning.totals import known_sum
from pressroom.reporting.model import NodeReport, RunReport

COST: Final = "Provider cost"  # of a run, and of each step and node: these sum to it


@dataclass(frozen=True, slots=True)
class StepSummary:
    """The nodes of one step, summed."""

    step: str
    operation: str
    models: tuple[str, ...]
    nodes: tuple[NodeReport, ...]

    @property
    def credits_micros(self) -> int:
        return sum(node.credits_micros for node in self.nodes)

    @property
    def usd_micros(self) -> int:
        return sum(node.usd_micros for node in self.nodes)

    @property
    def usd_assumed_micros(self) -> int:
        return sum(node.usd_assumed_micros for node in self.nodes)

    @property
    def usd_quoted_micros(self) -> int | None:
        """None where one price was not known."""
        return known_sum(node.usd_quoted_micros for node in self.nodes)

    @property
    def usd_billed_micros(self) -> int | None:
        """None where no vendor has said anything."""
        said = [node.usd_billed_micros for node in self.nodes if node.usd_billed_micros is not None]
        return sum(said) if said else None

    @property
    def seconds(self) -> float:
        return sum(node.seconds for node in self.nodes)

    @property
    def actions(self) -> str:
        counts: dict[str, int] = {}
        for node in self.nodes:
            counts[node.action] = counts.get(node.action, 0) + 1
        return ", ".join(f"{count} {action}" for action, count in counts.items())


def steps_of(report: RunReport) -> tuple[StepSummary, ...]:
    groups: dict[str, list[NodeReport]] = {}
    for node in report.nodes:
        groups.setdefault(node.step, []).append(node)
    return tuple(
        StepSummary(
            step, nodes[0].operation, tuple(dict.fromkeys(node.maker for node in nodes if node.maker)), tuple(nodes)
        )
        for step, nodes in groups.items()
    )
