"""Options that several commands share, and the home that a command works in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, usage
from pressroom.settings import Settings, settings_for

if TYPE_CHECKING:
    from pressroom.domain.identity import Principal
    from pressroom.services.context import Context

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
Account = Annotated[str | None, typer.Option("--account", help="Account to act for; default: the settings'.")]


def is_by_itself(context: typer.Context) -> bool:
    """Whether a group of commands was called without one of them. Ends with the fix where an option of the group stands before a
    command, which would never hear of it: an `--account` there, and the credits are another's.
    """
    if context.invoked_subcommand is None:
        return True
    given = [
        option
        for option in context.command.params
        if option.name and (source := context.get_parameter_source(option.name)) and source.name == "COMMANDLINE"
    ]
    if given:
        name, command = given[0].opts[0], context.invoked_subcommand
        following = getattr(context.command, "commands", {})[command]
        knows = any(name in option.opts for option in following.params)
        hint = (
            f"write `pressroom {context.info_name} {command} … {name}`"
            if knows
            else f"{command} has no {name}: leave it out"
        )
        with border():
            raise usage(f"{name} stands before {command}", hint)
    return False


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
