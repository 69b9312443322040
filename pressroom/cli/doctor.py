"""`pressroom doctor`: checks of everything that a run needs, each with the words that help."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from pressroom import bootstrap as app
from pressroom.cli.console import BROKEN, DONE, border, harmless, write
from pressroom.cli.options import here, inhabited
from pressroom.domain.errors import PressroomError
from pressroom.settings import Settings

LEAST_FREE_BYTES = 1_000_000_000
FFMPEG_SECONDS = 10


def doctor(
    sweep: Annotated[
        bool, typer.Option("--sweep", help="First remove media of killed processes that nothing refers to for a day.")
    ] = False,
) -> None:
    """Check everything that a run needs: ffmpeg, fonts, store, database, Prefect, free disk."""
    with border():
        if sweep:
            write(f"{_swept(inhabited())}\n")
        found = list(checks(here()))
        for check in found:
            mark = "ok  " if check.ok else "FAIL"
            write(f"{mark}  {check.name:10} {harmless(check.text)}\n")
        raise typer.Exit(DONE if all(check.ok for check in found) else BROKEN)


def _swept(settings: Settings) -> str:
    from pressroom.reporting.format import bytes_text, count_text
    from pressroom.services.sweep_store import sweep_store

    found = sweep_store(app.open_context(settings))
    if found is None:
        return "swept nothing: a bucket may hold what others refer to"
    return f"swept {count_text(found.objects, 'object')} that nothing refers to, {bytes_text(found.size_bytes)}"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    text: str


def checks(settings: Settings) -> Iterator[Check]:
    """Every check, whatever the others found."""
    for name, look in (
        ("home", _home),
        ("ffmpeg", _ffmpeg),
        ("fonts", _fonts),
        ("catalog", _catalog),
        ("store", lambda settings: app.open_store(settings).check()),
        ("database", lambda settings: app.open_database(settings).check()),
        ("provenance", lambda settings: app.open_provenance(settings).check()),
        ("prefect", _prefect),
        ("disk", _disk),
    ):
        yield _check(name, look, settings)


def _check(name: str, look: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, True, look(settings))
    except (PressroomError, OSError, subprocess.SubprocessError) as exc:
        return Check(name, False, str(exc))


def _home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    return str(settings.home)


def _ffmpeg(settings: Settings) -> str:
    from pressroom.media.files.ffmpeg import ffmpeg_program

    program = ffmpeg_program(settings.ffmpeg)
    done = subprocess.run([program, "-version"], capture_output=True, timeout=FFMPEG_SECONDS, check=True)
    return f"{done.stdout.decode().splitlines()[0].split(' Copyright')[0]} at {program}"


def _fonts(settings: Settings) -> str:
    from pressroom.media.typography.fonts import bundled_fonts, font_names

    missing = [font.path.name for font in bundled_fonts() if not font.path.is_file()]
    if missing:
        raise OSError(f"missing: {', '.join(missing)}; install pressroom again")
    return ", ".join(font_names())


def _catalog(settings: Settings) -> str:
    catalog = app.catalog_for(settings)
    return f"{len(catalog.models)} models, {len(catalog.placements)} placements"


def _prefect(settings: Settings) -> str:
    from pressroom.prefect_server.lifecycle import check

    return check(settings.home)


def _disk(settings: Settings) -> str:
    free = app.free_disk_bytes(settings)
    if free < LEAST_FREE_BYTES:
        raise OSError(f"{free / 1e9:.1f} GB free, at least {LEAST_FREE_BYTES / 1e9:g} GB are needed")
    return f"{free / 1e9:.1f} GB free"
