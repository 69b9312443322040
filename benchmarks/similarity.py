"""Near-duplicates: what is found of changed copies, time to look, and time to search. Peers: imagehash, numpy in memory.

uv run --with imagehash python -m benchmarks.similarity [ROWS ...]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from sqlalchemy import insert

from pressroom.database.engine import Database
from pressroom.database.schema import fingerprint as table
from pressroom.domain.media import Kind
from pressroom.ledger import ensure_account
from pressroom.library.similar import same, similar
from pressroom.library.sketches import Sketches
from pressroom.media.files.fingerprint import VERSION, Fingerprint, fingerprint, variants
from pressroom.settings import MediaLimits
from tests.support.scenes import BACKGROUNDS, FAMILIES, scene

SEED = 91_000  # nothing was tuned on it: the thresholds come from pictures of the seeds 40 to 49
SIDE = 320
PEER_BITS = (4, 8, 10)  # of 64: imagehash itself names no limit, these are the usual ones
LIMITS = MediaLimits()


def main(rows: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _recall(Path(folder))
        _look(Path(folder))
    for count in rows:
        with tempfile.TemporaryDirectory() as folder:
            _search(Path(folder), count)


# what is found


def _crop(share: float) -> Callable[[Image.Image], Image.Image]:
    def cut(image: Image.Image) -> Image.Image:
        left, top = round(image.width * share), round(image.height * share)
        return image.crop((left // 2, top // 3, image.width - left + left // 2, image.height - top + top // 3))

    return cut


def _lettered(image: Image.Image) -> Image.Image:
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    draw.text((image.width * 0.08, image.height * 0.72), "Summer sale", fill="white", font_size=image.width * 0.14)
    draw.text((image.width * 0.08, image.height * 0.88), "ends on Sunday", fill="white", font_size=image.width * 0.07)
    return copy


def _shifted(image: Image.Image) -> Image.Image:
    red, green, blue = ImageEnhance.Brightness(image).enhance(1.15).split()
    return Image.merge("RGB", (red.point(lambda v: min(255, v * 1.12)), green, blue.point(lambda v: v * 0.88)))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "crop 5 %": _crop(0.05),
    "crop 10 %": _crop(0.10),
    "resized to 40 %": lambda image: image.resize((image.width * 2 // 5, image.height * 2 // 5)),
    "JPEG 30": lambda image: image,
    "colour shift": _shifted,
    "words on it": _lettered,
    "mirrored": ImageOps.mirror,
}


def _recall(folder: Path) -> None:
    """Of every changed copy: is it found from the original? Of all pairs of different pictures: how many are called same?"""
    kinds = [(family, ground) for family in FAMILIES for ground in BACKGROUNDS]
    originals = []
    for number, (family, ground) in enumerate(kinds):
        path = folder / f"{number}.png"
        Image.fromarray(scene(family, ground, SEED + number, SIDE, SIDE).photo).save(path)
        originals.append(path)
    ours = [_looks(path) for path in originals]
    theirs = _peers()
    peers = {name: [hash_of(path) for path in originals] for name, hash_of in theirs.items()}
    for change, make in CHANGES.items():
        found: dict[str, int] = {}
        for number, path in enumerate(originals):
            with Image.open(path) as image:
                copy = make(image.convert("RGB"))
            target = folder / ("copy.jpg" if change == "JPEG 30" else "copy.png")
            copy.save(target, **({"quality": 30} if change == "JPEG 30" else {}))
            look = _looks(target)[0]
            found["ours"] = found.get("ours", 0) + any(same(each, look) for each in ours[number])
            for name, hash_of in theirs.items():
                away = peers[name][number] - hash_of(target)
                for bits in PEER_BITS:
                    found[f"{name} {bits}"] = found.get(f"{name} {bits}", 0) + (away <= bits)
        print(
            f"| {change} | " + " | ".join(f"{name} {hits / len(originals):.0%}" for name, hits in found.items()) + " |"
        )
    pairs = list(combinations(range(len(originals)), 2))
    wrong = {"ours": sum(any(same(each, ours[b][0]) for each in ours[a]) for a, b in pairs)}
    for name, hashes in peers.items():
        away = [hashes[a] - hashes[b] for a, b in pairs]
        wrong |= {f"{name} {bits}": sum(bits >= each for each in away) for bits in PEER_BITS}
    print(f"| wrong of {len(pairs):,} pairs | " + " | ".join(f"{name} {count}" for name, count in wrong.items()) + " |")


def _looks(path: Path) -> list[Fingerprint]:
    return variants(path, Kind.IMAGE, LIMITS, "")


def _peers() -> dict[str, Callable[[Path], Any]]:
    try:
        import imagehash  # type: ignore[import-not-found, unused-ignore]  # not a dependency
    except ImportError:
        print("imagehash is not installed: run with `uv run --with imagehash`")
        return {}
    return {
        "pHash": lambda path: imagehash.phash(Image.open(path)),
        "dHash": lambda path: imagehash.dhash(Image.open(path)),
    }


# how long it takes


def _look(folder: Path) -> None:
    rng = np.random.default_rng(5)
    path = folder / "picture.jpg"
    cells = rng.integers(0, 255, (30, 24, 3), dtype=np.uint8)
    Image.fromarray(cells).resize((3000, 4000), Image.Resampling.BICUBIC).save(path, quality=90)
    times = [_ms(lambda: fingerprint(path, Kind.IMAGE, LIMITS, "")) for _ in range(6)][1:]
    print(f"look at a JPEG of 12 megapixels: {min(times):.1f} ms")


def _search(folder: Path, rows: int) -> None:
    rng = np.random.default_rng(5)
    cells = rng.integers(0, 255, (30, 24, 3), dtype=np.uint8)
    path = folder / "picture.png"
    Image.fromarray(cells).resize((300, 400), Image.Resampling.BICUBIC).save(path)
    asked = _looks(path)
    hashes = rng.integers(-(2**63), 2**63 - 1, rows, dtype=np.int64)
    database = Database.open(f"sqlite:///{folder}/library.db")
    with database.write() as conn:
        account_id = ensure_account(conn, "acme", 0)
    _fill(database, account_id, hashes, rng)
    kept = Sketches(Path(folder))
    with database.read() as conn:
        built = _ms(lambda: similar(conn, account_id, asked, kept))
        times = [_ms(lambda: similar(conn, account_id, asked, kept)) for _ in range(5)]
        fresh = min(_ms(lambda: similar(conn, account_id, asked, Sketches(Path(folder)))) for _ in range(3))
    database.close()
    plain = min(_ms(lambda: _plain(asked, hashes)) for _ in range(3))
    print(
        f"search {rows:,} pictures in SQLite: {min(times):,.0f} ms, {fresh:,.0f} ms with sketches from the disk, "
        f"{built:,.0f} ms the first time; the hashes alone, in memory, by numpy: {plain:.1f} ms"
    )


def _fill(
    database: Database, account_id: int, hashes: np.ndarray[Any, Any], rng: np.random.Generator, block: int = 20_000
) -> None:
    """Rows as `remember` writes them, of pictures that nobody drew."""
    for start in range(0, len(hashes), block):
        part = hashes[start : start + block]
        vectors = rng.normal(size=(len(part), 256)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        kept = [
            {
                "account_id": account_id,
                "sha256": f"{start + at:064x}",
                "version": VERSION,
                "hash": int(hash_),
                "vector": vectors[at].tobytes(),
            }
            for at, hash_ in enumerate(part)
        ]
        with database.write() as conn:
            conn.execute(insert(table), kept)


def _plain(asked: list[Fingerprint], hashes: np.ndarray[Any, Any]) -> list[Any]:
    words = hashes.view(np.uint64)
    return [np.flatnonzero(np.bitwise_count(words ^ np.uint64(each.hash % 2**64)) <= 8) for each in asked]


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [100_000])
