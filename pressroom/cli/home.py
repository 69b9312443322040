"""`pressroom home`: the settings of a home as a block of the Prefect server, for workers that have none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, usage
from pressroom.cli.options import Account, Json, here
from pressroom.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr

home = typer.Typer(help="Homes that workers open by name: database, store, keys and defaults.", no_args_is_help=True)


@home.command("register")
def register_command(
    name: Annotated[str, typer.Argument(help="What deployments and runs call it: small letters, digits and -.")],
    scratch: Annotated[
        str, typer.Option(help="Folder of a worker's own for work in progress; empty: the worker's settings decide.")
    ] = "~/.pressroom",
    shared_disk: Annotated[
        bool, typer.Option("--shared-disk", help="Workers see this machine's folders: the home may be one of them.")
    ] = False,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Keep the current settings and vendors' keys as a Prefect block, secrets as secrets; again: replaces it."""
    with border(as_json):
        from pressroom.cli.flow_run import prefect_of_its_own
        from pressroom.project import put_on_path

        settings = here(account)
        if not shared_disk:
            _refuse_folders(settings)
        os.environ.update(prefect_of_its_own(settings))
        put_on_path()
        from tasks.context import register_home

        keys = _keys(settings)
        register_home(name, settings, keys, str(settings.home) if shared_disk else scratch)
        if as_json:
            print_json({"block": name, "keys": sorted(keys)})
            return
        held = f" with {', '.join(sorted(keys))}" if keys else ", without a vendor's key"
        note(f"registered home block {name}{held}: pressroom deploy FILES --home-block {name}\n")


def _refuse_folders(settings: Settings) -> None:
    """A database or a store in a folder is of this machine alone."""
    if settings.url.startswith("sqlite"):
        hint = "set database_url to a PostgreSQL, or say --shared-disk where workers see this folder"
        raise usage(f"the database is a file of this machine: {settings.sqlite_path}", hint)
    if not settings.store.startswith("s3://"):
        folder = Path(settings.store) if settings.store else settings.home / "media"
        raise usage(
            f"the store is a folder of this machine: {folder}", "set store to s3://BUCKET, or say --shared-disk"
        )


def _keys(settings: Settings) -> dict[str, SecretStr]:
    """Every vendor's key that is known here, under its first name in the catalog."""
    from pressroom.bootstrap import catalog_for, keys_for

    catalog, keys = catalog_for(settings), keys_for(settings)
    groups = [names for row in catalog.providers.values() for names in (row.keys, row.billing_keys) if names]
    found = {names[0]: keys.read(names) for names in groups}
    return {name: key for name, key in found.items() if key is not None}
