"""`pressroom doctor`: checks of everything that a run needs, here or where a worker runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from pressroom import bootstrap as app
from pressroom.cli.console import BROKEN, DONE, border, harmless, usage, write
from pressroom.cli.options import here, inhabited
from pressroom.settings import Settings
from pressroom.surroundings import Check, checks


def doctor(
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="First empty the trash of what is due, and remove media that nothing refers to."),
    ] = False,
    from_worker: Annotated[
        str, typer.Option("--from-worker", metavar="POOL", help="Check what a worker of this pool sees, instead.")
    ] = "",
    home_block: Annotated[
        str, typer.Option(help="Pressroom home block that the worker opens; default: its own settings.")
    ] = "",
) -> None:
    """Check everything that a run needs: ffmpeg, fonts, store, database, Prefect, free disk."""
    with border():
        if from_worker:
            _tell(_seen_by_worker(here(), from_worker, home_block))
        if home_block:
            raise usage("only workers open a home block", "say --from-worker POOL")
        if sweep:
            write(f"{_swept(inhabited())}\n")
        _tell(checks(here(), {"prefect": _prefect}))


def _tell(found: Iterable[Check]) -> None:
    """Print the checks and end with the status that they add up to."""
    ok = True
    for check in found:
        ok = ok and check.ok
        write(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:10} {harmless(check.text)}\n")
    raise typer.Exit(DONE if ok else BROKEN)


def _swept(settings: Settings) -> str:
    from pressroom.reporting.format import bytes_text, count_text
    from pressroom.services.sweep_store import sweep_store

    found = sweep_store(app.open_context(settings))
    if found is None:
        return "swept nothing: a bucket may hold what others refer to"
    return f"swept {count_text(found.objects, 'object')} that nothing refers to, {bytes_text(found.size_bytes)}"


def _prefect(settings: Settings) -> str:
    from pressroom.cli.flow_run import prefect_status

    return prefect_status(settings)


def _seen_by_worker(settings: Settings, pool: str, home_block: str) -> list[Check]:
    from pressroom.cli.flow_run import configured_prefect
    from pressroom.prefect_server.api import PrefectServer
    from pressroom.prefect_server.from_worker import checks_of_worker

    return checks_of_worker(PrefectServer(*configured_prefect(settings)), pool, home_block)
