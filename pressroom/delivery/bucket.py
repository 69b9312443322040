"""Put a run's deliverables into a bucket: a folder for each run, whose manifest is written last.

Objects cannot be renamed, so no run ever writes where another one has: whoever finds the manifest finds the whole delivery,
and what earlier runs delivered stays where their links lead. `latest.json` above them says which is the newest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pressroom.delivery.folder import MANIFEST, lost
from pressroom.delivery.place import BucketPlace
from pressroom.domain.media import Asset, type_named
from pressroom.storage.base import FileBucket, ObjectStore

LATEST: Final = "latest.json"
_COPIES_AT_ONCE: Final = 8
_JSON: Final = type_named("json").mime
_HTML: Final = "text/html; charset=utf-8"


def deliver(
    store: ObjectStore,
    bucket: FileBucket,
    place: BucketPlace,
    files: Mapping[str, Asset],
    extra: Callable[[Path], Iterable[Path]] = lambda folder: (),
) -> None:
    """Make the run's folder hold these files (by name) and the pages that `extra(folder)` writes, and nothing else."""

    def fill(name: str) -> None:
        asset = files[name]
        try:
            bucket.copy(store, asset.sha256, place.key(name), asset.mime)
        except KeyError as exc:
            raise lost(name, asset.sha256) from exc

    before = _names(bucket.read(place.key(MANIFEST)))
    with ThreadPoolExecutor(_COPIES_AT_ONCE) as pool:
        list(pool.map(fill, files))
    with TemporaryDirectory(prefix="pressroom-") as folder:
        written = list(extra(Path(folder)))
        for path in written:
            bucket.put(place.key(path.name), path.read_bytes(), _HTML)
    names = [path.name for path in written]
    _put(
        bucket, place.key(MANIFEST), {"files": {name: asset.sha256 for name, asset in files.items()}, "written": names}
    )
    if files:
        _put(bucket, place.parent.key(LATEST), {"run": place.name, "folder": str(place), "written": names})
    for name in before - {*files, *names}:
        bucket.delete(place.key(name))


def _put(bucket: FileBucket, key: str, value: Mapping[str, Any]) -> None:
    bucket.put(key, (json.dumps(value, indent=1) + "\n").encode(), _JSON)


def _names(manifest: bytes | None) -> set[str]:
    """What a delivery of this run that was made before consists of."""
    if manifest is None:
        return set()
    found = json.loads(manifest)
    return {*found["files"], *found["written"]}
