"""A finished run as the JSON that tools rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pressroom.domain.money import amount_text, to_number, usd_text
from pressroom.domain.states import MADE_NODES, RunState
from pressroom.reporting.model import AssetReport, Failure, NodeReport, RunReport
from pressroom.reporting.statement import render_statement

_MOST_CAUSES: Final = 3


def summary_of(report: RunReport) -> dict[str, Any]:
    """`run --json`: state, nodes with their assets and where they lie, credits, and how the delivery went."""
    delivery = report.delivery
    return {
        "run_id": report.run_id,
        "state": report.state,
        "rehearsal": False,
        "campaign": report.campaign,
        "account": report.account,
        "flow_run_id": report.flow_run_id,
        "nodes": [_node(node, delivery.folder) for node in report.nodes],
        "failures": [_failure(failure) for failure in report.failures],
        "problems": [problem.as_dict() for problem in report.problems],
        "warnings": [problem.as_dict() for problem in report.notes],
        "credits": {
            "held": to_number(report.held_micros),
            "captured": to_number(report.captured_micros),
            "released": to_number(report.released_micros),
            "balance": to_number(report.balance_micros),
        },
        "usd_micros": report.usd_micros,
        "locked_usd_micros": dict(report.locked),
        "delivered": delivery.problem is None,
        "out": delivery.folder or None,
        "statement": render_statement(report),
        "report": delivery.sheet or None,
        "report_url": delivery.link or None,
    }


def summary_of_suspended(run_id: str, campaign: str, account: str, waits_for: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a run that waits for a person."""
    return {
        "run_id": run_id,
        "state": RunState.SUSPENDED.value,
        "rehearsal": False,
        "campaign": campaign,
        "account": account,
        "nodes": [],
        "failures": [],
        "problems": [],
        "warnings": [],
        "waits_for": dict(waits_for),
        "delivered": False,
        "out": None,
        "report": None,
    }


def outcome_text(summary: Mapping[str, Any]) -> str:
    """How a run went, for one line: what was not made and why, what was, and what it cost."""
    nodes, failures = summary["nodes"], summary["failures"]
    made = sum(node["state"] in MADE_NODES for node in nodes)
    causes = [f"{failure['name']}: {' '.join(failure['error'].split())}" for failure in failures[:_MOST_CAUSES]]
    more = [f"and {len(failures) - _MOST_CAUSES} more"] if len(failures) > _MOST_CAUSES else []
    paid = f"{amount_text(summary['credits']['captured'])} credits ({usd_text(summary['usd_micros'])} at vendors) paid"
    return "; ".join((f"{made} of {len(nodes)} nodes made, {paid}", *causes, *more))


def undelivered_text(summary: Mapping[str, Any]) -> str:
    """Why a run's files are not in their folder, what was paid for them and where they are kept; empty where they are there."""
    problem = next((each for each in summary["problems"] if each["code"] == "delivery"), None)
    if problem is None:
        return ""
    files = sum(len(node["assets"]) for node in summary["nodes"])
    paid = f"{amount_text(summary['credits']['captured'])} credits ({usd_text(summary['usd_micros'])} at vendors)"
    return (
        f"delivery failed: {problem['message']}; {paid} were paid, {files} files of run {summary['run_id']} are kept in the "
        f"library of account {summary['account']}; mend it, then `pressroom runs deliver {summary['run_id']}`"
    )


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "name": failure.name,
        "state": failure.state,
        "error": failure.error,
        "consequence": failure.consequence,
        "nodes": [node.id for node in failure.nodes],
        "not_made": [node.id for node in failure.not_made],
    }


def _node(node: NodeReport, folder: str) -> dict[str, Any]:
    return {
        "id": node.id,
        "step": node.step,
        "variant": dict(node.variant),
        "operation": node.operation,
        "provider": node.provider,
        "model": node.model,
        "why": node.why,
        "state": node.state,
        "action": node.action,
        "credits": to_number(node.credits_micros),
        "usd_micros": node.usd_micros,
        "usd_quoted_micros": node.usd_quoted_micros,
        "usd_billed_micros": node.usd_billed_micros,
        "seconds": round(node.seconds, 3),
        "error": node.error,
        "assets": [_asset(asset, folder) for asset in node.assets],
    }


def _asset(asset: AssetReport, folder: str) -> dict[str, Any]:
    # What is delivered lies in the out folder, what is only made on the way in the store (when that is a folder here).
    path = f"{folder}/{asset.href}" if asset.href else asset.path
    return {
        "id": asset.id,
        "sha256": asset.sha256,
        "kind": asset.kind.value,
        "mime": asset.mime,
        "width": asset.width,
        "height": asset.height,
        "duration_seconds": asset.duration_seconds,
        "bytes": asset.bytes,
        "placement": asset.placement,
        "label": asset.label,
        "delivered": asset.delivered,
        "path": str(path) if path else None,
        "url": asset.link,
    }
