"""The Plan and its parts: frozen values that explain, pre-flight and run all walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.meter import Meter
from pressroom.domain.operation import Brand
from pressroom.domain.purchases import OpenJob

Variant = tuple[tuple[str, str], ...]  # (dimension, name of the value), in the order the dimensions were opened


class Action(StrEnum):
    CREATE = "create"  # make or buy it
    REUSE = "reuse"  # the library has it: costs nothing
    ADOPT = "adopt"  # an unfinished purchase of it exists: wait for that one
    BLOCKED = "blocked"  # its feed row is refused, or nobody knows whether it is bought: not made, costs nothing


@dataclass(frozen=True, slots=True)
class Quote:
    """What a node costs, in micro-credits and micro-USD: expected, and the most it can turn out to be.

    None means that the price is not known; that refuses the run and is never counted as zero. `meter` is the price that was
    quoted: what is billed in its unit is counted by it, whatever the catalog says by then.
    """

    credits_estimate: int | None = 0
    credits_bound: int | None = 0
    usd_estimate: int | None = 0
    usd_bound: int | None = 0
    seconds: float = 0.0
    meter: Meter | None = None

    @property
    def known(self) -> bool:
        return None not in (self.credits_estimate, self.credits_bound, self.usd_estimate, self.usd_bound)


FREE = Quote()


@dataclass(frozen=True, slots=True)
class FileSource:
    """An input that is a file of the user's, fixed by the hash of its bytes; `asset_id` where it is one of the library's."""

    path: str
    sha256: str
    info: MediaInfo
    asset_id: str = ""

    @property
    def key(self) -> str:
        return self.sha256


@dataclass(frozen=True, slots=True)
class NodeSource:
    """An input that another node of the plan makes."""

    node_id: str
    key: str
    info: MediaInfo


Source = FileSource | NodeSource


@dataclass(frozen=True, slots=True)
class Alternative:
    """A model that makes a node when those before it have definitely failed, and what it would cost."""

    provider: str
    model: str
    quote: Quote

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Node:
    """One step for one variant: everything needed to price it, make it and find it again.

    `params` are validated parameters as JSON values, in which asset parameters hold names of `inputs`. `key` is the
    content key; two nodes with one key make the same thing, and the later one (`twin_of`) waits for the earlier.
    `alternatives` are tried in order after provider/model; the bounds of `quote` cover the dearest of them all. `why` says
    in a person's words why this model was chosen.
    """

    id: str
    step: str
    variant: Variant
    operation: str
    version: int
    family: str
    makes: Kind
    provider: str
    model: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Source]
    key: str
    action: Action
    quote: Quote
    outputs: tuple[tuple[str, MediaInfo], ...]
    units: Mapping[str, float]
    prompt: str = ""
    words: Mapping[str, Any] = field(
        default_factory=dict
    )  # title, description, alt_text, tags, collection, where given
    deliver: bool = True
    renew: bool = False  # made again although the library may have it
    twin_of: str | None = None
    line: int | None = None
    alternatives: tuple[Alternative, ...] = ()
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # what the prices of its models depend on
    placement: str = ""  # that its file without a label is made for
    asks: str = ""  # what a person is asked before it is made, one of Asks; empty where nobody is

    @property
    def upstream(self) -> tuple[str, ...]:
        ids = dict.fromkeys(source.node_id for source in self.inputs.values() if isinstance(source, NodeSource))
        if self.twin_of:
            ids[self.twin_of] = None
        return tuple(ids)

    @property
    def waits(self) -> bool:
        """Whether a run of the plan waits for a person's word on it."""
        return bool(self.asks) and self.action is Action.CREATE

    @property
    def bought(self) -> bool:
        """Whether running it spends: reused, blocked and twin nodes do not."""
        return self.action in (Action.CREATE, Action.ADOPT)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the nodes that will be made; None where a price is not known."""

    nodes: int = 0
    create: int = 0
    reuse: int = 0
    adopt: int = 0
    blocked: int = 0
    credits_estimate: int | None = 0
    credits_bound: int | None = 0
    usd_estimate: int | None = 0
    usd_bound: int | None = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """The frozen result of compiling a campaign. `nodes` are in an order in which each follows all it needs."""

    campaign: str
    title: str
    file: str
    nodes: tuple[Node, ...]
    totals: Totals
    problems: tuple[Problem, ...]
    hash: str
    catalog_version: str
    files: Mapping[str, str]  # path as the campaign names it -> sha256 of the bytes the plan was made for
    brand: Brand = field(default_factory=Brand)
    brand_files: Mapping[str, FileSource] = field(default_factory=dict)
    budget_credits: int | None = None
    budget_usd: int | None = None
    budget_month: int | None = None  # micro-credits of all runs of the campaign in a month
    suspends: bool = (
        False  # where it may take more than its budgets or the month leave: hold that, and wait for more then
    )
    approval: str = "never"  # which runs wait for a person first: never, always, changed, above
    approval_above: int = 0  # micro-credits, where it is above
    uncertain: str = "warn"  # what becomes of a node whose operation is not sure of its result: warn, fail, ask

    locked: Mapping[str, int] = field(
        default_factory=dict
    )  # model -> what its vendor said an order costs, at the start

    @property
    def held(self) -> int | None:
        """Micro-credits that a run holds: its upper bound, or its budget where it waits for more when that is spent."""
        bound = self.totals.credits_bound
        if bound is None or not self.suspends or self.budget_credits is None:
            return bound
        return min(bound, self.budget_credits)

    @property
    def held_usd(self) -> int | None:
        """The same of micro-dollars at vendors."""
        bound = self.totals.usd_bound
        if bound is None or not self.suspends or self.budget_usd is None:
            return bound
        return min(bound, self.budget_usd)

    def node(self, node_id: str) -> Node:
        return self._by_id[node_id]

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What pre-flight says of a plan."""

    allowed: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file of the user's is: its hash and measures, or why it cannot be used."""

    sha256: str = ""
    info: MediaInfo | None = None
    problem: str = ""
    path: str = ""  # what to call it, where that is not how the campaign names it
    asset_id: str = ""  # of a file that is in the library

    def source(self, path: str) -> FileSource:
        """The input that this file is; `path` is how the campaign names it."""
        assert self.info is not None
        return FileSource(self.path or path, self.sha256, self.info, self.asset_id)


