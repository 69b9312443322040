"""Options that several commands share, and the home that a command works in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import usage
from pressroom.settings import Settings, settings_for

if TYPE_CHECKING:
    from pressroom.domain.identity import Principal
    from pressroom.services.context import Context

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
Account = Annotated[str | None, typer.Option("--account", help="Account to act for; default: the settings'.")]


def here(account: str | None = None) -> Settings:
    """Settings where the user stands."""
    return settings_for(Path.cwd(), account=account)


def inhabited(account: str | None = None) -> Settings:
    """Settings of a home that is there: looking must not make a new, empty one where somebody happens to stand."""
    settings = here(account)
    if not settings.database_url.get_secret_value() and not settings.sqlite_path.is_file():
        hint = "go to the campaign's folder, or set PRESSROOM_HOME to its .pressroom"
        raise usage(f"nothing was run here yet: there is no {settings.sqlite_path}", hint)
    return settings


def acting(account: str | None) -> tuple[Principal, Context]:
    """The account that acts, and the home it is in, which must be there."""
    from pressroom.domain.identity import Principal
    from pressroom.prefect_server.events import open_watched

    settings = inhabited(account)
    return Principal(settings.account), open_watched(settings)


def customer(account: str | None) -> tuple[Principal, Context]:
    """The account that acts, opened with its grant when it is new, and the home it is in."""
    from pressroom.domain.identity import Principal
    from pressroom.prefect_server.events import open_watched
    from pressroom.services.accounts import open_account

    settings = here(account)
    principal, context = Principal(settings.account), open_watched(settings)
    open_account(principal, context)
    return principal, context
