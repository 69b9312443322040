"""Near-duplicates: what is found of changed copies, time to look, and time to search. Peers: imagehash, numpy in memory.

uv run --with imagehash --with scikit-image python -m benchmarks.similarity [ROWS ...] [--postgresql URL]

Recall of the search is measured on photos of strangers (those that scikit-image ships) among so many other pictures: of what the
exact rule calls the same as a changed copy, how much is found. Without scikit-image the photos are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from itertools import combinations, count
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from benchmarks.library_rows import database_for, draw_looks, timed
from pressroom.database.engine import Database
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.ledger import ensure_account
from pressroom.library.similar import likeness, remember, same, similar
from pressroom.library.sketches import Sketches, file_key
from pressroom.media.files.fingerprint import Fingerprint, fingerprint, variants
from tests.support.scenes import BACKGROUNDS, FAMILIES, scene

SEED = 91_000  # nothing was tuned on it: the thresholds come from pictures of the seeds 40 to 49
SIDE = 320
PEER_BITS = (4, 8, 10)  # of 64: imagehash itself names no limit, these are the usual ones
LIMITS = MediaLimits()


def main(rows: list[int], server: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _recall(Path(folder))
        _look(Path(folder))
    for many in rows:
        with tempfile.TemporaryDirectory() as folder, database_for(server) as (database, _):
            _search(database, Path(folder), many)


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
    times = [timed(lambda: fingerprint(path, Kind.IMAGE, LIMITS, ""))[0] for _ in range(6)][1:]
    print(f"look at a JPEG of 12 megapixels: {min(times):.1f} ms")


def _search(database: Database, folder: Path, rows: int) -> None:
    rng = np.random.default_rng(5)
    with database.write() as conn:
        account_id = ensure_account(conn, "acme", 0)
    draw_looks(database, account_id, [_name(number) for number in range(rows)], rng)
    photos = _photos(folder)
    looks = {name: look for name, (look, *_) in zip(_names("b"), photos.values(), strict=False)}
    with database.write() as conn:
        for name, look in looks.items():
            remember(conn, account_id, name, look)
    asked = [_drawn(rng) for _ in range(3)]
    kept = Sketches(folder)
    with database.read() as conn:
        built, _ = timed(lambda: similar(conn, account_id, asked, kept))
        fresh, _ = timed(lambda: similar(conn, account_id, asked, Sketches(folder)))
    print(f"{rows:,} pictures in {database.dialect}: {built:,.0f} ms the first time, {fresh:,.0f} ms from the disk")
    _print("three variants of a picture", lambda: _asked(database, account_id, [_drawn(rng) for _ in range(3)], kept))
    _print(
        "just after 3 were filed",
        lambda: _asked(database, account_id, asked, kept),
        lambda: _file(database, account_id, rng),
    )
    few = np.unique(rng.integers(0, rows, min(rows, 50_000)))
    keys = np.array([file_key(_name(number)) for number in few.tolist()], np.uint64)
    _print("the nearest of 50,000 files that fit a filter", lambda: _asked(database, account_id, asked, kept, keys))
    _recall_of_photos(database, account_id, folder, looks, kept)


def _print(what: str, work: Callable[[], object], before: Callable[[], object] = lambda: None) -> None:
    spent = []
    for _ in range(40):
        before()
        spent.append(timed(work))
    wall, cpu = (sorted(each[at] for each in spent) for at in (0, 1))
    print(f"  {what}: p50 {wall[20]:.0f} ms, p95 {wall[38]:.0f} ms, p95 of the CPU {cpu[38]:.0f} ms")


def _asked(
    database: Database,
    account_id: int,
    looks: list[Fingerprint],
    kept: Sketches,
    among: np.ndarray[Any, Any] | None = None,
) -> object:
    with database.read() as conn:
        return likeness(conn, account_id, looks, kept, 500, among)


def _file(database: Database, account_id: int, rng: np.random.Generator) -> None:
    with database.write() as conn:
        for _ in range(3):
            remember(conn, account_id, f"{int(rng.integers(2**62)):064x}", _drawn(rng))


def _drawn(rng: np.random.Generator) -> Fingerprint:
    vector = rng.normal(size=256).astype(np.float32)
    return Fingerprint(int(rng.integers(-(2**63), 2**63 - 1)), (vector / np.linalg.norm(vector)).tobytes())


def _photos(folder: Path) -> dict[Path, list[Fingerprint]]:
    """What scikit-image ships as photos, with their looks."""
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        return {}
    kept = {}
    for path in sorted((Path(found.origin).parent / "data").glob("*.[pj][np]g")):
        with Image.open(path) as image:
            if min(image.size) >= SIDE // 2:
                kept[folder / f"{path.stem}.png"] = image.convert("RGB")
    for path, image in kept.items():
        image.save(path)
    return {path: _looks(path) for path in kept}


def _recall_of_photos(
    database: Database, account_id: int, folder: Path, looks: dict[str, Fingerprint], kept: Sketches
) -> None:
    exact = found = 0
    for path in _photos(folder):
        for change, make in CHANGES.items():
            copy = folder / "copy.jpg"
            with Image.open(path) as image:
                make(image).save(copy, quality=30 if change == "JPEG 30" else 95)
            asked = _looks(copy)
            same_as = {name for name, look in looks.items() if any(same(look, each) for each in asked)}
            with database.read() as conn:
                answer = likeness(conn, account_id, asked, kept, 500)
            exact += len(same_as)
            found += len(same_as & {name for name, match in answer.items() if match.same})
    print(
        f"  of {exact} pairs that the exact rule calls the same, {found} are found ({len(looks)} photos of strangers)"
    )


def _names(mark: str) -> Iterator[str]:
    return (f"{mark}{number:063x}" for number in count())


def _name(number: int) -> str:
    return f"{number * 2**40:064x}"[::-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("rows", type=int, nargs="*", default=[100_000])
    parser.add_argument("--postgresql", default="", help="Measure a PostgreSQL server, in a schema of its own.")
    arguments = parser.parse_args()
    main(arguments.rows, arguments.postgresql)
