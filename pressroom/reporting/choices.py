"""Which of several takes a run kept, and why: what the contact sheet shows of each choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.domain.media import CHOICE
from pressroom.reporting.model import AssetReport, NodeReport, RunReport
from pressroom.reporting.sheet import all_assets


@dataclass(frozen=True, slots=True)
class Take:
    """One of the takes. `asset` is None where it was made by another run; `score` is None where nobody looked."""

    number: int
    asset: AssetReport | None
    score: float | None
    parts: Mapping[str, float]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A node that kept one of its takes."""

    node: NodeReport
    why: str
    takes: tuple[Take, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.takes[0].parts)


def choices_of(report: RunReport) -> tuple[Choice, ...]:
    by_bytes = {asset.sha256: asset for asset in all_assets(report).values()}
    return tuple(
        _choice(node, found, by_bytes)
        for node in report.nodes
        for asset in node.assets
        if (found := asset.details.get(CHOICE))
    )


def _choice(node: NodeReport, found: Mapping[str, object], by_bytes: Mapping[str, AssetReport]) -> Choice:
    takes: list[Mapping[str, object]] = found["takes"]  # type: ignore[assignment]
    return Choice(
        node,
        str(found["why"]) or f"the {found['by']} of {len(takes)}",
        tuple(
            Take(
                number,
                by_bytes.get(str(take["sha256"])),
                take.get("score"),  # type: ignore[arg-type]
                take.get("parts", {}),  # type: ignore[arg-type]
                found["chosen"] == number - 1,
            )
            for number, take in enumerate(takes, 1)
        ),
    )
