"""`pressroom run`: plan a campaign, show the plan, and run it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.campaign_request import Feed, Inputs, Out, Refresh, asked, out_of
from pressroom.cli.console import (
    DONE,
    FAILED_NODES,
    NO_PLAN,
    NO_RUN,
    REFUSED,
    SUSPENDED,
    border,
    note,
    print_json,
    stderr_console,
    usage,
)
from pressroom.cli.options import Account, Json
from pressroom.domain.errors import Refused
from pressroom.domain.states import RunState
from pressroom.settings import Settings

if TYPE_CHECKING:
    from pressroom.services.plan_campaign import Planned
    from pressroom.services.run_request import RunRequest


def run(
    file: Annotated[
        Path, typer.Argument(help="Campaign (YAML), document:NAME, or a plan written by plan -o.", show_default=False)
    ],
    inputs: Inputs = None,
    feed: Feed = None,
    refresh: Refresh = None,
    account: Account = None,
    out: Out = None,
    deployment: Annotated[
        str,
        typer.Option("--deployment", metavar="FLOW/NAME", help="Start it on this Prefect deployment instead of here."),
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Take results that an operation is not sure of (policy.uncertain: ask).")
    ] = False,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve plan and price where the campaign asks for it.")
    ] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Buy from simulated vendors with play money; nothing real is touched.")
    ] = False,
    faults: Annotated[
        Path | None, typer.Option("--faults", help="What goes wrong in a rehearsal, as for `pressroom simulator`.")
    ] = None,
    all_vendors: Annotated[
        bool, typer.Option("--all-vendors", help="Rehearse with all vendors, not only those that have a key here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Plan a campaign and run it: hold the credits, make what is missing, deliver, settle."""
    with border(as_json, file.parent, empty=NO_PLAN):
        from pressroom.bootstrap import open_context, open_planning
        from pressroom.cli.flow_run import run_planned
        from pressroom.cli.views.plan_view import show_planned
        from pressroom.services.fetch_inputs import planned_with_inputs
        from pressroom.services.plan_campaign import plan_campaign

        out = out_of(out)
        request, settings, contract = asked(file, inputs, feed, refresh, account)
        given = {"account": settings.account, "out": out, "accept_uncertain": yes}
        request = request.model_copy(update=given)
        if rehearse or faults or all_vendors:
            if not rehearse or deployment:
                message = "a rehearsal is run here, and only a rehearsal has --faults and --all-vendors"
                raise usage(message, "say --rehearse, and no --deployment")
            _rehearse(settings, request, faults, as_json, all_vendors=all_vendors)
            return
        if deployment:
            pinned = request.model_copy(update={"plan_hash": contract.plan_hash}) if contract is not None else request
            _launch(settings, pinned, deployment, as_json)
            return
        _recover_runs(settings)
        principal, planning = request.principal(settings.account), open_planning(settings)
        planned = planned_with_inputs(
            principal, lambda: open_context(settings), lambda: plan_campaign(principal, planning, request)
        )
        if contract is not None:
            _refuse_drift(contract, planned)
        show_planned(stderr_console(), planned)
        if not planned.verdict.allowed:
            _refuse(planned, as_json)
        finish(run_planned(settings, planned, stderr_console(), approved=approve), as_json)


def _launch(settings: Settings, request: RunRequest, deployment: str, as_json: bool) -> None:
    """Hand the run to the workers of a deployment; it is planned, priced and refused there."""
    from pressroom.cli.flow_run import configured_prefect
    from pressroom.prefect_server.api import PrefectServer
    from pressroom.prefect_server.deployment import PrefectDeployment

    url, credentials = configured_prefect(settings)
    launched = PrefectDeployment(PrefectServer(url, credentials), deployment).launch(
        request.principal(settings.account), request
    )
    flow_run = f"{url.removesuffix('/api')}/runs/flow-run/{launched.flow_run_id}"
    note(f"started run {launched.run_id}; watch it at {flow_run}\n")
    if as_json:
        print_json(
            {**NO_RUN, "state": RunState.PLANNED, "run_id": launched.run_id, "flow_run_id": launched.flow_run_id}
        )


def _rehearse(
    settings: Settings, request: RunRequest, faults: Path | None, as_json: bool, *, all_vendors: bool
) -> None:
    from pressroom.cli.rehearsal import plan_rehearsed, rehearsal, run_rehearsed
    from pressroom.cli.views.plan_view import show_planned
    from pressroom.cli.views.run_view import show_rehearsal

    with rehearsal(settings, faults, all_vendors=all_vendors) as stage:
        show_rehearsal(stderr_console(), stage.vendors)
        planned = plan_rehearsed(stage, request)
        show_planned(stderr_console(), planned)
        if not planned.verdict.allowed:
            _refuse(planned, as_json)
        finish(run_rehearsed(stage, planned, stderr_console()), as_json)


def _recover_runs(settings: Settings) -> None:
    """Give back what a killed run still holds, so that running it again is not refused for want of those credits."""
    if settings.database_url.get_secret_value() or settings.sqlite_path.is_file():
        from pressroom.prefect_server.events import open_watched
        from pressroom.services.recover_runs import recover_runs

        recover_runs(open_watched(settings))


def _refuse_drift(contract: Any, planned: Planned) -> None:
    from pressroom.planning.plan_file import drift_of

    drift = drift_of(contract, planned.plan, planned.account)
    if drift:
        raise Refused("the plan no longer holds", problems=tuple(drift))


def _refuse(planned: Planned, as_json: bool) -> None:
    if as_json:
        problems = [problem.as_dict() for problem in planned.verdict.problems]
        print_json({**NO_RUN, "state": RunState.REFUSED, "problems": problems})
    raise typer.Exit(REFUSED)


def finish(summary: dict[str, Any], as_json: bool) -> None:
    """Show how a run ended or what it waits for, and leave with its exit status."""
    from pressroom.cli.views.run_view import json_of, show_run, show_suspended

    if summary["state"] == RunState.SUSPENDED:
        show_suspended(stderr_console(), summary)
        if as_json:
            print_json(json_of(summary))
        raise typer.Exit(SUSPENDED)

    show_run(stderr_console(), summary)
    if as_json:
        print_json(json_of(summary))
    whole = summary["state"] == RunState.COMPLETED and summary["delivered"]
    raise typer.Exit(DONE if whole else FAILED_NODES)
