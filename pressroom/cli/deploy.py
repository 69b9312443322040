"""`pressroom deploy`: campaigns as deployments of a Prefect server, each with its own form, schedules and limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.console import border, note, print_json, table, usage
from pressroom.cli.options import Account, Json
from pressroom.settings import settings_for

if TYPE_CHECKING:
    from pressroom.prefect_server.deployments import Change
    from pressroom.services.deployment_spec import DeploymentSpec


def deploy(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Campaigns (YAML); each file's `deploy:` section says how. None: only the work pool is made."
        ),
    ] = None,
    pool: Annotated[
        str, typer.Option(help="Work pool whose workers run them; made where it is not there.")
    ] = "pressroom",
    home_block: Annotated[
        str, typer.Option(help="Pressroom home block that their runs open; default: the workers' own settings.")
    ] = "",
    group: Annotated[
        str, typer.Option(help="What is deployed and retired together: one name for each set of campaign files.")
    ] = "campaigns",
    stored: Annotated[
        bool, typer.Option("--stored", help="Keep each campaign as a stored document, instead of in the deployment.")
    ] = False,
    shared_disk: Annotated[
        bool, typer.Option("--shared-disk", help="Workers read the files where they lie here.")
    ] = False,
    account: Account = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Create or update one Prefect deployment per campaign; those whose files were removed are retired."""
    with border(as_json):
        from pressroom.bootstrap import open_context, open_planning
        from pressroom.cli.flow_run import configured_prefect
        from pressroom.domain.identity import Principal
        from pressroom.prefect_server.api import PrefectServer
        from pressroom.prefect_server.deployments import Deployments
        from pressroom.services.deploy_campaigns import Carried, read_for_deployment

        if stored and shared_disk:
            raise usage("a campaign is either stored or read from a shared disk", "give one of the two")
        settings = settings_for(account=account)
        deployments = Deployments(PrefectServer(*configured_prefect(settings)), pool)
        carried = Carried.DOCUMENT if stored else Carried.FILE if shared_disk else Carried.TEXT
        specs = [
            read_for_deployment(
                Principal(settings.account), open_planning(settings), lambda: open_context(settings), file,
                carried=carried, group=group, home_block=home_block, dry_run=dry_run,
            )
            for file in files or ()
        ]  # fmt: skip
        changes = deployments.apply(specs, group, lambda source: Path(source).is_file(), dry_run=dry_run)
        rows = [_row(change, specs) for change in changes]
        if as_json:
            print_json(rows)
            return
        if not rows:
            note(f"work pool {pool} is there\n")
            return
        table(("deployment", "change", "queue", "schedules", "price"), [tuple(map(str, _shown(row))) for row in rows])
        if dry_run:
            note("nothing was changed\n")


def _row(change: Change, specs: list[DeploymentSpec]) -> dict[str, Any]:
    from pressroom.services.deployment_spec import FLOW

    spec = next((spec for spec in specs if spec.name == change.name and change.action != "retired"), None)
    return {
        "deployment": f"{FLOW}/{change.name}",
        "change": change.action,
        "id": change.deployment_id or None,
        "file": spec.source if spec else None,
        "queue": spec.queue.name if spec else None,
        "schedules": [each["schedule"] for each in spec.body["schedules"] if each["active"]] if spec else [],
        "price": spec.body["description"].splitlines()[-1] if spec else None,
    }


def _shown(row: dict[str, Any]) -> tuple[str, ...]:
    rhythms = [
        f"{each['cron']} {each['timezone']}" if "cron" in each else f"every {each['interval']:g} s"
        for each in row["schedules"]
    ]
    return row["deployment"], row["change"], row["queue"] or "", "; ".join(rhythms), row["price"] or ""
