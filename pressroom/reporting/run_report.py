"""The one report of a run, made of its records: contact sheet, statement and JSON all render this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pressroom.domain.errors import BUDGETS, WARNING, Problem
from pressroom.domain.media import PROVENANCE, Asset
from pressroom.domain.operation import Brand
from pressroom.domain.placement import Placement
from pressroom.domain.states import MADE_NODES, NodeState
from pressroom.planning.plan import Node, Plan
from pressroom.reporting.model import AssetReport, BrandReport, Delivery, NodeReport, RunReport
from pressroom.runs.nodes import RunNode
from pressroom.runs.records import RunRecord
from pressroom.runs.settlement import Settlement

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Everything that is on record of a run. `assets` are by node id, `paths` where the store keeps files by SHA-256.

    `sources` are the files that no node of the run made; `billed` is what vendors have billed by node id, in micro-USD.
    """

    record: RunRecord
    plan: Plan
    nodes: Sequence[RunNode]
    assets: Mapping[str, Sequence[Asset]]
    sources: Sequence[Asset]
    settlement: Settlement
    placements: Mapping[str, Placement]
    now: datetime
    paths: Mapping[str, Path] = field(default_factory=dict)
    notes: Sequence[Problem] = ()
    billed: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_assets(self) -> list[Asset]:
        return [*self.sources, *(asset for made in self.assets.values() for asset in made)]

    @property
    def deliverables(self) -> list[tuple[Node, Asset]]:
        """What the campaign asked for and is there, in the plan's order."""
        return [
            (node, asset)
            for row in self.nodes
            if (node := self.plan.node(row.node_id)).deliver
            for asset in self.assets.get(row.node_id, ())
        ]


def report_of(facts: RunFacts, names: Names, delivery: Delivery) -> RunReport:
    """The run as plain values; `names` are those of the delivered files, by node id and asset id."""
    record, plan, settlement = facts.record, facts.plan, facts.settlement
    finished = record.finished_at or facts.now
    return RunReport(
        run_id=record.id,
        campaign=plan.campaign,
        title=plan.title,
        state=settlement.state,
        account=record.account,
        flow_run_id=record.flow_run_id,
        started=record.started_at or record.created_at or finished,
        finished=finished,
        held_micros=settlement.held_micros,
        captured_micros=settlement.captured_micros,
        released_micros=settlement.released_micros,
        balance_micros=settlement.balance_micros,
        usd_micros=settlement.usd_micros,
        plan_hash=plan.hash,
        plan_problems=tuple(problem for problem in plan.problems if not problem.is_note),
        # What the plan foresaw of a picture, the picture says itself once it is made.
        notes=(
            *(each for each in plan.problems if each.is_note and each.code not in {WARNING, *BUDGETS}),
            *facts.notes,
        ),
        delivery=delivery,
        brand=_brand(plan.brand),
        nodes=_nodes(facts, names, delivery.links),
        sources=tuple(_asset(asset, None, facts.paths, {}) for asset in facts.sources),
        placements=facts.placements,
        locked=plan.locked,
    )


def _brand(brand: Brand) -> BrandReport:
    return BrandReport(brand.name, dict(brand.colors))


def _nodes(facts: RunFacts, names: Names, links: Mapping[str, str]) -> tuple[NodeReport, ...]:
    # Of each failed node what made it fail: itself, or one that the plan's order has before it.
    causes: dict[str, str] = {}
    for row in facts.nodes:
        if row.state == NodeState.FAILED:
            node = facts.plan.node(row.node_id)
            needed = (*node.upstream, node.twin_of)
            causes[row.node_id] = next((causes[name] for name in needed if name in causes), row.node_id)
    return tuple(_node(facts, row, names, links, causes.get(row.node_id, "")) for row in facts.nodes)


def _node(facts: RunFacts, row: RunNode, names: Names, links: Mapping[str, str], cause: str) -> NodeReport:
    node = facts.plan.node(row.node_id)
    assets = facts.assets.get(row.node_id, ()) if row.state in MADE_NODES else ()
    return NodeReport(
        id=row.node_id,
        step=row.step,
        operation=row.operation,
        state=row.state,
        action=row.action,
        variant=dict(node.variant),
        provider=node.provider,
        model=node.model,
        why=node.why,
        credits_micros=row.credits_micros,
        usd_micros=row.usd_micros,
        usd_quoted_micros=node.quote.usd_estimate if node.bought else 0,
        usd_billed_micros=facts.billed.get(row.node_id),
        seconds=row.seconds,
        error=row.error,
        cause="" if cause == row.node_id else cause,
        assets=tuple(_asset(asset, names.get((row.node_id, asset.id)), facts.paths, links) for asset in assets),
    )


def _asset(asset: Asset, href: str | None, paths: Mapping[str, Path], links: Mapping[str, str]) -> AssetReport:
    return AssetReport(
        id=asset.id,
        sha256=asset.sha256,
        kind=asset.kind,
        mime=asset.mime,
        bytes=asset.size_bytes,
        width=asset.width,
        height=asset.height,
        duration_seconds=asset.duration_seconds,
        placement=asset.placement,
        label=asset.label or asset.title,
        path=paths.get(asset.sha256),
        href=href,
        link=links.get(href or ""),
        parents=asset.parents,
        prompt=asset.prompt,
        alt_text=asset.alt_text,
        details=asset.details,
        provenance=_provenance(asset),
        delivered=href is not None,
    )


def _provenance(asset: Asset) -> str:
    """How the file came to be, said truthfully: brought, drawn or processed here, or made by a vendor's model."""
    record = asset.details.get(PROVENANCE)
    if not isinstance(record, dict):
        return _made_how(asset)
    signed = "signed" if record["state"] == "signed" else "not signed"
    return f"{_made_how(asset)}; source type {record['source_type']}, {signed}"


def _made_how(asset: Asset) -> str:
    if asset.source_module == "input":
        return "brought by the user"
    if asset.provider != "local":
        return f"made by {asset.provider}/{asset.model}"
    if asset.operation == "generate_image":
        return "vector art drawn by Pressroom, no generative model"
    return f"processed by Pressroom ({asset.operation})"
