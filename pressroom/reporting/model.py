"""A finished run as plain values: everything the contact sheet and the statement show, independent of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Problem
from pressroom.domain.few import few_of
from pressroom.domain.media import FPS, VIDEO_CODEC, Kind, MediaInfo
from pressroom.domain.placement import Placement
from pressroom.domain.states import MADE_NODES
from pressroom.planning.plan import Action
from pressroom.reporting.format import count_text


@dataclass(frozen=True, slots=True)
class AssetReport:
    """One file of the run, or one that was brought in (`RunReport.sources`).

    `path` is where the store keeps the file on this machine; None where the store is elsewhere. `href` is the delivered
    file's path relative to the report, with forward slashes and not percent-encoded; None for files that were not
    delivered. `link` is its address where it was delivered into a bucket. `parents` are asset ids.
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
    link: str | None = None
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
    plan expected it to cost (None: not known), `usd_billed_micros` what the vendor has billed (None: it has not said),
    `usd_micros` what counts as spent.
    `why` says why this model was chosen. `cause` is the node whose failure kept this one from being made.
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
    cause: str = ""
    assets: tuple[AssetReport, ...] = ()

    @property
    def usd_assumed_micros(self) -> int:
        """What of `usd_micros` no vendor has said."""
        return max(0, self.usd_micros - (self.usd_billed_micros or 0))

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
class Failure:
    """One thing that went wrong: the variants of a step that it befell, and the nodes that were not made for want of them."""

    step: str
    state: str
    error: str
    nodes: tuple[NodeReport, ...]
    not_made: tuple[NodeReport, ...]

    @property
    def name(self) -> str:
        """`scene · forest, scene · beach and 5 more`."""
        return few_of([" · ".join(filter(None, (node.step, node.variant_name))) for node in self.nodes])

    @property
    def consequence(self) -> str:
        """`so 12 nodes of b, c and d were not made`, or nothing."""
        count = len(self.not_made)
        steps = list(dict.fromkeys(node.step for node in self.not_made))
        of = " and ".join(filter(None, (", ".join(steps[:-1]), *steps[-1:])))
        return f"so {count_text(count, 'node')} of {of} {'was' if count == 1 else 'were'} not made" if count else ""


@dataclass(frozen=True, slots=True)
class BrandReport:
    """The brand as the sheet shows it: its name and its colours by role, `#rrggbb`."""

    name: str = ""
    colors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a person finds the run's files. `problem` says why they are not there: then folder and sheet are empty.

    `link` opens the sheet in a browser; `links` open files that lie in a bucket, by their names.
    """

    folder: str = ""
    sheet: str = ""
    link: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run from its plan to its settlement. Amounts are micros; times carry their zone.

    `sources` are the files the campaign started from (a product photo); `placements` holds at least the rows that the
    assets name, and without a row a file is shown without its limits. `plan_problems` are what the plan had to refuse,
    `notes` what a person should look at though nothing went wrong. `locked` is what vendors said before anything was bought:
    micro-USD of an order from each model.
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
    locked: Mapping[str, int] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What went wrong beside failed nodes: what the plan refused, and the delivery."""
        return self.plan_problems if self.delivery.problem is None else (*self.plan_problems, self.delivery.problem)

    @property
    def seconds(self) -> float:
        return max(0.0, (self.finished - self.started).total_seconds())

    @property
    def made(self) -> bool:
        """Whether anything had to be made: an unchanged campaign takes no time that is worth a figure."""
        return any(node.action != Action.REUSE for node in self.nodes)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What failed, each cause once, however many nodes need what it kept from being made."""
        groups: dict[tuple[str, str, str], list[NodeReport]] = {}
        for node in self.failed_nodes:
            if not node.cause:
                groups.setdefault((node.step, node.state, node.error), []).append(node)
        kept: dict[str, list[NodeReport]] = {}
        for node in self.failed_nodes:
            kept.setdefault(node.cause, []).append(node)
        return tuple(
            Failure(*group, tuple(nodes), tuple(each for node in nodes for each in kept.get(node.id, ())))
            for group, nodes in groups.items()
        )

    @property
    def failed_nodes(self) -> tuple[NodeReport, ...]:
        return tuple(node for node in self.nodes if node.failed)
