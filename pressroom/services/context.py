"""What running a node needs, in one frozen value; pressroom.bootstrap builds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.buying.market import Market
from pressroom.buying.poller import Poller
from pressroom.catalog.load import Catalog
from pressroom.database.engine import Database
from pressroom.domain.bucket import SCHEME
from pressroom.domain.operation import Operation
from pressroom.domain.printable import printable
from pressroom.domain.redaction import harmless, without_folders
from pressroom.keys.vendor_keys import Keys
from pressroom.provenance.base import Provenance
from pressroom.providers.base import Vendor
from pressroom.settings import Settings, secrets_around, secrets_in
from pressroom.storage.base import FileBucket, ObjectStore
from pressroom.watching.channel import Channel

if TYPE_CHECKING:
    from pressroom.keys.sealing import Sealer
    from pressroom.library.mirror import Mirror
    from pressroom.library.sketches import Sketches
    from pressroom.providers.download import Downloader
    from pressroom.providers.post import Poster


@dataclass(frozen=True, eq=False)
class Context:
    """Adapters, data and settings of one process. `now` is an aware clock; `open_files` opens a bucket for deliveries.

    With a clock that does not go by itself, `pause(seconds)` lets it go on: whoever waits for a purchase calls it. `events` is
    where services say what has happened, once it is committed.
    """

    settings: Settings
    database: Database
    store: ObjectStore
    vendors: Mapping[str, Vendor]
    catalog: Catalog
    operations: Mapping[str, Operation[Any]]
    ffmpeg: str
    provenance: Provenance
    keys: Keys
    make_downloader: Callable[[], Downloader]
    make_poster: Callable[[], Poster]
    sealer: Sealer
    open_files: Callable[[str], FileBucket]
    now: Callable[[], datetime]
    pause: Callable[[float], None] | None = None
    events: Channel = field(default_factory=Channel)

    @cached_property
    def downloader(self) -> Downloader:
        """The guarded downloader, made when something is first fetched: its HTTP client takes long to import."""
        return self.make_downloader()

    @cached_property
    def poster(self) -> Poster:
        """The guarded sender, made when something is first sent."""
        return self.make_poster()

    @cached_property
    def sketches(self) -> Sketches:
        """What pictures look like, in short."""
        from pressroom.library.sketches import Sketches

        return Sketches(self.settings.home / "cache")

    @cached_property
    def mirror(self) -> Mirror:
        """The columns of assets that searches read."""
        from pressroom.library.mirror import Mirror

        return Mirror(self.settings.home / "cache")

    def recordable(self, text: str) -> str:
        """What may be put on record of an error and told others: as `without_secrets`, and not where the folders lie."""
        return self.without_secrets(without_folders(text, self._folders))

    def without_secrets(self, text: str) -> str:
        """For whoever runs this home: no secret of these settings or this process, nothing that steers a terminal."""
        return printable(harmless(text, (*self._secrets, *self.keys.secrets(self.catalog))), keep="\n")

    @cached_property
    def _folders(self) -> dict[str, str]:
        store = self.settings.store
        kept = {} if not store or store.startswith(SCHEME) else {str(Path(store).absolute()): "$PRESSROOM_STORE"}
        return {**kept, str(self.settings.home.absolute()): "$PRESSROOM_HOME"}

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        return (*secrets_in(self.settings), *secrets_around(Path(), os.environ))

    @cached_property
    def market(self) -> Market:
        """What buying needs."""
        rows = (self.catalog.models, self.catalog.providers)
        return Market(self.database, self.store, self.vendors, *rows, self.now, self.recordable, self.events.emit)

    @cached_property
    def poller(self) -> Poller:
        """Waits for every purchase of this process; its thread lives as long as there is one."""
        return Poller(self.market, self.pause)

    @property
    def thumbnails(self) -> Path:
        """Folder of small pictures for contact sheets, each named after the bytes that it shows: `<sha256>-…`."""
        return self.settings.home / "thumbnails"

    @property
    def previews(self) -> Path:
        """Folder of small pictures for pages: `ab/<sha256>-…`, in a folder for the first two digits."""
        return self.settings.home / "cache" / "previews"

    @property
    def work(self) -> Path:
        """Folder of the nodes' workspaces."""
        return self.settings.home / "work"
