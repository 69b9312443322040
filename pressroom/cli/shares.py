"""`pressroom shares` and `pressroom links`: what others may see of the account, people by their addresses or by a link."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, table, write
from pressroom.cli.options import Account, Json, acting
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.library.links import PublicLink

shares = typer.Typer(cls=WholeHelp, help="Share assets, folders and collections with people.", no_args_is_help=True)
links = typer.Typer(cls=WholeHelp, help="Public links: shown once, revoked at once.", no_args_is_help=True)

Kind = Annotated[str, typer.Argument(help="asset, folder or collection.")]
Name = Annotated[str, typer.Argument(help="An asset's id, a folder's path or a collection's name.")]
Email = Annotated[str, typer.Argument(help="E-mail address of the person.")]


@shares.command("give")
def give_command(
    kind: Kind,
    name: Name,
    email: Email,
    right: Annotated[
        str, typer.Option(help="view (words and preview), use (the original too) or edit (words, tags, folder, trash).")
    ] = "view",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Share something; sharing again changes the right."""
    from pressroom.services.sharing import share

    with border(as_json):
        found = share(*acting(account), kind, name, email, right)
        if as_json:
            print_json(found.as_dict())
            return
        write(f"{found.share.email} may {found.share.right.value} the {found.share.kind.value} {found.share.name}\n")
        if found.invitation:
            note("nobody signs in with this address yet; their invitation, shown now and never again:\n")
            write(f"{found.invitation}\n")


@shares.command("take")
def take_command(kind: Kind, name: Name, email: Email, account: Account = None) -> None:
    """Take a share back, at once."""
    from pressroom.services.sharing import unshare

    with border():
        unshare(*acting(account), kind, name, email)
        write(f"{email} sees the {kind} {name} no more\n")


@shares.command("list")
def list_command(account: Account = None, as_json: Json = False) -> None:
    """What the account shares, with whom."""
    from pressroom.cli.views.table import Column
    from pressroom.services.sharing import list_shares

    with border(as_json):
        found = list_shares(*acting(account))
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [(each.kind.value, each.name, each.email, each.right.value) for each in found]
        table(("kind", Column("name", prose=True), "with", "right"), rows)


@links.command("create")
def create_command(
    kind: Kind,
    name: Name,
    right: Annotated[str, typer.Option(help="view (words and preview) or use (the original too).")] = "view",
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="After so many days it ends.")] = None,
    downloads: Annotated[int | None, typer.Option(min=1, help="How many downloads it allows.")] = None,
    with_password: Annotated[bool, typer.Option("--password", help="Ask for a password that it wants.")] = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make a link. Its secret is shown now and never again."""
    from pressroom.services.public_links import create_link

    with border(as_json):
        principal, context = acting(account)
        password = (
            typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True) if with_password else ""
        )
        expires_at = None if days is None else context.now() + timedelta(days=days)
        found = create_link(
            principal,
            context,
            kind,
            name,
            right=right,
            password=password,
            most_downloads=downloads,
            expires_at=expires_at,
        )
        if as_json:
            print_json(found.as_dict())
            return
        note(f"link {found.link.id}; its secret, shown now and never again:\n")
        write(f"{found.secret}\n")


@links.command("list")
def list_links_command(account: Account = None, as_json: Json = False) -> None:
    """The account's links, the newest first."""
    from pressroom.cli.views.table import Column
    from pressroom.services.public_links import list_links

    with border(as_json):
        principal, context = acting(account)
        found = list_links(principal, context)
        if as_json:
            print_json([each.as_dict() for each in found])
            return
        rows = [
            (str(each.id), each.target.kind.value, each.name, each.right.value, _taken(each), each.ended(context.now()))
            for each in found
        ]
        columns = (Column("link", right=True), "kind", Column("name", prose=True), "right", "downloads", "ended")
        table(columns, rows)


@links.command("revoke")
def revoke_command(number: Annotated[int, typer.Argument(help="Number of the link.")], account: Account = None) -> None:
    """End a link, at once."""
    from pressroom.services.public_links import revoke_link

    with border():
        revoke_link(*acting(account), number)
        write(f"link {number} opens nothing any more\n")


def _taken(link: PublicLink) -> str:
    return str(link.downloads) if link.most_downloads is None else f"{link.downloads} of {link.most_downloads}"
