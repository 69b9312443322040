"""`pressroom providers`: the vendors, how each stands here, and their keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from pressroom.cli.console import BROKEN, DONE, border, note, print_json, table, time_json, usage, write
from pressroom.cli.options import Account, Json, here, is_by_itself
from pressroom.cli.views.whole_help import WholeHelp
from pressroom.domain.identity import Principal

if TYPE_CHECKING:
    from pydantic import SecretStr

    from pressroom.services.providers import ProvidersContext, Standing

providers = typer.Typer(
    cls=WholeHelp, help="Vendors and their keys: list, set, test, remove.", invoke_without_command=True
)

Name = Annotated[str, typer.Argument(help="A vendor, as `pressroom providers` lists it.")]
PLACES = {"environment": "environment", "keyring": "the system's keyring", "file": "keys.json of this home"}


@providers.callback()
def list_command(context: typer.Context, account: Account = None, as_json: Json = False) -> None:
    """Every vendor: whether it has a key and from where, how its last orders went, what it sells and from what price."""
    if not is_by_itself(context):
        return
    from pressroom.cli.views.table import Column
    from pressroom.services.providers import list_providers

    with border(as_json):
        found = list_providers(*_opened(account))
        if as_json:
            print_json([_line(each) for each in found])
            return
        key, health, tiers, error = (Column(name, prose=True) for name in ("key", "health", "tiers", "last error"))
        columns: list[Column | str] = ["vendor", key, health, tiers, Column("models", right=True), "from", error]
        table(columns, [_row(each) for each in found])


@providers.command("set", context_settings={"allow_extra_args": True})
def set_command(
    context: typer.Context,
    name: Name,
    test: Annotated[
        bool, typer.Option("--test/--no-test", help="Ask the vendor first whether it takes the key.")
    ] = True,
    billing: Annotated[
        bool, typer.Option("--billing", help="It is the one that may read what was charged, for `pressroom reconcile`.")
    ] = False,
    block: Annotated[
        str,
        typer.Option(help="Keep it in this Prefect block of the configured server, for its workers, not in this home."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Keep a vendor's key: asked for without showing it, or read from standard input where that is no terminal.

    It goes into the system's keyring, or where there is none into a file of this home that only its owner may read.
    """
    from pressroom.services.providers import set_key

    with border(as_json):
        if context.args:  # never repeated: it is a key
            raise usage(
                "a key is not given with the command: others can read it there", f"pressroom providers set {name}"
            )
        principal, opened = _opened(None)
        keep = _keeper(block) if block else None
        kept = set_key(principal, opened, name, _asked_for(name), test=test, billing=billing, keep=keep)
        if kept.before:
            note(f"{kept.before} is set in the environment, and comes before the key that was kept\n")
        if as_json:
            print_json({"provider": kept.provider, "name": kept.name, "kept_in": kept.place, "said": kept.said})
            return
        said = f" ({kept.said})" if kept.said else ""
        write(f"{kept.provider}: {kept.name} is kept in {PLACES.get(kept.place, kept.place)}{said}\n")


@providers.command("test")
def try_command(
    name: Annotated[str, typer.Argument(help="Only this vendor; default: all that have a key.")] = "",
    as_json: Json = False,
) -> None:
    """Ask vendors whether they take the keys that there are, by the cheapest harmless call of each. Nothing is bought."""
    from pressroom.cli.views.table import Column
    from pressroom.services.providers import try_keys

    with border(as_json):
        found = try_keys(*_opened(None), name)
        if as_json:
            print_json([{"provider": each.provider, "works": each.works, "said": each.said} for each in found])
        elif not found:
            note("no vendor has a key: pressroom providers set NAME\n")
        else:
            rows = [(each.provider, "works" if each.works else "does not work", each.said) for each in found]
            table(("vendor", Column("key", prose=True), Column("it says", prose=True)), rows)
        raise typer.Exit(DONE if all(each.works for each in found) else BROKEN)


@providers.command("remove")
def remove_command(name: Name, as_json: Json = False) -> None:
    """Forget the key of a vendor that was kept."""
    from pressroom.services.providers import remove_key

    with border(as_json):
        left = remove_key(*_opened(None), name)
        if as_json:
            print_json({"provider": name, "removed": True, "still_set": left or None})
            return
        write(f"{name}: removed{f'; {left} is still set in the environment' if left else ''}\n")


def _opened(account: str | None) -> tuple[Principal, ProvidersContext]:
    from pressroom.bootstrap import open_providers

    settings = here(account)
    return Principal(settings.account), open_providers(settings)


def _keeper(block: str) -> Callable[[str, SecretStr], str]:
    """Keeps keys in a block of the configured Prefect server."""
    from pressroom.cli.flow_run import prefect_of_its_own
    from pressroom.project import put_on_path

    os.environ.update(prefect_of_its_own(here()))
    put_on_path()
    from tasks.context import keep_in_block

    return partial(keep_in_block, block)


def _asked_for(name: str) -> SecretStr:
    from pydantic import SecretStr

    if sys.stdin.isatty():
        return SecretStr(typer.prompt(f"Key of {name}", hide_input=True, err=True))
    try:
        return SecretStr(sys.stdin.readline())
    except UnicodeDecodeError as exc:
        raise usage("what was given on standard input is no text", "pipe the key alone") from exc


def _row(standing: Standing) -> tuple[str, ...]:
    from pressroom.planning.explain import dollars_text

    row, cheapest = standing.row, standing.cheapest
    unit = "" if cheapest is None else min(cheapest.prices, key=lambda price: price.usd or 0).unit
    error = standing.last_error
    return (
        row.name,
        _key_text(standing),
        standing.ails or ("healthy" if standing.tried else "no orders lately"),
        ", ".join(_tiers(standing)),
        str(len(standing.models)),
        "-" if cheapest is None else f"{dollars_text(standing.usd_from)} / {unit}",
        "" if error is None else f"{error.at:%Y-%m-%d %H:%M} {error.text}",
    )


def _key_text(standing: Standing) -> str:
    if not standing.row.keys:
        return "needs none"
    if standing.key is None:
        return f"missing: {' or '.join(standing.row.keys)}"
    name, place = standing.key
    return f"{name}, {PLACES[place]}"


def _line(standing: Standing) -> dict[str, Any]:
    row, error = standing.row, standing.last_error
    name, place = standing.key or (None, None)
    billing, kept_in = standing.billing_key or (None, None)
    return {
        "provider": row.name,
        "title": row.title,
        "configured": standing.configured,
        "key": {"names": list(row.keys), "set": name, "from": place},
        "billing_key": {"names": list(row.billing_keys), "set": billing, "from": kept_in},
        "healthy": not standing.ails if standing.tried else None,
        "ails": standing.ails or None,
        "tiers": _tiers(standing),
        "operations": sorted({model.operation for model in standing.models}),
        "models": len(standing.models),
        "usd_micros_from": standing.usd_from,
        "last_error": None if error is None else {"at": time_json(error.at), "error": error.text},
    }


def _tiers(standing: Standing) -> list[str]:
    from pressroom.catalog.models import Tier

    sold = {model.tier for model in standing.models}
    return [tier for tier in get_args(Tier) if tier in sold]
