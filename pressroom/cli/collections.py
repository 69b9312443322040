"""`pressroom collections`: named shelves of assets, with a cover and an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.asset_changes import Ids, Where, Yes, chosen, told
from pressroom.cli.console import border, print_json, table, write
from pressroom.cli.options import Account, Json, acting
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.library.collections import Collection

collections = typer.Typer(
    cls=WholeHelp, help="Collections of assets: create, edit, fill, order, delete.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Name of the collection.")]


@collections.command("list")
def list_command(account: Account = None, as_json: Json = False) -> None:
    """Every collection of the account."""
    from pressroom.cli.views.table import Column
    from pressroom.services.collections import list_collections

    with border(as_json):
        found = list_collections(*acting(account))
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [(each.name, f"{each.count:,}", each.cover or "", each.description) for each in found]
        columns = (Column("collection", prose=True), Column("assets", right=True), "cover", Column("about", prose=True))
        table(columns, rows)


@collections.command("show")
def show_command(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many assets.")] = 50,
    after: Annotated[str, typer.Option(help="Those behind this asset.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """What lies in a collection, in its order."""
    from pressroom.services.collections import show_collection

    with border(as_json):
        principal, context = acting(account)
        found, items = show_collection(principal, context, name, limit, after or None)
        if as_json:
            print_json({**found.as_dict(), "assets": [each.as_dict(principal.account) for each in items]})
            return
        table(("asset", "kind", "name"), [(each.id, each.kind.value, each.name) for each in items])


@collections.command("create")
def create_command(
    name: Name,
    description: Annotated[str, typer.Option(help="What it is about.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make an empty collection."""
    from pressroom.services.collections import create_collection

    with border(as_json):
        _told(create_collection(*acting(account), name, description), as_json)


@collections.command("edit")
def edit_command(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    cover: Annotated[str | None, typer.Option(help="The asset that stands for it; an empty one takes it off.")] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Change a collection's name, description or cover."""
    from pressroom.services.collections import edit_collection

    with border(as_json):
        principal, context = acting(account)
        found = edit_collection(principal, context, name, new_name=new_name, description=description, cover=cover)
        _told(found, as_json)


@collections.command("add")
def add_command(
    name: Name,
    ids: Ids = None,
    where: Where = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Put assets on a collection, behind what lies there."""
    from pressroom.services.collections import add_to_collection

    with border(as_json):
        which = chosen(ids, where)
        told(add_to_collection(*acting(account), name, which, dry_run=not yes), as_json)


@collections.command("remove")
def remove_command(
    name: Name,
    ids: Ids = None,
    where: Where = None,
    yes: Yes = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Take assets off a collection; they stay in the library."""
    from pressroom.services.collections import remove_from_collection

    with border(as_json):
        which = chosen(ids, where)
        told(remove_from_collection(*acting(account), name, which, dry_run=not yes), as_json)


@collections.command("order")
def order_command(
    name: Name,
    ids: Annotated[list[str], typer.Argument(metavar="ASSET...", help="Ids of those that come first, in their order.")],
    account: Account = None,
) -> None:
    """Lay assets first; the others follow as they lay."""
    from pressroom.services.collections import order_collection

    with border():
        order_collection(*acting(account), name, ids)


@collections.command("delete")
def delete_command(name: Name, account: Account = None) -> None:
    """Delete a collection; its assets stay."""
    from pressroom.services.collections import delete_collection

    with border():
        delete_collection(*acting(account), name)
        write(f"deleted {name}; its assets stay\n")


def _told(found: Collection, as_json: bool) -> None:
    if as_json:
        print_json(found.as_dict())
    else:
        write(f"{found.name}: {found.count:,} assets\n")
