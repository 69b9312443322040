"""Runs that the process of their caller began: once somebody has decided about one at a server, that server goes on with it.

What such a run needs is in the database and the store, whoever began it and wherever: its plan, what it was given, what it holds.
Only vendors' keys may be at its caller's alone.
"""

from __future__ import annotations

from sqlalchemy import Connection

from pressroom.domain.states import OPEN_NODES, Runner
from pressroom.planning.allowances import makers
from pressroom.planning.offers import configured_providers
from pressroom.planning.plan import Plan
from pressroom.runs import records as runs
from pressroom.runs.nodes import nodes_of
from pressroom.services.context import Context


def hand_over(conn: Connection, context: Context, record: runs.RunRecord, plan: Plan, runner: Runner) -> runs.RunRecord:
    """The run, its runner's from now on where that can make the rest of it, and nobody but its caller would."""
    if record.runner != Runner.CALLER or runner is Runner.CALLER:
        return record
    if not context.settings.run_deployment and _lacks_a_key(conn, context, record, plan):
        return record
    return runs.give_to(conn, record, runner)


def _lacks_a_key(conn: Connection, context: Context, record: runs.RunRecord, plan: Plan) -> bool:
    """Whether a node that is still to be bought is of a vendor whose key is not here."""
    rows = nodes_of(conn, runs.owner_of(conn, record.id), record.id)
    waiting = {row.node_id for row in rows if row.state in OPEN_NODES}
    needed = {name for node in plan.nodes if node.bought and node.id in waiting for name in makers(node)}
    return not needed <= configured_providers(context.catalog, context.keys.known(context.catalog))
