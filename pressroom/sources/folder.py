"""A campaign that is a YAML file on this disk, with its media, fonts, feeds and brand file in the same folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pressroom.campaign.document import MAX_DOCUMENT_BYTES, decode, too_large
from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded, WrongNames, parse_campaign
from pressroom.campaign.paths import ASSET, OUTSIDE_HINT, outside
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Operation
from pressroom.sources.feeds import CHECK_PATH, READ_BYTES, Unreadable, read_feeds
from pressroom.sources.library_media import EmptyLibrary, LibraryMedia
from pressroom.sources.local_files import LocalFiles, is_inside
from pressroom.sources.near_files import did_you_mean_file


class FolderSource:
    """The campaign file at `path`. Implements pressroom.sources.base.CampaignSource."""

    def __init__(self, path: Path, limits: MediaLimits | None = None, library: LibraryMedia | None = None) -> None:
        self._path = path
        self._folder = path.parent
        self._limits = limits or MediaLimits()
        self._library = library or LibraryMedia(EmptyLibrary())

    @property
    def name(self) -> str:
        return str(self._path)

    def load(
        self,
        *,
        operations: Mapping[str, Operation[Any]] | None = None,
        placements: Collection[str] | None = None,
        names: WrongNames | None = None,
    ) -> Loaded:
        text = read_text(self._path)
        return parse_campaign(
            text, self.name, operations=operations, placements=placements, names=names, beside=self._beside
        )

    def feeds(self, loaded: Loaded, given: Mapping[str, str], max_rows: int) -> dict[str, Feed]:
        return read_feeds(loaded, given, max_rows, self._feed)

    def files(self, given: Iterable[str] = ()) -> LocalFiles:
        return LocalFiles(self._folder, self._limits, given=given, library=self._library)

    def _beside(self, name: str) -> str:
        """The text of a brand file."""
        path = self._folder / name
        if not is_inside(path, self._folder):
            raise Invalid.of([Problem("file", outside(name), OUTSIDE_HINT, str(path), 1, 1)])
        return read_text(path, "brand file")

    def _feed(self, name: str, is_given: bool) -> tuple[str, bytes]:
        if name.startswith(ASSET):
            return self._library.feed(name)
        path = self._folder / name
        try:
            if not is_given and not is_inside(path, self._folder):
                raise Unreadable(outside(name), OUTSIDE_HINT)
            if not is_given and path.exists() and not path.is_file():
                raise Unreadable(f"the feed {name} cannot be read: it is no file")  # a pipe would be waited for
            with path.open("rb") as stream:
                return str(path), stream.read(READ_BYTES)
        except (OSError, ValueError) as exc:
            reason = getattr(exc, "strerror", None) or str(exc)
            hint = did_you_mean_file(name, path) or CHECK_PATH
            raise Unreadable(f"the feed {name} cannot be read: {reason}", hint) from exc


def read_text(path: Path, what: str = "campaign") -> str:
    """The text of a UTF-8 file. Raises Invalid when it is missing, too large or not UTF-8."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_DOCUMENT_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        hint = did_you_mean_file(path.name, path) or CHECK_PATH
        problem = Problem("file", f"the {what} cannot be read: {reason}", hint, file, 1, 1)
        raise Invalid.of([problem]) from exc
    if len(data) > MAX_DOCUMENT_BYTES:
        raise too_large(file)
    return decode(data, file)