class Files(Protocol):
    """Looks at files for the planner, which itself opens none. Answers are kept: asking twice costs nothing."""

    def media(self, path: str) -> FileFacts:
        """Facts of a media file; `path` as written in the campaign, relative to its folder."""
        ...

    def font(self, name: str) -> FileFacts:
        """Facts of a font file of the user's; no info and no problem for the name of a bundled font."""
        ...

    def resolve(self, path: str) -> str:
        """The absolute path of what the campaign calls `path`."""
        ...

    def matching(self, pattern: str, kind: Kind, most: int) -> tuple[str, ...]:
        """The files of a folder (those of this kind) or of a pattern, in order. Raises Invalid for none or too many."""
        ...

    @property
    def unfetched(self) -> tuple[str, ...]:
        """What was asked for and has to be fetched before it can be used: URLs, and feeds as asset:SHA256."""
        ...


class Index(Protocol):
    """What is already there: asked once for all keys of a plan."""

    def known_keys(self, keys: list[str]) -> dict[str, bool]:
        """Those whose result is in the library; False where its media is gone from the store, so it must be made again."""
        ...

    def open_jobs(self, keys: list[str]) -> dict[str, OpenJob]:
        """Those with an unfinished purchase, and what is known of it."""
        ...


class EmptyIndex:
    """Nothing is there yet."""

    def known_keys(self, keys: list[str]) -> dict[str, bool]:
        return {}

    def open_jobs(self, keys: list[str]) -> dict[str, OpenJob]:
        return {}
