"""`pressroom jobs`: purchases that are open at vendors, and how a person settles what no program can know."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.console import border, print_json, table, time_json, usage, write
from pressroom.cli.options import Account, Json, inhabited
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.buying.job import Job
    from pressroom.domain.identity import Principal
    from pressroom.services.context import Context

jobs = typer.Typer(cls=WholeHelp, help="Purchases: open, of unknown fate, or rejected.", no_args_is_help=True)

COLUMNS = ("node", "state", "age", "model", "run", "quoted", "billed", "job")

Name = Annotated[str, typer.Argument(help="A job's key, or the beginning of it.")]


@jobs.command("list")
def list_command(
    account: Account = None,
    everything: Annotated[bool, typer.Option("--all", help="Ended ones as well.")] = False,
    as_json: Json = False,
) -> None:
    """What is open at vendors, may have been taken by them, or was rejected by our checks."""
    from pressroom.services.jobs import list_jobs

    with border(as_json):
        principal, context = _opened(account)
        found = list_jobs(principal, context, everything=everything)
        if as_json:
            print_json([_line(context, job) for job in found])
            return
        rows = [tuple(str(value) for value in _row(context, job)) for job in found]
        table(COLUMNS, rows)


@jobs.command("show")
def show_command(job: Name, account: Account = None, as_json: Json = False) -> None:
    """One job: what was ordered, what to look for at the vendor, what was billed and delivered."""
    from pressroom.services.jobs import find_job, look_for

    with border(as_json):
        principal, context = _opened(account)
        found = find_job(principal, context, job)
        looks = look_for(found)
        if as_json:
            plain = {name: time_json(each) if isinstance(each, datetime) else each for name, each in looks.items()}
            print_json(_line(context, found) | {"look_for": plain, "evidence": found.evidence})
            return
        lines = [f"{found.order_key}: {found.state}{f', {found.error}' if found.error else ''}", *_story(found, looks)]
        write("\n".join(lines) + "\n")


@jobs.command("reconcile")
def reconcile_command(
    job: Name,
    vendor_job: Annotated[str, typer.Option(help="It is there, under this id: it is fetched.")] = "",
    absent: Annotated[bool, typer.Option("--absent", help="The vendor never took it: its credits come back.")] = False,
    billed: Annotated[float | None, typer.Option(help="It was billed, USD, and cannot be had.")] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Settle a job by what you found at the vendor: exactly one of the three."""
    from pressroom.domain.money import micros
    from pressroom.services.jobs import Reconciled, reconcile

    with border(as_json):
        if bool(vendor_job) + absent + (billed is not None) != 1:
            raise usage("say what you found", "one of --vendor-job ID, --absent, --billed USD")
        principal, context = _opened(account)
        try:
            found = Reconciled(vendor_job, absent, None if billed is None else micros(billed))
        except ValueError as exc:
            raise usage(str(exc), "e.g. --billed 0.03") from exc
        _tell(context, reconcile(principal, context, job, found), as_json)


@jobs.command("forget")
def forget_command(
    job: Name,
    account: Account = None,
    yes: Annotated[bool, typer.Option("--yes", help="It stays counted as spent, and may be bought again.")] = False,
    as_json: Json = False,
) -> None:
    """Give a job up. It stays counted as spent, and its node may be bought again."""
    from pressroom.services.jobs import find_job, forget

    with border(as_json):
        principal, context = _opened(account)
        found = find_job(principal, context, job)
        if not yes:
            raise usage(
                f"job {found.order_key} may have been taken by {found.provider}: given up, it may be bought twice",
                "say --yes to give it up all the same",
            )
        _tell(context, forget(principal, context, found.order_key), as_json)


@jobs.command("collect")
def collect_command(account: Account = None, as_json: Json = False) -> None:
    """Ask about every open job of runs that have ended, and keep what was delivered."""
    from pressroom.services.jobs import collect

    with border(as_json):
        principal, context = _opened(account)
        found = collect(principal, context)
        if as_json:
            print_json([_line(context, job) for job in found])
            return
        rows = [tuple(str(value) for value in _row(context, job)) for job in found]
        table(COLUMNS, rows)


