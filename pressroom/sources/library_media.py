"""Media that a campaign names by `asset:ID` or by a URL: assets of the account's library, and nothing that is not there yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from pressroom.campaign.paths import ASSET
from pressroom.domain.errors import Corrupt, Invalid
from pressroom.domain.media import MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.web_address import WebAddress
from pressroom.planning.plan import FileFacts
from pressroom.sources.feeds import READ_BYTES, Unreadable

MIN_PREFIX: Final = 4
_NAME: Final = re.compile(r"[0-9a-z]{1,64}")
_UPLOAD: Final = re.compile(r"u[0-9a-f]{16}")  # of an upload: no asset's id and no digest begins so


class LibraryView(Protocol):
    """What the library has of one account; no other account is ever looked at."""

    def assets_named(self, name: str) -> Sequence[tuple[str, MediaInfo]]:
        """Ids and facts of the assets whose id or SHA-256 begins so, the newest first; bounded."""
        ...

    def fetched(self, url: str) -> tuple[str, MediaInfo] | None:
        """The asset that this URL gave when it was fetched last."""
        ...

    def uploaded(self, upload_id: str) -> tuple[str, MediaInfo] | None:
        """The asset that this upload became."""
        ...


class EmptyLibrary:
    """Nothing is there. Implements LibraryView."""

    def assets_named(self, name: str) -> Sequence[tuple[str, MediaInfo]]:
        return ()

    def fetched(self, url: str) -> tuple[str, MediaInfo] | None:
        return None

    def uploaded(self, upload_id: str) -> tuple[str, MediaInfo] | None:
        return None


class LibraryMedia:
    """Facts of references. `path_of` gives the file of a SHA-256 where the store is a folder, so that it can be measured."""

    def __init__(
        self,
        library: LibraryView,
        path_of: Callable[[str], Path | None] | None = None,
        limits: MediaLimits | None = None,
    ) -> None:
        self._library = library
        self._path_of = path_of
        self._limits = limits or MediaLimits()
        self._unfetched: dict[str, None] = {}

    @property
    def unfetched(self) -> tuple[str, ...]:
        """What was asked for and is not at hand: URLs that are not in the library yet, feeds whose bytes are elsewhere."""
        return tuple(self._unfetched)

    def facts(self, reference: str) -> FileFacts:
        try:
            found = self._asset(reference[len(ASSET) :]) if reference.startswith(ASSET) else self._page(reference)
        except Invalid as exc:
            return FileFacts(problem=str(exc))
        asset_id, info = found
        return FileFacts(info.sha256 or "", self._measured(info), path=f"{ASSET}{asset_id}", asset_id=asset_id)

    def feed(self, name: str) -> tuple[str, bytes]:
        """What to call a feed that is an asset, and its bytes. Raises Unreadable."""
        facts = self.facts(name)
        path = self._path_of(facts.sha256) if self._path_of and facts.sha256 else None
        if path is None:
            if facts.sha256:
                self._unfetched[f"{ASSET}{facts.sha256}"] = None
            raise Unreadable(f"the feed {name} cannot be read: {facts.problem or 'its bytes are not on this machine'}")
        suffix = ".json" if facts.info is not None and "json" in facts.info.mime else ".csv"
        with path.open("rb") as file:
            return f"{name}{suffix}", file.read(READ_BYTES)

    def _asset(self, name: str) -> tuple[str, MediaInfo]:
        hint = "`pressroom assets list` shows them"
        if not _NAME.fullmatch(name):
            raise Invalid(f"{name[:80]!r} is no id of an asset", hint=hint)
        if _UPLOAD.fullmatch(name):
            return self._uploaded(name)
        found = self._library.assets_named(name)
        exact = [each for each in found if each[0] == name]
        if exact or (found and len(name) >= MIN_PREFIX and len({info.sha256 for _, info in found}) == 1):
            return (exact or found)[0]
        if found and len(name) >= MIN_PREFIX:
            raise Invalid(f"{ASSET}{name} fits several files", hint="give more digits")
        raise Invalid(f"there is no asset {name!r} in the library", hint=hint)

    def _uploaded(self, upload_id: str) -> tuple[str, MediaInfo]:
        found = self._library.uploaded(upload_id)
        if found is None:
            raise Invalid(f"the upload {upload_id} has not arrived", hint="send all of it, or give the id of an asset")
        return found

    def _page(self, url: str) -> tuple[str, MediaInfo]:
        address = WebAddress.of(url)
        found = self._library.fetched(address.url)
        if found is None:
            self._unfetched[url] = None
            raise Invalid(f"{address.shown} is not in the library yet", hint="fetch it first: pressroom assets add URL")
        return found

    def _measured(self, info: MediaInfo) -> MediaInfo:
        """What the file itself says, where it is at hand: the library does not keep whether pixels are transparent."""
        path = self._path_of(info.sha256 or "") if self._path_of else None
        if path is None:
            return info
        try:
            return _inspected(path, path.stat().st_mtime_ns, self._limits)
        except (Corrupt, OSError):
            return info  # no picture, or no longer whole: what uses it will say so


@lru_cache(maxsize=1_024)
def _inspected(path: Path, _changed_at: int, limits: MediaLimits) -> MediaInfo:
    """Once for each file of the store, which is called by its bytes: a picture is read to its end, and price tags ask often."""
    from pressroom.media.files.probe import inspect

    return replace(inspect(path, limits), sha256=None)
