"""What provenance costs in time and bytes: by format, and by depth of the chain.

Peer: c2pa signing an empty manifest in memory, without XMP and without the file being written. Limit: hashing the file
once with hashlib and writing it once, which nobody who signs a file can do without.

uv run python -m benchmarks.provenance
"""

from __future__ import annotations

import hashlib
import io
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from pressroom.domain.content_hash import file_digest
from pressroom.media.files.ffmpeg import ffmpeg_program, run_ffmpeg
from pressroom.provenance.certificates import development
from pressroom.provenance.history import Ancestor, History
from pressroom.provenance.reading import describe
from pressroom.provenance.signer import C2paSigner

ROUNDS = 9
SIZE = (1080, 1350)
MIMES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".tiff": "image/tiff",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
}
# A reel of the example campaign has 0.4 MB.
SECONDS = (0.5, 5, 20)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        certificate = development(place / "signing", now=datetime.now(UTC))
        signer = C2paSigner(lambda: certificate)
        files = _files(place)
        print(f"by format, a picture of {SIZE[0]} x {SIZE[1]} (median, least and most of {ROUNDS})")
        columns = f"{'file':12} {'kB':>8} {'ms':>6} {'least':>6} {'most':>6} {'added':>6} {'limit':>6}"
        print(f"{columns} {'c2pa ms':>8} {'added':>6}  state")
        for path in files:
            _one(signer, path)
        print("\nby depth of the chain, JPEG (draft: once a node, attach: each file)")
        _chain(signer, next(path for path in files if path.suffix == ".jpg"), place)


def _files(place: Path) -> list[Path]:
    cells = np.random.default_rng(3).integers(0, 255, (30, 24, 3), dtype=np.uint8)
    image = Image.fromarray(cells).resize(SIZE, Image.Resampling.BICUBIC)
    options = {"packed.tiff": {"compression": "tiff_lzw"}}
    names = [f"picture{suffix}" for suffix in (".jpg", ".png", ".webp", ".avif", ".gif", ".tiff")]
    for name in (*names, "packed.tiff"):
        image.save(place / name, **options.get(name, {}))
    (place / "picture.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M1 1h7v7z"/></svg>'
    )
    for seconds in SECONDS:
        source = f"testsrc2=d={seconds}:s=1080x1920:r=30"
        video = ["-y", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", str(place / f"{seconds} s.mp4")]
        run_ffmpeg(ffmpeg_program(""), video, 120)
    films = [f"{seconds} s.mp4" for seconds in SECONDS]
    return [place / name for name in (*names, "packed.tiff", "picture.svg", *films)]


def _one(signer: C2paSigner, path: Path) -> None:
    mime, history = MIMES[path.suffix], History("generate_image", 1, "local/vector", "0" * 64)
    draft, target = signer.draft(history), path.with_stem("signed")

    def attach() -> None:
        draft.attach(target, mime)

    times = _times(attach, lambda: shutil.copy(path, target))
    added = target.stat().st_size - path.stat().st_size
    data, copy = path.read_bytes(), path.with_stem("copy")

    def limit() -> None:
        hashlib.sha256(data).digest()
        copy.write_bytes(data)

    def bare() -> bytes:
        out = io.BytesIO()
        signer.builder({"assertions": []}).sign(mime, io.BytesIO(data), out)
        return out.getvalue()

    floor = _times(limit, lambda: copy.unlink(missing_ok=True))
    peer = _times(bare, lambda: None)
    state = describe(target, mime).state
    row = f"{path.name:12} {len(data) / 1000:8.0f} {statistics.median(times):6.2f} {min(times):6.2f} {max(times):6.2f} {added:6}"
    more = len(bare()) - len(data)
    print(f"{row} {statistics.median(floor):6.2f} {statistics.median(peer):8.2f} {more:6}  {state}")


def _chain(signer: C2paSigner, path: Path, place: Path) -> None:
    history = History("generate_image", 1, "local/vector", "0" * 64)
    print(f"{'depth':>5} {'draft ms':>9} {'attach ms':>10} {'added':>7} {'reserved':>9}  ancestry, manifests, state")
    for depth in range(7):
        target = place / f"chain-{depth}.jpg"
        drafts = _times(lambda history=history: C2paSigner(lambda: signer.certificate).draft(history), lambda: None)
        draft = signer.draft(history)
        record: dict[str, object] = {}

        def attach(draft=draft, target=target, record=record) -> None:  # noqa: ANN001
            record |= draft.attach(target, "image/jpeg")

        times = _times(attach, lambda target=target: shutil.copy(path, target))
        found = describe(target, "image/jpeg")
        row = f"{depth:5} {statistics.median(drafts):9.2f} {statistics.median(times):10.2f} {record['added_bytes']:7}"
        print(f"{row} {draft.reserved_bytes:9}  {record['ancestry']}, {len(found.chain)}, {found.state}")
        digest = file_digest(target)
        parent = Ancestor(f"a{digest[:20]}", digest, target, "image/jpeg", draft.history.source_type)
        history = History("resize", 1, "local/renditions", "0" * 64, ancestors=(parent,))


def _times(work: Callable[[], object], before: Callable[[], object]) -> list[float]:
    """Milliseconds of each round; the first, which loads libraries, is left out."""
    found = []
    for _ in range(ROUNDS + 1):
        before()
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1e3)
    return found[1:]


if __name__ == "__main__":
    main()
