"""A campaign that a program has built: its values are at hand, its media and feeds are files of the program's choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from pressroom.campaign.document import Document
from pressroom.campaign.feed import Feed
from pressroom.campaign.load import Loaded, WrongNames, check_document
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Operation
from pressroom.sources.feeds import read_feeds, texts_in
from pressroom.sources.folder import FolderSource
from pressroom.sources.library_media import LibraryMedia
from pressroom.sources.local_files import LocalFiles


class BuiltSource(FolderSource):
    """Implements pressroom.sources.base.CampaignSource. Relative paths start in the folder of the program's file.

    Who builds a campaign is its caller: what it names may lie anywhere.
    """

    def __init__(
        self, document: Document, file: Path, limits: MediaLimits | None = None, library: LibraryMedia | None = None
    ) -> None:
        super().__init__(file, limits, library)
        self._document = document

    def load(
        self,
        *,
        operations: Mapping[str, Operation[Any]] | None = None,
        placements: Collection[str] | None = None,
        names: WrongNames | None = None,
    ) -> Loaded:
        return check_document(
            self._document,
            self.name,
            operations=operations,
            placements=placements,
            names=names,
            beside=self._beside,
            confined=False,
        )

    def feeds(self, loaded: Loaded, given: Mapping[str, str], max_rows: int) -> dict[str, Feed]:
        return read_feeds(loaded, given, max_rows, lambda name, is_given: self._feed(name, True))

    def files(self, given: Iterable[str] = ()) -> LocalFiles:
        return super().files([*given, *texts_in(self._document.value)])
