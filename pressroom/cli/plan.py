"""`pressroom plan`: price a campaign and say whether it may run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.campaign_request import Feed, Inputs, Refresh, campaign_request
from pressroom.cli.console import DONE, NO_PLAN, REFUSED, border, print_json, stderr_console, usage
from pressroom.cli.options import Account, Json
from pressroom.domain.identity import Principal
from pressroom.settings import settings_for

if TYPE_CHECKING:
    from pressroom.services.plan_campaign import Planned


def plan(
    file: Annotated[Path, typer.Argument(help="Campaign file (YAML), or document:NAME.", show_default=False)],
    inputs: Inputs = None,
    feed: Feed = None,
    refresh: Refresh = None,
    account: Account = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the plan here, to run exactly it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Price a campaign and say whether it may run. Makes no request and writes nothing."""
    with border(as_json, file.parent, empty=NO_PLAN):
        from pressroom.bootstrap import open_planning
        from pressroom.services.plan_campaign import plan_campaign

        settings = settings_for(file.parent, account=account)
        request = campaign_request(file, inputs, feed, refresh)
        planned = plan_campaign(Principal(settings.account), open_planning(settings), request)
        _show(planned, as_json)
        if output is not None:
            _write_contract(output, planned)
        raise typer.Exit(DONE if planned.verdict.allowed else REFUSED)


def _show(planned: Planned, as_json: bool) -> None:
    if as_json:
        from pressroom.planning.plan_file import plan_json

        print_json(plan_json(planned.plan, planned.verdict))
        return
    from pressroom.cli.views.plan_view import show_planned

    show_planned(stderr_console(), planned)


def _write_contract(output: Path, planned: Planned) -> None:
    from pressroom.planning.inputs import located_inputs
    from pressroom.planning.plan_file import contract_json
    from pressroom.storage.streams import disk_errors

    request = planned.request
    contract = contract_json(
        planned.plan,
        planned.verdict,
        planned.account,
        inputs=located_inputs(planned.loaded.campaign, request.inputs, Path(request.inputs_from)),
        feeds=request.feeds,
        refresh=frozenset(request.refresh),
    )
    with disk_errors(output):
        if not output.parent.is_dir():
            raise usage(f"there is no folder {output.parent}", "make it, or name another with -o")
        output.write_text(json.dumps(contract, indent=1) + "\n", encoding="utf-8")
