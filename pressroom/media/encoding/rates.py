"""What becomes of a clip that came out at constant quality: it stays, is filled up, or is encoded under its limit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pressroom.media.encoding import h264

LEAST_KBPS = 40  # of the pictures: below, there is nothing left to look at
_SHRINK, _ATTEMPTS = 0.99, 6


def settled(
    size: int,
    path: Path,
    seconds: float,
    max_bytes: int | None,
    fill_kbps: int,
    encode: Callable[[dict[str, Any]], None],
    average: Callable[[], int],
) -> dict[str, Any] | None:
    """How the rate of a clip was chosen whose first encoding weighs `size` bytes, or None where no rate meets its limit.

    `encode` writes the clip into `path` at a rate of `h264`, and is called only where the first encoding will not do;
    `average` is asked only where the limit binds: the picture bit rate in kbit/s that it leaves, LEAST_KBPS or more.
    `fill_kbps` is the least rate of the whole, 0 for none.
    """
    limit = h264.limit_bytes(max_bytes, seconds)
    if size * 8 / 1000 / seconds < fill_kbps:
        encode(h264.filled(fill_kbps))
        return {"rate_control": "filled", "kbps": fill_kbps}
    if size <= limit:
        return {"rate_control": "quality"}
    kbps = average()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        encode(h264.averaged(kbps, 1, f"{folder}/pass"))
        for _attempt in range(_ATTEMPTS):
            if kbps < LEAST_KBPS:
                break
            encode(h264.averaged(kbps, 2, f"{folder}/pass"))
            size = path.stat().st_size
            if size <= limit:
                return {"rate_control": "two passes", "kbps": kbps}
            kbps = int(kbps * limit / size * _SHRINK)
    return None
