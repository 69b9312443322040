"""`pressroom assets uses|stats|versions|deliver`: how assets are used, what there is, and what was before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.console import border, print_json, table, write
from pressroom.cli.options import Account, Json, acting

if TYPE_CHECKING:
    from pressroom.library.statistics import Statistics

uses = typer.Typer()  # joins the commands of pressroom.cli.assets

Asset = Annotated[str, typer.Argument(metavar="ASSET", help="Its id.")]


@uses.command("uses")
def uses_command(
    name: Asset,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many of the newest.")] = 50,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Who used an asset, when, and for what."""
    from pressroom.cli.views.table import Column
    from pressroom.services.uses import list_uses

    with border(as_json):
        found = list_uses(*acting(account), name, limit)
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [(f"{each.at:%Y-%m-%d %H:%M}", each.kind.value, each.member, _in_short(each.details)) for each in found]
        table(("at", "use", "by", Column("details", prose=True)), rows)


@uses.command("use")
def use_command(
    name: Asset,
    kind: Annotated[
        str, typer.Argument(help="view, download, share, embed, agent, post, email, presentation or campaign.")
    ],
    key: Annotated[str, typer.Option(help="The same key is the same use, however often it is told.")] = "",
    detail: Annotated[list[str] | None, typer.Option(help="What else is known: name=value; repeat it.")] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Say that an asset was used."""
    from pressroom.services.uses import record_use

    with border(as_json):
        details = dict(each.partition("=")[::2] for each in detail or ())
        recorded = record_use(*acting(account), name, kind, key=key, details=details)
        if as_json:
            print_json({"recorded": recorded})
            return
        write("recorded\n" if recorded else "known already\n")


@uses.command("stats")
def stats_command(account: Account = None, as_json: Json = False) -> None:
    """How much the library holds, what it cost, and what of it is used."""
    from pressroom.services.uses import library_statistics

    with border(as_json):
        principal, context = acting(account)
        found = library_statistics(principal, context)
        if as_json:
            print_json(found.as_dict(principal.account))
            return
        _show(found)


@uses.command("versions")
def versions_command(name: Asset, account: Account = None, as_json: Json = False) -> None:
    """What runs made for the same step, variant and place, and what changed from one to the next."""
    from pressroom.cli.views.table import Column
    from pressroom.services.uses import list_versions

    with border(as_json):
        principal, context = acting(account)
        found = list_versions(principal, context, name)
        if as_json:
            print_json([each.as_dict(principal.account) for each in found])
            return
        rows = [
            (str(each.number), each.asset.id, each.asset.run_id, ", ".join(change.what for change in each.changes))
            for each in found
        ]
        table((Column("version", right=True), "asset", "run", Column("changed", prose=True)), rows)


@uses.command("deliver")
def deliver_command(
    name: Asset,
    to: Annotated[str, typer.Argument(metavar="FOLDER|s3://BUCKET/FOLDER", help="Where to.")],
    account: Account = None,
) -> None:
    """Deliver an asset that is there, an older version for instance; nothing is made or bought."""
    from pressroom.services.deliver_asset import deliver_asset

    with border():
        write(f"{deliver_asset(*acting(account), name, to)}\n")


def _in_short(details: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in details.items()
    )


def _show(found: Statistics) -> None:
    from pressroom.domain.money import credits_text, usd_text
    from pressroom.reporting.format import bytes_text

    rate = "" if found.reuse_rate is None else f", {found.reuse_rate:.0%} of all nodes reused"
    credits, usd = credits_text(found.cost_credits_micros), usd_text(found.cost_usd_micros)
    write(
        f"{found.count:,} assets, {found.trashed:,} in the trash, {bytes_text(found.storage_bytes)} stored\n"
        f"cost {credits} credits, {usd}; {found.used:,} used, {found.uses:,} uses, {found.views:,} views{rate}\n"
    )
    for name, counts in found.by.items():
        write(f"{name:10} {', '.join(f'{value} {count:,}' for value, count in sorted(counts.items()))}\n")
