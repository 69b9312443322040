"""`pressroom reconcile`: what a vendor charged in a month, order by order, against what is counted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.console import REFUSED, border, print_json, table, usage, write
from pressroom.cli.options import Json, acting

if TYPE_CHECKING:
    from pressroom.services.reconcile_bill import Line, Statement

COLUMNS = ("", "node", "model", "ours", "theirs", "vendor's order", "why")


def reconcile(
    vendor: Annotated[str, typer.Option(help="Whose bill, as the catalog names it: fal.", show_default=False)] = "",
    month: Annotated[str, typer.Option(help="UTC, like 2026-11; default: this one.")] = "",
    settle: Annotated[bool, typer.Option("--settle", help="Book what its record says where it differs.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what is equal as well.")] = False,
    as_json: Json = False,
) -> None:
    """Prove what a vendor charged: its record of every order against ours. Exit status 3 where they do not agree."""
    from pressroom.domain.months import month_of
    from pressroom.services.reconcile_bill import Verdict, reconcile_bill

    with border(as_json):
        if not vendor:
            raise usage("say whose bill it is", "e.g. --vendor fal")
        principal, context = acting(None)
        found = reconcile_bill(principal, context, vendor, month or month_of(context.now()), settle=settle)
        if as_json:
            print_json(_json(found))
        else:
            shown = [line for line in found.lines if everything or line.verdict is not Verdict.EQUAL or line.reason]
            if shown:
                table(COLUMNS, [_row(line) for line in shown])
            write(f"{_summary(found)}\n")
        if not found.agrees:
            raise typer.Exit(REFUSED)


def _row(line: Line) -> tuple[str, ...]:
    node = str(line.job.ordered.get("node", "")) if line.job else ""
    ours, theirs = map(_amount, (line.ours_micros, line.theirs_micros))
    return (str(line.verdict), node, line.product, ours, theirs, line.vendor_job, line.reason)


def _amount(micros: int | None) -> str:
    from pressroom.domain.money import usd_text

    return "" if micros is None else usd_text(micros)


def _summary(found: Statement) -> str:
    from pressroom.services.reconcile_bill import Verdict

    orders = sum(line.job is not None for line in found.lines)
    head = f"{found.vendor}, {found.month}: {orders} order{'' if orders == 1 else 's'}"
    sums = f"ours {_amount(found.ours_micros)}"
    if found.theirs_micros is not None and found.lines:
        sums += f", theirs {_amount(found.theirs_micros)}"
    counts = [f"{len(found.of(verdict))} {verdict}" for verdict in Verdict if found.of(verdict)]
    proof = f"; by {' and '.join(found.proofs)}" if found.proofs else ""
    why = f"\nno record: {found.no_record}" if found.no_record else ""
    return f"{head}; {sums}; {', '.join(counts) or 'nothing to compare'}{proof}{why}"


def _json(found: Statement) -> dict[str, Any]:
    return {
        "vendor": found.vendor,
        "month": found.month,
        "agrees": found.agrees,
        "no_record": found.no_record,
        "ours_usd_micros": found.ours_micros,
        "theirs_usd_micros": found.theirs_micros,
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "verdict": str(line.verdict),
        "proof": str(line.proof),
        "account": line.account,
        "job": line.job.order_key if line.job else None,
        "node": line.job.ordered.get("node", "") if line.job else None,
        "run": line.job.run_id if line.job else None,
        "vendor_job": line.vendor_job,
        "model": line.product,
        "at": line.at.isoformat(),
        "ours_usd_micros": line.ours_micros,
        "theirs_usd_micros": line.theirs_micros,
        "evidence": dict(line.charge.billed.evidence) if line.charge else {},
        "reason": line.reason,
    }
