"""Looks at the user's files for the planner: hash and measures, each file opened once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from pressroom.campaign.paths import FONT_SUFFIXES, OUTSIDE_HINT, is_pattern, is_reference, leaves_folder, outside
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Corrupt, Invalid
from pressroom.domain.media import FONT_MIME, Kind, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.printable import is_utf8
from pressroom.planning.plan import FileFacts
from pressroom.sources.globs import files_of
from pressroom.sources.library_media import EmptyLibrary, LibraryMedia
from pressroom.sources.near_files import did_you_mean_file

MAX_SHOWN: Final = 120  # characters of a name in a message


class LocalFiles:
    """Files of one campaign; relative paths start in `folder` and stay there. Implements pressroom.planning.plan.Files.

    `given` are the texts that the caller passed: these alone may lead anywhere.
    """

    def __init__(
        self,
        folder: Path,
        limits: MediaLimits,
        *,
        given: Iterable[str] = (),
        library: LibraryMedia | None = None,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._given = frozenset(given)
        self._library = library or LibraryMedia(EmptyLibrary())
        self._facts: dict[str, FileFacts] = {}

    @property
    def unfetched(self) -> tuple[str, ...]:
        return self._library.unfetched

    def matching(self, pattern: str, kind: Kind, most: int) -> tuple[str, ...]:
        is_given = pattern in self._given
        if not is_given and leaves_folder(pattern):
            raise Invalid(outside(pattern), hint=OUTSIDE_HINT)
        try:
            if is_pattern(pattern) and Path(self.resolve(pattern)).is_file():
                return (pattern,)  # a name with brackets in it
            found = files_of(self._folder, pattern, most, inside=None if is_given else self._folder)
        except (OSError, ValueError) as exc:
            raise Invalid(f"{pattern[:80]!r} is no path of a folder: {exc}") from exc
        if is_given:
            self._given |= set(found)  # what the caller's folder holds is the caller's choice as well
        if is_pattern(pattern):
            return tuple(found)
        kept = tuple(path for path in found if self._kind_of(path) is kind)
        if not kept:
            raise Invalid(
                f"the folder {pattern} holds no {kind}", hint="pressroom looks at the bytes, not at the names"
            )
        return kept

    def _kind_of(self, path: str) -> Kind | None:
        """By the first bytes: a folder may hold anything besides its photos."""
        from pressroom.media.files.sniff import sniff_file

        found = sniff_file(Path(self.resolve(path)))
        return found.kind if found else None

    def resolve(self, path: str) -> str:
        if is_reference(path):
            return path
        return os.path.realpath(self._folder / Path(path).expanduser())

    def media(self, path: str) -> FileFacts:
        if path not in self._facts:
            self._facts[path] = self._library.facts(path) if is_reference(path) else self._look(path)
        return self._facts[path]

    def font(self, name: str) -> FileFacts:
        if is_reference(name):
            return self.media(name)
        if not name.lower().endswith(FONT_SUFFIXES):
            return bundled_font(name)

        def look(path: Path) -> FileFacts:
            from pressroom.media.typography.fonts import load_user_font

            load_user_font(path)
            return FileFacts(file_digest(path), MediaInfo(Kind.TEXT, FONT_MIME, size_bytes=path.stat().st_size))

        return self._guarded(name, look)

    def _look(self, path: str) -> FileFacts:
        from pressroom.media.files.probe import inspect

        return self._guarded(path, lambda file: FileFacts(info=inspect(file, self._limits), sha256=file_digest(file)))

    def _guarded(self, name: str, look: Callable[[Path], FileFacts]) -> FileFacts:
        """What `look` finds, or why the file cannot be used."""
        if not is_utf8(name):
            return FileFacts(problem=f"{name} is a name that is not UTF-8: rename it, e.g. with convmv or mv")
        try:
            path = Path(self.resolve(name))
            if name not in self._given and (leaves_folder(name) or not is_inside(path, self._folder)):
                return FileFacts(problem=f"{outside(name)}: {OUTSIDE_HINT}")
            missing = _missing(name, path)
        except (OSError, ValueError, RuntimeError) as exc:  # too long, a NUL character, ~ of a user who is not there
            reason = getattr(exc, "strerror", None) or exc
            return FileFacts(problem=f"{_shortened(name)} is no path of a file: {reason}")
        if missing:
            return FileFacts(problem=missing)
        try:
            return look(path)
        except Corrupt as exc:
            return FileFacts(problem=f"{name}: {exc}")
        except OSError as exc:
            return FileFacts(problem=f"{name} cannot be read: {exc.strerror}")


def bundled_font(name: str) -> FileFacts:
    """No facts and no problem for a font that comes with the package."""
    # Imported here: most campaigns name no font, and `pressroom plan` has half a second.
    from pressroom.media.typography.fonts import font_names

    if name in font_names():
        return FileFacts()
    return FileFacts(problem=f"no bundled font {name!r}; there are {', '.join(font_names())}, or name a font file")


def is_inside(path: Path, folder: Path) -> bool:
    """Whether the file is in the folder or below it, links followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _missing(name: str, path: Path) -> str:
    if path.is_file():
        return ""
    if path.is_dir():
        return f"{name} is a folder, not a file"
    if path.exists():
        return f"{name} is no file"  # a device, a pipe
    looked = "" if str(path) == name else f" (looked for {path})"
    meant = did_you_mean_file(name, path)
    return f"{name} is not there{looked}{meant and ': '}{meant}"


def _shortened(name: str) -> str:
    return name if len(name) <= MAX_SHOWN else f"{name[: MAX_SHOWN // 2]}…{name[-MAX_SHOWN // 2 :]}"
