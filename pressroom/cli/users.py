"""`pressroom users`: who may act for the account, as what."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, table, usage, write
from pressroom.cli.options import Account, Json, customer
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.people.members import Member

users = typer.Typer(cls=WholeHelp, help="Members of the account: owner, admin, editor or viewer.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="E-mail address of the person.")]


@users.command("add")
def add_command(
    email: Email,
    role: Annotated[str, typer.Option(help="owner, admin, editor or viewer.")] = "viewer",
    name: Annotated[str, typer.Option(help="What the account calls the person.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Let a person act for the account; nothing is sent to anybody."""
    from pressroom.services.people import add_member

    with border(as_json):
        principal, context = customer(account)
        _told(add_member(principal, context, email, role, name=name), as_json)


@users.command("list")
def list_command(account: Account = None, as_json: Json = False) -> None:
    """Everybody in the account."""
    from pressroom.cli.views.table import Column
    from pressroom.services.people import list_members

    with border(as_json):
        found = list_members(*customer(account))
        if as_json:
            print_json([member.as_dict() for member in found])
            return
        rows = [(each.email, _standing(each), each.name, f"{each.created_at:%Y-%m-%d}") for each in found]
        table(("email", "role", Column("name", prose=True), "since"), rows)


@users.command("role")
def role_command(
    email: Email,
    role: Annotated[str, typer.Argument(help="owner, admin, editor or viewer.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make a member something else; the account keeps an owner."""
    from pressroom.services.people import change_role

    with border(as_json):
        principal, context = customer(account)
        _told(change_role(principal, context, email, role), as_json)


@users.command("remove")
def remove_command(email: Email, account: Account = None, as_json: Json = False) -> None:
    """End a membership and revoke its tokens; the account keeps an owner."""
    from pressroom.services.people import remove_member

    with border(as_json):
        principal, context = customer(account)
        gone = remove_member(principal, context, email)
        if as_json:
            print_json(gone.as_dict() | {"removed": True})
            return
        write(f"{gone.email}: removed\n")


@users.command("disable")
def disable_command(email: Email, account: Account = None, as_json: Json = False) -> None:
    """Shut a member out of every account at once: no token of theirs is good."""
    _set_disabled(email, account, as_json, disabled=True)


@users.command("enable")
def enable_command(email: Email, account: Account = None, as_json: Json = False) -> None:
    """Let a disabled member in again."""
    _set_disabled(email, account, as_json, disabled=False)


@users.command("password")
def password_command(
    email: Email,
    link: Annotated[
        bool, typer.Option("--link", help="Print the path of a page where the person sets it, once, within a week.")
    ] = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Set a member's password, asked for or from standard input, or print a link for the person; sessions end."""
    from pressroom.services.sign_in import password_link, set_password

    with border(as_json):
        principal, context = customer(account)
        if link:
            path = f"/password/{password_link(principal, context, email)}"
            if as_json:
                print_json({"email": email, "path": path})
                return
            note("Pressroom's pages have it under this path, once:\n")
            write(f"{path}\n")
            return
        set_password(principal, context, email, _asked_for(email))
        if as_json:
            print_json({"email": email, "password_set": True})
            return
        write(f"{email}: password set\n")


def _asked_for(email: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(f"Password of {email}", hide_input=True, confirmation_prompt=True, err=True))
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError as exc:
        raise usage("what was given on standard input is no text", "pipe the password alone") from exc


def _set_disabled(email: str, account: str | None, as_json: bool, *, disabled: bool) -> None:
    from pressroom.services.people import set_disabled

    with border(as_json):
        principal, context = customer(account)
        _told(set_disabled(principal, context, email, disabled=disabled), as_json)


def _told(member: Member, as_json: bool) -> None:
    if as_json:
        print_json(member.as_dict())
        return
    write(f"{member.email}: {_standing(member)}\n")


def _standing(member: Member) -> str:
    return f"{member.role.value}{' (disabled)' if member.disabled_at else ''}"
