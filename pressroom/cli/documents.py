"""`pressroom documents`: campaigns that the account keeps without a folder, to be planned and run as document:NAME."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressroom.cli.console import border, note, print_json, table, time_json, write
from pressroom.cli.options import Account, Json, acting, customer

documents = typer.Typer(help="Campaigns stored without a folder: run them as document:NAME.", no_args_is_help=True)


@documents.command("add")
def add_command(
    file: Annotated[Path, typer.Argument(help="Campaign file (YAML); its media are named asset:ID.")],
    name: Annotated[str, typer.Option(help="What to call it; default: the file's name.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Keep a campaign's text as the newest version of its name."""
    from pressroom.services.documents import store_document
    from pressroom.sources.folder import read_text

    with border(as_json, file.parent):
        found = store_document(*customer(account), name or file.stem, read_text(file))
        if as_json:
            print_json({"id": found.id, "name": found.name, "sha256": found.sha256})
        else:
            note(f"stored {found.name} as {found.id}: pressroom run document:{found.name}\n")


@documents.command("list")
def list_command(
    name: Annotated[str, typer.Option(help="Only the versions of this name.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """The stored campaigns, the newest first."""
    from pressroom.services.documents import list_documents

    with border(as_json):
        found = list_documents(*acting(account), name)
        if as_json:
            print_json([{"id": each.id, "name": each.name, "created_at": time_json(each.created_at)} for each in found])
            return
        table(("id", "name", "stored"), [(each.id, each.name, f"{each.created_at:%Y-%m-%d %H:%M}") for each in found])


@documents.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Its id, or its name: then the newest.")], account: Account = None
) -> None:
    """The text of a stored campaign."""
    from pressroom.services.documents import show_document

    with border():
        write(show_document(*acting(account), name).text)
