"""`pressroom tokens`: secrets with which programs act for the account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, table, write
from pressroom.cli.options import Account, Json, customer
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from datetime import datetime

    from pressroom.people.tokens import Token

tokens = typer.Typer(
    cls=WholeHelp, help="API tokens: shown once, kept as a hash, revoked at once.", no_args_is_help=True
)


@tokens.command("create")
def create_command(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may be used for; repeat for several. Default: only reading.")
    ] = None,
    user: Annotated[str, typer.Option(help="Member that it belongs to; default: nobody.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3_650, help="After this many days it expires.")] = 365,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make a token. Its secret is shown now and never again."""
    from pressroom.services.tokens import create_token

    with border(as_json):
        principal, context = customer(account)
        expires_at = context.now() + timedelta(days=days)
        made = create_token(principal, context, name, scopes=scope or (), user=user, expires_at=expires_at)
        if as_json:
            print_json(made.token.as_dict() | {"secret": made.secret})
            return
        scopes = ", ".join(sorted(made.token.scopes))
        note(f"{made.token.prefix} may {scopes} until {expires_at:%Y-%m-%d}\n")
        write(f"{made.secret}\n")


@tokens.command("list")
def list_command(account: Account = None, as_json: Json = False) -> None:
    """The account's tokens, newest first."""
    from pressroom.cli.views.table import Column
    from pressroom.services.tokens import list_tokens

    with border(as_json):
        principal, context = customer(account)
        found = list_tokens(principal, context)
        if as_json:
            print_json([token.as_dict() for token in found])
            return
        rows = [(t.prefix, t.name, t.user, " ".join(sorted(t.scopes)), _state(t, context.now())) for t in found]
        table(
            ("token", Column("name", prose=True), "user", Column("scopes", prose=True), Column("state", prose=True)),
            rows,
        )


@tokens.command("revoke")
def revoke_command(
    prefix: Annotated[str, typer.Argument(help="The token's first 12 characters, as `list` shows them.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """End a token at once."""
    from pressroom.services.tokens import revoke_token

    with border(as_json):
        principal, context = customer(account)
        ended = revoke_token(principal, context, prefix)
        if as_json:
            print_json(ended.as_dict())
            return
        write(f"{ended.prefix}: revoked\n")


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    if token.expires_at is not None and token.expires_at <= now:
        return f"expired {token.expires_at:%Y-%m-%d}"
    return f"used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "not used yet"
