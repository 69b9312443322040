"""Near-duplicates: time to look at a picture, and to search a library. Peer: the same search in plain Python.

uv run python -m benchmarks.similarity [ROWS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import insert

from pressroom.assets import Kind
from pressroom.database.engine import Database
from pressroom.database.schema import fingerprint as table
from pressroom.library.similar import similar
from pressroom.media.fingerprint import VERSION, Fingerprint, fingerprint, variants
from pressroom.settings import MediaLimits


def main(rows: int) -> None:
    rng = np.random.default_rng(5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.jpg"
        cells = rng.integers(0, 255, (30, 24, 3), dtype=np.uint8)
        Image.fromarray(cells).resize((3000, 4000), Image.Resampling.BICUBIC).save(path, quality=90)
        times = [_ms(lambda: fingerprint(path, Kind.IMAGE, MediaLimits(), "")) for _ in range(6)][1:]
        print(f"look at a JPEG of 12 megapixels: {min(times):.1f} ms")
        asked = variants(path, Kind.IMAGE, MediaLimits(), "")
        database = Database.open(f"sqlite:///{folder}/library.db")
        vectors = rng.normal(size=(rows, 256)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        hashes = rng.integers(-(2**63), 2**63 - 1, rows, dtype=np.int64)
        kept = [
            {
                "sha256": f"{number:064x}",
                "version": VERSION,
                "hash": int(hashes[number]),
                "vector": vectors[number].tobytes(),
            }
            for number in range(rows)
        ]
        for start in range(0, rows, 20_000):
            with database.write() as conn:
                conn.execute(insert(table), kept[start : start + 20_000])
        with database.read() as conn:
            times = [_ms(lambda: similar(conn, asked)) for _ in range(4)][1:]
        print(f"search {rows:,} pictures, from the database: {min(times):.0f} ms")
        print(f"the hashes alone in plain Python: {_ms(lambda: _plain(asked, hashes.tolist())):.0f} ms")
        database.close()


def _plain(asked: list[Fingerprint], hashes: list[int]) -> list[int]:
    mask = 2**64 - 1
    return [at for each in asked for at, kept in enumerate(hashes) if ((kept ^ each.hash) & mask).bit_count() <= 8]


def _ms(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - started) * 1e3


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