@jobs.command("fetch")
def fetch_command(job: Name, account: Account = None, as_json: Json = False) -> None:
    """Fetch again what our checks refused, or what could not be had. Nothing is ordered; the next run checks and files it."""
    from pressroom.services.jobs import fetch_again

    with border(as_json):
        principal, context = _opened(account)
        _tell(context, fetch_again(principal, context, job), as_json)


@jobs.command("adopt")
def adopt_command(
    vendor: Annotated[str, typer.Argument(help="As the catalog names it.")],
    model: Annotated[
        str, typer.Argument(help="What was ordered there, as the catalog names it, with or without VENDOR/.")
    ],
    vendor_job: Annotated[str, typer.Argument(help="The vendor's own id of the order.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Take over an order that a vendor has and nobody here knows: its files into the library, its bill into the books."""
    from pressroom.services.adopt_job import adopt_job

    with border(as_json):
        principal, context = _opened(account)
        adopted = adopt_job(principal, context, vendor, model.removeprefix(f"{vendor}/"), vendor_job)
        if as_json:
            print_json(_line(context, adopted.job) | {"assets": [asset.id for asset in adopted.assets]})
            return
        _tell(context, adopted.job, as_json)
        for asset in adopted.assets:
            write(f"  {asset.id}: {asset.title}\n")


def _opened(account: str | None) -> tuple[Principal, Context]:
    from pressroom.domain.identity import Principal
    from pressroom.prefect_server.events import open_watched

    context = open_watched(inhabited())
    return Principal(account or context.settings.account), context


def _tell(context: Context, job: Job, as_json: bool) -> None:
    from pressroom.domain.money import in_credits, usd_text

    if as_json:
        print_json(_line(context, job))
        return
    spent, captured = usd_text(job.spent_usd_micros), in_credits(job.captured_micros)
    write(f"{job.order_key}: {job.state}, {spent} counts as spent, {captured} captured\n")


def _row(context: Context, job: Job) -> tuple[str, ...]:
    from pressroom.domain.money import usd_text

    billed = "not said" if job.billed_usd_micros is None else usd_text(job.billed_usd_micros)
    node = str(job.ordered.get("node", job.node_key[:12]))
    return (
        node,
        job.state,
        _age(context, job),
        job.maker,
        job.run_id,
        usd_text(job.usd_bound_micros),
        billed,
        job.order_key,
    )


def _age(context: Context, job: Job) -> str:
    minutes = int((context.now() - job.created_at).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440} d"


def _line(context: Context, job: Job) -> dict[str, Any]:
    return {
        "job": job.order_key,
        "state": str(job.state),
        "vendor": job.provider,
        "model": job.model,
        "vendor_job": job.vendor_job_id,
        "node": job.ordered.get("node", ""),
        "run": job.run_id,
        "created_at": job.created_at.isoformat(),
        "quoted_usd_micros": job.usd_estimate_micros,
        "quoted_usd_bound_micros": job.usd_bound_micros,
        "billed_usd_micros": job.billed_usd_micros,
        "spent_usd_micros": job.spent_usd_micros,
        "assumed": job.assumed,
        "captured_credits_micros": job.captured_micros,
        "files": [asdict(file) for file in job.delivery],
        "error": job.error,
    }


def _shown(name: str, value: Any) -> str:
    from pressroom.domain.money import usd_text

    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return usd_text(value) if name.startswith("price_usd") else str(value)


def _story(job: Job, looks: dict[str, Any]) -> list[str]:
    from pressroom.buying.costs import bill_text
    from pressroom.domain.purchases import FETCH_JOB

    said = ((name, _shown(name, value)) for name, value in looks.items() if value)
    found = [f"  {name.removesuffix('_micros').replace('_', ' ')}: {value}" for name, value in said]
    bill = [f"bill: {bill_text(job)}", *(f"  {name}: {value}" for name, value in job.evidence.items())]
    files = [f"delivered: {file.sha256} ({file.mime}, {file.size} bytes)" for file in job.delivery]
    again = [f"to fetch its files again: {FETCH_JOB} {job.order_key}"] if job.may_be_fetched else []
    head = [f"node {job.ordered.get('node', '')} of run {job.run_id}", "look at the vendor for:"]
    return [*head, *found, *bill, *files, *again]
