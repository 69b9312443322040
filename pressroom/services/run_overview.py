"""All of a run that a page shows: its plan, its nodes with what they made, what it waits for and who decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset, Kind
from pressroom.domain.operation import COMPARED, Operation, form_schema
from pressroom.domain.states import MADE_NODES, OPEN_RUNS
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import assets_by_id
from pressroom.planning.plan import Plan
from pressroom.runs.approvals import Approval
from pressroom.runs.nodes import RunNode
from pressroom.services.context import Context
from pressroom.services.list_runs import RunLine
from pressroom.services.show_run import show_nodes, show_run, show_run_plan
from pressroom.services.suspend_run import Suspension


@dataclass(frozen=True, slots=True)
class RunOverview:
    """`assets` are by id, those of the nodes that are made and those that somebody is asked about, `sources` the first of what
    each was made of.

    `waits_for` is None where the run waits for nobody.
    """

    line: RunLine
    waits_for: Suspension | None
    plan: Plan
    nodes: tuple[RunNode, ...]
    assets: Mapping[str, Asset]
    sources: Mapping[str, Asset]
    decisions: tuple[Approval, ...]

    @property
    def ended(self) -> bool:
        return self.line.run.state not in OPEN_RUNS

    @property
    def steps(self) -> tuple[str, ...]:
        """In the plan's order."""
        return tuple(dict.fromkeys(node.step for node in self.nodes))

    @property
    def made(self) -> int:
        return sum(node.state in MADE_NODES for node in self.nodes)

    @property
    def delivered(self) -> tuple[Asset, ...]:
        """What the campaign asked for and is there, in the plan's order."""
        asked = (node for node in self.nodes if self.plan.node(node.node_id).deliver)
        return tuple(self.assets[name] for node in asked for name in node.asset_ids if name in self.assets)

    def compared(self, operations: Mapping[str, Operation[Any]]) -> list[tuple[Asset, Asset]]:
        """What was delivered with the picture that it was made of, where all of that stays in its place."""
        kept = [each for each in self.delivered if each.operation in operations and each.parents]
        pairs = (
            (each, self.sources.get(each.parents[0]))
            for each in kept
            if COMPARED in form_schema(operations[each.operation])
        )
        return [
            (each, before) for each, before in pairs if before is not None and Kind.IMAGE is before.kind is each.kind
        ]


def overview_of_run(principal: Principal, context: Context, run_id: str) -> RunOverview:
    """Raises NotFound when the account has no such run."""
    view = show_run(principal, context, run_id)
    name = view.line.run.id
    nodes = tuple(show_nodes(principal, context, name))
    ids = [asset for node in nodes if node.state in MADE_NODES for asset in node.asset_ids]
    ids += [take.asset_id for each in (view.waits_for.asks if view.waits_for else ()) for take in each.takes]
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        assets = assets_by_id(conn, account_id, ids)
        sources = assets_by_id(conn, account_id, [each.parents[0] for each in assets.values() if each.parents])
    return RunOverview(
        view.line, view.waits_for, show_run_plan(principal, context, name), nodes, assets, sources, view.decisions
    )
