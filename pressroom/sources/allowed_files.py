"""Files of the server's own disk, as far as whoever runs it lets callers name them: nothing outside of these folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from pressroom.campaign.paths import is_reference
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.planning.plan import FileFacts
from pressroom.sources.library_media import LibraryMedia
from pressroom.sources.local_files import LocalFiles
from pressroom.sources.stored import LibraryFiles

OUTSIDE = "no folder of the server's is open for it: name an asset, an upload or an https address"


class AllowedFiles(LibraryFiles):
    """As LibraryFiles; a path may lie in one of these folders, links followed. Relative ones start in the first."""

    def __init__(self, media: LibraryMedia, folders: Sequence[Path], limits: MediaLimits) -> None:
        super().__init__(media)
        self._folders = [(folder, LocalFiles(folder, limits)) for folder in folders]

    def media(self, path: str) -> FileFacts:
        if is_reference(path):
            return super().media(path)
        found = self._within(path)
        return (
            FileFacts(problem=f"{path[:80]!r} cannot be used: {OUTSIDE}") if found is None else found[1].media(found[0])
        )

    def matching(self, pattern: str, kind: Kind, most: int) -> tuple[str, ...]:
        found = self._within(pattern)
        if found is None:
            raise Invalid(f"{pattern[:80]!r} cannot be used", hint=OUTSIDE)
        name, files = found
        return tuple(str(Path(self._folder_of(files)) / each) for each in files.matching(name, kind, most))

    def resolve(self, path: str) -> str:
        found = None if is_reference(path) else self._within(path)
        return super().resolve(path) if found is None else found[1].resolve(found[0])

    def _within(self, path: str) -> tuple[str, LocalFiles] | None:
        """The path below the folder that it names, and the files of that; it is not looked at here what links lead to."""
        if ".." in PurePath(path).parts or path.startswith("~"):
            return None
        for folder, files in self._folders:
            if not path.startswith("/"):
                return path, files
            if PurePath(path).is_relative_to(folder):
                return str(PurePath(path).relative_to(folder)), files
        return None

    def _folder_of(self, files: LocalFiles) -> Path:
        return next(folder for folder, each in self._folders if each is files)
