"""A finished run as the JSON that tools rely on."""

from __future__ import annotations

from typing import Any

from pressroom.delivery.publish import Published
from pressroom.domain.media import Asset
from pressroom.domain.money import to_number
from pressroom.domain.states import MADE_NODES
from pressroom.library.assets import known
from pressroom.planning.stored_plan import load_plan
from pressroom.reporting.near_duplicates import too_alike
from pressroom.runs import records as runs
from pressroom.services.context import Context
from pressroom.services.finish_run import Settlement


def summary_of(context: Context, settlement: Settlement, published: Published | None) -> dict[str, Any]:
    """`run --json`: state, nodes with their assets and where they lie, credits, and the contact sheet's path."""
    with context.database.read() as conn:
        record = runs.run_of(conn, settlement.account_id, settlement.run_id)
        rows = runs.nodes_of(conn, settlement.account_id, settlement.run_id)
        assets = known(conn, settlement.account_id, (row.key for row in rows if row.state in MADE_NODES))
        warnings = too_alike(context, conn, settlement.account_id, rows, assets)
    plan = load_plan(record.plan)
    return {
        "run_id": record.id,
        "state": settlement.state,
        "campaign": record.campaign,
        "flow_run_id": record.flow_run_id,
        "nodes": [
            {
                "id": row.node_id,
                "step": row.step,
                "variant": dict(plan.node(row.node_id).variant),
                "operation": row.operation,
                "state": row.state,
                "action": row.action,
                "credits": to_number(row.credits_micros),
                "usd_micros": row.usd_micros,
                "seconds": round(row.seconds, 3),
                "error": row.error,
                "assets": [
                    _asset(context, row.node_id, asset, published)
                    for asset in (assets.get(row.key, ()) if row.state in MADE_NODES else ())
                ],
            }
            for row in rows
        ],
        "problems": [problem.as_dict() for problem in plan.problems],
        "warnings": [problem.as_dict() for problem in warnings],
        "credits": {
            "held": to_number(settlement.held_micros),
            "captured": to_number(settlement.captured_micros),
            "released": to_number(settlement.released_micros),
            "balance": to_number(settlement.balance_micros),
        },
        "usd_micros": settlement.usd_micros,
        "out": str(published.folder) if published else record.out_dir,
        "statement": published.statement if published else "",
        "report": str(published.report) if published else record.report,
    }


def _asset(context: Context, node_id: str, asset: Asset, published: Published | None) -> dict[str, Any]:
    # What is delivered lies in the out folder, what is only made on the way in the store (when that is a folder here).
    delivered = published.paths.get((node_id, asset.id)) if published else None
    path = delivered or context.store.local_path(asset.sha256)
    return {
        "id": asset.id,
        "sha256": asset.sha256,
        "kind": asset.kind.value,
        "mime": asset.mime,
        "width": asset.width,
        "height": asset.height,
        "duration_seconds": asset.duration_seconds,
        "bytes": asset.size_bytes,
        "placement": asset.placement,
        "label": asset.label,
        "delivered": delivered is not None,
        "path": str(path) if path else None,
    }
