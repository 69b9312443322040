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

_LIFTS = {"run": "cap_run", "day": "cap_day", "standing": "standing_day"}

tokens = typer.Typer(
    cls=WholeHelp, help="API tokens: shown once, kept as a hash, revoked at once.", no_args_is_help=True
)


CapRun = Annotated[
    float | None, typer.Option("--cap-run", min=0, help="The most credits that one of its runs may cost.")
]
CapDay = Annotated[
    float | None, typer.Option("--cap-day", min=0, help="The most credits that its runs of a day (UTC) may cost.")
]
Standing = Annotated[
    float | None,
    typer.Option("--standing", min=0, help="Within so many credits a day (UTC) its agent asks no person.", metavar="N"),
]


@tokens.command("create")
def create_command(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may be used for; repeat for several. Default: only reading.")
    ] = None,
    user: Annotated[str, typer.Option(help="Member that it belongs to; default: nobody.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3_650, help="After this many days it expires.")] = 365,
    cap_run: CapRun = None,
    cap_day: CapDay = None,
    standing: Standing = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Make a token. Its secret is shown now and never again."""
    from pressroom.services.tokens import create_token

    with border(as_json):
        principal, context = customer(account)
        expires_at = context.now() + timedelta(days=days)
        caps = {"cap_run": cap_run, "cap_day": cap_day, "standing_day": standing}
        made = create_token(principal, context, name, scopes=scope or (), user=user, expires_at=expires_at, caps=caps)
        if as_json:
            print_json(made.token.as_dict() | {"secret": made.secret})
            return
        scopes = ", ".join(sorted(made.token.scopes))
        note(f"{made.token.prefix} may {scopes} until {expires_at:%Y-%m-%d}{_caps_text(made.token, '; ')}\n")
        write(f"{made.secret}\n")


@tokens.command("cap")
def cap_command(
    prefix: Annotated[str, typer.Argument(help="The token's first 12 characters, as `list` shows them.")],
    cap_run: CapRun = None,
    cap_day: CapDay = None,
    standing: Standing = None,
    lift: Annotated[
        list[str] | None, typer.Option(help="A cap to lift: run, day or standing; repeat for several.")
    ] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Give a token other caps; those that are not named stay."""
    from pressroom.services.tokens import change_caps

    with border(as_json):
        principal, context = customer(account)
        given = {"cap_run": cap_run, "cap_day": cap_day, "standing_day": standing}
        lifted: dict[str, float | None] = {_LIFTS.get(name, name): None for name in lift or ()}
        changes = lifted | {name: value for name, value in given.items() if value is not None}
        changed = change_caps(principal, context, prefix, changes)
        if as_json:
            print_json(changed.as_dict())
            return
        write(f"{changed.prefix}: {_caps_text(changed) or 'no caps'}\n")


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
        rows = [
            (t.prefix, t.name, t.user, " ".join(sorted(t.scopes)), _caps_text(t), _state(t, context.now()))
            for t in found
        ]
        prose = [Column(name, prose=True) for name in ("name", "scopes", "caps", "state")]
        table(("token", prose[0], "user", *prose[1:]), rows)


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


def _caps_text(token: Token, before: str = "") -> str:
    """`5 a run, 20 a day (3 spent), 2 unasked`; empty without caps."""
    from pressroom.domain.money import credits_text

    caps, today = token.caps, token.today
    spent = f" ({credits_text(today.used + today.held)} spent or held today)" if today.used + today.held else ""
    parts = (
        (caps.run, "a run", ""),
        (caps.day, "a day", spent),
        (caps.standing, "a day unasked", ""),
    )
    said = ", ".join(f"{credits_text(cap)} {what}{more}" for cap, what, more in parts if cap is not None)
    return f"{before}{said}" if said else ""


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    if token.expires_at is not None and token.expires_at <= now:
        return f"expired {token.expires_at:%Y-%m-%d}"
    return f"used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "not used yet"
