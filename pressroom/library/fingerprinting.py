"""What files look like, kept when they are recorded: a search later needs to open none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, func, select

from pressroom.database.engine import Database
from pressroom.database.schema import asset
from pressroom.domain.media import Asset, Kind, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.library.similar import fingerprints, remember, without_fingerprint
from pressroom.library.sketches import LATE, Later, Sketches
from pressroom.media.files.fingerprint import Fingerprint, fingerprint
from pressroom.storage.base import ObjectStore

_SHOWN = (Kind.IMAGE, Kind.VIDEO)

# A file: its SHA-256, where it lies, and what it is.
File = tuple[str, Path, MediaInfo]


def looks_of(files: Iterable[File], limits: MediaLimits, ffmpeg: str) -> dict[str, Fingerprint]:
    """SHA-256 -> fingerprint of every picture and video that has one. Each file is looked at once."""
    found: dict[str, Fingerprint] = {}
    for sha256, path, info in files:
        if info.kind in _SHOWN and sha256 not in found:
            look = fingerprint(path, info.kind, limits, ffmpeg, info.duration_seconds)
            if look is not None:
                found[sha256] = look
    return found


def new_looks(
    database: Database, account_id: int, files: Sequence[File], limits: MediaLimits, ffmpeg: str
) -> Mapping[str, Fingerprint]:
    """The same for those whose look the account does not keep yet."""
    with database.read() as conn:
        known = fingerprints(conn, account_id, [sha256 for sha256, _, _ in files])
    return looks_of([file for file in files if file[0] not in known], limits, ffmpeg)


def catch_up(
    database: Database,
    account_id: int,
    store: ObjectStore,
    limits: MediaLimits,
    ffmpeg: str,
    sketches: Sketches,
    *,
    most: int,
) -> int:
    """Look at what was recorded before fingerprints were kept, the newest first; how many are left after `most`."""
    with database.read() as conn:
        complete_to = sketches.complete_to(conn, account_id)
        later = _later_than(conn, account_id, complete_to)
        if later == sketches.nothing_waits_in(conn, account_id):
            return 0
        waiting = without_fingerprint(conn, account_id, most + 1, after=complete_to)
    for each in waiting[:most]:
        look = _look_at(store, each, limits, ffmpeg)
        with database.write() as conn:
            # What cannot be shown is kept as nothing, so that it is not tried again each time.
            remember(conn, account_id, each.sha256, look or Fingerprint(0, bytes(1024)))
    if len(waiting) <= most:
        with database.read() as conn:
            sketches.set_nothing_waits_in(conn, account_id, later)
            if later.newest - LATE > complete_to:
                sketches.set_complete_to(conn, account_id, later.newest - LATE)
    return max(0, len(waiting) - most)


def _later_than(conn: Connection, account_id: int, seq: int) -> Later:
    """Which of the account's assets have later numbers than this one, in short: one that comes or goes changes it."""
    numbers = func.count(), func.coalesce(func.sum(asset.c.seq), 0), func.coalesce(func.max(asset.c.seq), 0)
    row = conn.execute(select(*numbers).where(asset.c.account_id == account_id, asset.c.seq > seq)).one()
    return Later(*map(int, row))


def _look_at(store: ObjectStore, file: Asset, limits: MediaLimits, ffmpeg: str) -> Fingerprint | None:
    with TemporaryDirectory(prefix="pressroom-") as folder:
        path = store.local_path(file.sha256) or Path(folder) / file.sha256
        try:
            if not path.exists():
                store.get(file.sha256, path)
        except KeyError:
            return None
        return fingerprint(path, file.kind, limits, ffmpeg, file.duration_seconds)
