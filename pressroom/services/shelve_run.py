"""Put what a run delivers where its campaign says: on collections, and with tags also where the library had it already."""

from __future__ import annotations

from pressroom.domain.states import MADE_NODES, NodeState
from pressroom.library.collections import add_to_collection, make_sure_of
from pressroom.library.tags import add_tags
from pressroom.runs.nodes import nodes_of
from pressroom.services.context import Context
from pressroom.services.running import RunningRun


def shelve(context: Context, run: RunningRun) -> None:
    """Harmless when repeated: whoever takes the run up after a kill does it again, before it is closed."""
    told = {
        node.id: node.words for node in run.plan.nodes if node.deliver and {"collection", "tags"} & node.words.keys()
    }
    if not told:
        return
    with context.database.write() as conn:
        for node in nodes_of(conn, run.account_id, run.id):
            words = told.get(node.node_id, {})
            if not words or node.state not in MADE_NODES:
                continue
            if node.state == NodeState.REUSED and words.get("tags"):
                add_tags(conn, run.account_id, node.asset_ids, words["tags"])
            if name := words.get("collection"):
                make_sure_of(conn, run.account_id, name)
                add_to_collection(conn, run.account_id, name.strip(), node.asset_ids)
