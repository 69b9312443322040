"""A campaign without a folder, stored or passed as text: its media and feeds are assets of the account's library."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded, WrongNames, parse_campaign
from pressroom.campaign.paths import ASSET, is_reference
from pressroom.domain.errors import Invalid, NotFound
from pressroom.domain.media import Kind
from pressroom.domain.operation import Operation
from pressroom.planning.plan import FileFacts
from pressroom.sources.base import DOCUMENT
from pressroom.sources.feeds import Unreadable, read_feeds
from pressroom.sources.library_media import LibraryMedia
from pressroom.sources.local_files import bundled_font

NO_FOLDER = "the campaign has no folder: name an asset of the library, asset:ID"


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a stored campaign."""

    id: str
    name: str
    text: str
    sha256: str
    created_at: datetime


def no_document(name: str) -> NotFound:
    """The account has no document of this id or name."""
    return NotFound(f"there is no stored campaign {name[:80]!r}", hint="`pressroom documents list` shows them")


class TextSource:
    """A campaign's text, called `name` in problems. Implements pressroom.sources.base.CampaignSource.

    No file outside the library is ever opened, whoever names it, but what other `files` allow.
    """

    def __init__(self, name: str, text: str, media: LibraryMedia, files: LibraryFiles | None = None) -> None:
        self._name = name
        self._text = text
        self._media = media
        self._files = files or LibraryFiles(media)

    @classmethod
    def of(cls, document: Document, media: LibraryMedia, files: LibraryFiles | None = None) -> TextSource:
        return cls(f"{DOCUMENT}{document.id}", document.text, media, files)

    @property
    def name(self) -> str:
        return self._name

    def load(
        self,
        *,
        operations: Mapping[str, Operation[Any]] | None = None,
        placements: Collection[str] | None = None,
        names: WrongNames | None = None,
    ) -> Loaded:
        return parse_campaign(self._text, self.name, operations=operations, placements=placements, names=names)

    def feeds(self, loaded: Loaded, given: Mapping[str, str], max_rows: int) -> dict[str, Feed]:
        return read_feeds(loaded, given, max_rows, self._feed)

    def files(self, given: Iterable[str] = ()) -> LibraryFiles:
        return self._files

    def _feed(self, name: str, is_given: bool) -> tuple[str, bytes]:
        if not name.startswith(ASSET):
            raise Unreadable(f"the feed {name!r:.80} cannot be read", NO_FOLDER)
        return self._media.feed(name)


class LibraryFiles:
    """Media of a campaign without a folder. Implements pressroom.planning.plan.Files."""

    def __init__(self, media: LibraryMedia) -> None:
        self._media = media
        self._facts: dict[str, FileFacts] = {}

    @property
    def unfetched(self) -> tuple[str, ...]:
        return self._media.unfetched

    def media(self, path: str) -> FileFacts:
        if not is_reference(path):
            return FileFacts(problem=f"{path[:80]!r} cannot be used: {NO_FOLDER}")
        if path not in self._facts:
            self._facts[path] = self._media.facts(path)
        return self._facts[path]

    def font(self, name: str) -> FileFacts:
        return self.media(name) if is_reference(name) else bundled_font(name)

    def matching(self, pattern: str, kind: Kind, most: int) -> tuple[str, ...]:
        raise Invalid(f"{pattern[:80]!r} cannot be used", hint=NO_FOLDER)

    def resolve(self, path: str) -> str:
        return path
