"""`pressroom retention`: rules for what has become old, and what they would do."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom.cli.asset_changes import Yes, told
from pressroom.cli.console import border, print_json, table, write
from pressroom.cli.options import Account, Json, acting
from pressroom.cli.views.whole_help import WholeHelp

retention = typer.Typer(
    cls=WholeHelp, help="Rules that archive, trash or purge what has become old.", no_args_is_help=True
)


@retention.command("add")
def add_command(
    name: Annotated[str, typer.Argument(help="What to call the rule.")],
    action: Annotated[str, typer.Argument(help="archive, trash or purge.")],
    days: Annotated[int, typer.Argument(help="For what was filed longer ago than so many days.")],
    kind: Annotated[str, typer.Option(help="Only of this kind.")] = "",
    tag: Annotated[str, typer.Option(help="Only with this tag.")] = "",
    campaign: Annotated[str, typer.Option(help="Only of this campaign.")] = "",
    state: Annotated[str, typer.Option(help="Only in this state: ready, processing, failed, archived, trashed.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make a rule; `retention apply` shows what it would do."""
    from pressroom.library.retention import RetentionRule
    from pressroom.services.retention import add_retention_rule

    with border(as_json):
        rule = RetentionRule(name, action, days, kind, tag, campaign, state)
        found = add_retention_rule(*acting(account), rule)
        if as_json:
            print_json(found.as_dict())
        else:
            write(f"made {name}\n")


@retention.command("list")
def list_command(account: Account = None, as_json: Json = False) -> None:
    """The rules, in the order in which they are applied."""
    from pressroom.cli.views.table import Column
    from pressroom.services.retention import list_retention_rules

    with border(as_json):
        found = list_retention_rules(*acting(account))
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [
            (
                each.name,
                each.action,
                f"{each.older_than_days:,}",
                " ".join(filter(None, (each.kind, each.tag, each.campaign, each.state))) or "everything",
            )
            for each in found
        ]
        table((Column("rule", prose=True), "action", Column("days", right=True), Column("of", prose=True)), rows)


@retention.command("remove")
def remove_command(name: Annotated[str, typer.Argument(help="Name of the rule.")], account: Account = None) -> None:
    """Remove a rule; what it has done stays."""
    from pressroom.services.retention import remove_retention_rule

    with border():
        remove_retention_rule(*acting(account), name)
        write(f"removed {name}\n")


@retention.command("apply")
def apply_command(yes: Yes = False, account: Account = None, as_json: Json = False) -> None:
    """Apply every rule to what has become old; without --yes, say what each would do."""
    from pressroom.services.retention import apply_retention

    with border(as_json):
        found = apply_retention(*acting(account), dry_run=not yes)
        if as_json:
            print_json({name: changed.as_dict() for name, changed in found.items()})
            return
        for name, changed in found.items():
            write(f"{name}: ")
            told(changed, as_json=False)
