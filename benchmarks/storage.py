"""Throughput of the stores against copying a file and hashing it with the standard library, in the same run.

    python benchmarks/storage.py                             the store in a folder
    python tests/servers.py python benchmarks/storage.py     and the one in a real MinIO

Every store and the yardstick take turns, so that a busy machine slows all of them alike; the median counts.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pressroom.storage.base import ObjectStore
from pressroom.storage.local import LocalStore

ROUNDS = 5
SIZES_BYTES = {
    "200 files of 50 kB": (200, 50_000),
    "20 files of 2 MB": (20, 2_000_000),
    "1 file of 100 MB": (1, 100_000_000),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stores = _stores(folder)
        print(f"{'':20}{'':16}{'put MB/s':>10}{'x copy':>8}{'get MB/s':>10}{'x copy':>8}")
        for title, (count, size_bytes) in SIZES_BYTES.items():
            _report(title, count * size_bytes, _measure(stores, folder, count, size_bytes))


def _stores(folder: Path) -> dict[str, ObjectStore]:
    stores: dict[str, ObjectStore] = {"folder": LocalStore(folder / "media")}
    endpoint = os.environ.get("PRESSROOM_TEST_S3_ENDPOINT")
    if endpoint:
        from pressroom.storage.s3 import S3Store

        keys = {name: os.environ[f"PRESSROOM_TEST_S3_{name.upper()}"] for name in ("access_key", "secret_key")}
        stores["MinIO"] = S3Store(f"pressroom-bench-{secrets.token_hex(4)}", endpoint, **keys)
    return stores


def _measure(
    stores: Mapping[str, ObjectStore], folder: Path, count: int, size_bytes: int
) -> dict[str, tuple[float, float]]:
    """Median seconds of putting and of getting all files, by store; `copy` is the yardstick."""
    seconds: dict[str, list[tuple[float, float]]] = {"copy + sha256": [], **{name: [] for name in stores}}
    for _ in range(ROUNDS):
        sources = _files(folder / "sources", count, size_bytes)
        copying = _timed(lambda sources=sources: _copy_all(sources, folder / "copies"))
        seconds["copy + sha256"].append((copying, copying))
        for name, store in stores.items():
            seconds[name].append(_round_trip(store, sources, folder / "back"))
    return {name: tuple(map(statistics.median, zip(*taken, strict=True))) for name, taken in seconds.items()}  # type: ignore[misc]


def _round_trip(store: ObjectStore, sources: list[Path], target: Path) -> tuple[float, float]:
    names: list[str] = []
    putting = _timed(lambda: names.extend(map(store.put, sources)))
    getting = _timed(lambda: [store.get(name, target / name) for name in names])
    for name in names:
        store.delete(name)
    shutil.rmtree(target)
    return putting, getting


def _files(folder: Path, count: int, size_bytes: int) -> list[Path]:
    """New random files: nothing is known to a store already, or to a disk that compresses."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{number}" for number in range(count)]
    for file in files:
        file.write_bytes(os.urandom(size_bytes))
    return files


def _copy_all(sources: list[Path], target: Path) -> None:
    target.mkdir(exist_ok=True)
    for source in sources:
        shutil.copyfile(source, target / source.name)
        with source.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _report(title: str, total_bytes: int, seconds: Mapping[str, tuple[float, float]]) -> None:
    yardstick = seconds["copy + sha256"][0]
    for name, (putting, getting) in seconds.items():
        rates = "".join(f"{total_bytes / taken / 1e6:10.0f}{taken / yardstick:8.2f}" for taken in (putting, getting))
        print(f"{title:20}{name:16}{rates}")


if __name__ == "__main__":
    main()
