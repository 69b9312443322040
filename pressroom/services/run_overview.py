"""All of a run that a page shows: its plan, its nodes with what they made, what it waits for and who decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset
from pressroom.domain.states import MADE_NODES, OPEN_RUNS
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import assets_by_id
from pressroom.planning.plan import Plan
from pressroom.runs.approvals import Approval, approvals_of
from pressroom.runs.nodes import RunNode
from pressroom.services.context import Context
from pressroom.services.list_runs import RunLine
from pressroom.services.show_run import show_nodes, show_run, show_run_plan
from pressroom.services.suspend_run import Suspension


@dataclass(frozen=True, slots=True)
class RunOverview:
    """`assets` are by id, those of the nodes that are made; `waits_for` is None where the run waits for nobody."""

    line: RunLine
    waits_for: Suspension | None
    plan: Plan
    nodes: tuple[RunNode, ...]
    assets: Mapping[str, Asset]
    decisions: tuple[Approval, ...]

    @property
    def ended(self) -> bool:
        return self.line.run.state not in OPEN_RUNS

    @property
    def made(self) -> int:
        return sum(node.state in MADE_NODES for node in self.nodes)

    @property
    def delivered(self) -> tuple[Asset, ...]:
        """What the campaign asked for and is there, in the plan's order."""
        asked = (node for node in self.nodes if self.plan.node(node.node_id).deliver)
        return tuple(self.assets[name] for node in asked for name in node.asset_ids if name in self.assets)


def overview_of_run(principal: Principal, context: Context, run_id: str) -> RunOverview:
    """Raises NotFound when the account has no such run."""
    view = show_run(principal, context, run_id)
    name = view.line.run.id
    nodes = tuple(show_nodes(principal, context, name))
    ids = [asset for node in nodes if node.state in MADE_NODES for asset in node.asset_ids]
    with context.database.read() as conn:
        assets = assets_by_id(conn, account_id_of(conn, principal.account), ids)
        decisions = tuple(approvals_of(conn, name))
    return RunOverview(view.line, view.waits_for, show_run_plan(principal, context, name), nodes, assets, decisions)
