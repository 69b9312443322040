"""Checks of everything that a run needs on the machine where it runs, each with the words that help."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pressroom import bootstrap
from pressroom.domain.errors import PressroomError
from pressroom.settings import Settings

LEAST_FREE_BYTES: Final = 1_000_000_000
FFMPEG_SECONDS: Final = 10

Look = Callable[[Settings], str]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    text: str


def checks(settings: Settings, more: Mapping[str, Look] | None = None) -> Iterator[Check]:
    """Every check, and `more`, whatever the others found."""
    for name, look in {**_LOOKS, **(more or {})}.items():
        yield _check(name, look, settings)


def _check(name: str, look: Look, settings: Settings) -> Check:
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
    catalog = bootstrap.catalog_for(settings)
    return f"{len(catalog.models)} models, {len(catalog.placements)} placements"


def _disk(settings: Settings) -> str:
    free = bootstrap.free_disk_bytes(settings)
    if free < LEAST_FREE_BYTES:
        raise OSError(f"{free / 1e9:.1f} GB free, at least {LEAST_FREE_BYTES / 1e9:g} GB are needed")
    return f"{free / 1e9:.1f} GB free"


_LOOKS: Final[Mapping[str, Look]] = {
    "home": _home,
    "ffmpeg": _ffmpeg,
    "fonts": _fonts,
    "catalog": _catalog,
    "store": lambda settings: bootstrap.open_store(settings).check(),
    "database": lambda settings: bootstrap.open_database(settings).check(),
    "provenance": lambda settings: bootstrap.open_provenance(settings).check(),
    "disk": _disk,
}
