"""A finished run as plain values: everything the contact sheet and the statement show, independent of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Problem
from pressroom.domain.media import FPS, VIDEO_CODEC, Kind, MediaInfo
from pressroom.domain.placement import Placement
from pressroom.domain.states import MADE_NODES


@dataclass(frozen=True, slots=True)
class AssetReport:
    """One file of the run, or one that was brought in (`RunReport.sources`).

    `path` is where the store keeps the file on this machine; None where the store is elsewhere. `href` is the delivered
    file's path relative to the report, with forward slashes and not percent-encoded; None for files that were not
    delivered. `parents` are asset ids.
    """

    id: str
    sha256: str
    kind: Kind
    mime: str
    bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    placement: str | None = None
    label: str = ""
    path: Path | None = None
    href: str | None = None
    parents: tuple[str, ...] = ()
    prompt: str = ""
    alt_text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    provenance: str = ""
    delivered: bool = False

    @property
    def info(self) -> MediaInfo:
        """What was measured of the file when it was filed."""
        fps, codec = self.details.get(FPS), self.details.get(VIDEO_CODEC, "")
        seconds, size = self.duration_seconds, self.bytes
        return MediaInfo(self.kind, self.mime, self.width, self.height, seconds, size, fps=fps, video_codec=codec)


@dataclass(frozen=True, slots=True)
class NodeReport:
    """One node: what ran, what it cost and what came out. `variant` maps dimension names to value names.

    `state` is one of NodeState; `action` is the plan's: create, reuse, adopt or blocked. `usd_quoted_micros` is what the
    plan expected it to cost (None: not known), `usd_billed_micros` what the vendor has billed (None: it has not said).
    `why` says why this model was chosen.
    """

    id: str
    step: str
    operation: str
    state: str
    action: str
    variant: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    model: str = ""
    why: str = ""
    credits_micros: int = 0
    usd_micros: int = 0
    usd_quoted_micros: int | None = 0
    usd_billed_micros: int | None = None
    seconds: float = 0.0
    error: str = ""
    assets: tuple[AssetReport, ...] = ()

    @property
    def failed(self) -> bool:
        return self.state not in MADE_NODES

    @property
    def maker(self) -> str:
        """Provider and model as the catalog names them together."""
        return self.model if "/" in self.model or not self.provider else f"{self.provider}/{self.model}".rstrip("/")

    @property
    def variant_name(self) -> str:
        return " · ".join(self.variant.values())


@dataclass(frozen=True, slots=True)
class BrandReport:
    """The brand as the sheet shows it: its name and its colours by role, `#rrggbb`."""

    name: str = ""
    colors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a person finds the run's files. `problem` says why they are not there: then folder and sheet are empty."""

    folder: str = ""
    sheet: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run from its plan to its settlement. Amounts are micros; times carry their zone.

    `sources` are the files the campaign started from (a product photo); `placements` holds at least the rows that the
    assets name, and without a row a file is shown without its limits. `plan_problems` are what the plan had to refuse,
    `notes` what a person should look at though nothing went wrong.
    """

    run_id: str
    campaign: str
    state: str
    started: datetime
    finished: datetime
    nodes: tuple[NodeReport, ...]
    title: str = ""
    description: str = ""
    account: str = ""
    held_micros: int = 0
    captured_micros: int = 0
    released_micros: int = 0
    balance_micros: int = 0
    usd_micros: int = 0
    plan_hash: str = ""
    plan_problems: tuple[Problem, ...] = ()
    brand: BrandReport = BrandReport()
    sources: tuple[AssetReport, ...] = ()
    placements: Mapping[str, Placement] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    flow_run_id: str = ""
    delivery: Delivery = Delivery()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What went wrong beside failed nodes: what the plan refused, and the delivery."""
        return self.plan_problems if self.delivery.problem is None else (*self.plan_problems, self.delivery.problem)

    @property
    def seconds(self) -> float:
        return max(0.0, (self.finished - self.started).total_seconds())

    @property
    def failed_nodes(self) -> tuple[NodeReport, ...]:
        return tuple(node for node in self.nodes if node.failed)
