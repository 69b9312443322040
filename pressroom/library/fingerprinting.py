"""What files look like, kept when they are recorded: a search later needs to open none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pressroom.domain.media import Asset, Kind, MediaInfo
from pressroom.library.similar import fingerprints, remember, without_fingerprint
from pressroom.media.fingerprint import Fingerprint, fingerprint
from pressroom.services.context import Context

_SHOWN = (Kind.IMAGE, Kind.VIDEO)


def looks_of(context: Context, files: Iterable[tuple[str, Path, MediaInfo]]) -> dict[str, Fingerprint]:
    """SHA-256 -> fingerprint of every picture and video that has one. Each file is looked at once."""
    found: dict[str, Fingerprint] = {}
    for sha256, path, info in files:
        if info.kind in _SHOWN and sha256 not in found:
            look = fingerprint(path, info.kind, context.settings.limits, context.ffmpeg, info.duration_seconds)
            if look is not None:
                found[sha256] = look
    return found


def new_looks(context: Context, files: Sequence[tuple[str, Path, MediaInfo]]) -> Mapping[str, Fingerprint]:
    """The same for those whose look is not kept yet."""
    with context.database.read() as conn:
        known = fingerprints(conn, [sha256 for sha256, _, _ in files])
    return looks_of(context, [file for file in files if file[0] not in known])


def catch_up(context: Context, limit: int) -> int:
    """Look at what was recorded before fingerprints were kept, the newest first; how many are left after `limit`."""
    with context.database.read() as conn:
        waiting = without_fingerprint(conn, limit + 1)
    for asset in waiting[:limit]:
        look = _look_at(context, asset)
        with context.database.write() as conn:
            # What cannot be shown is kept as nothing, so that it is not tried again each time.
            remember(conn, asset.sha256, look or Fingerprint(0, bytes(1024)))
    return max(0, len(waiting) - limit)


def _look_at(context: Context, asset: Asset) -> Fingerprint | None:
    limits, ffmpeg = context.settings.limits, context.ffmpeg
    with TemporaryDirectory(prefix="pressroom-") as folder:
        path = context.store.local_path(asset.sha256) or Path(folder) / asset.sha256
        try:
            if not path.exists():
                context.store.get(asset.sha256, path)
        except KeyError:
            return None
        return fingerprint(path, asset.kind, limits, ffmpeg, asset.duration_seconds)
