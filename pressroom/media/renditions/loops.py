"""Animated pictures from a video: GIF and WebP that repeat for ever, under a byte limit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from pressroom.domain.errors import Refused
from pressroom.domain.media import Made, mime_of
from pressroom.domain.operation import Workspace, limit_text
from pressroom.media.files.ffmpeg import output_argument, run_ffmpeg
from pressroom.media.files.probe import probe
from pressroom.media.renditions.images import Look
from pressroom.media.renditions.reframing import Clip, Master, framed, open_input, pictures_of
from pressroom.media.renditions.rendition import Target, verify
from pressroom.media.renditions.videos import Cut, open_master, plan_clip, record_of

# From the best down to what still looks like a film: frames a second, and colours (GIF) or quality (WebP). GIF counts in
# hundredths of a second, so only rates that divide 100 play evenly.
STEPS: dict[str, tuple[tuple[int, int], ...]] = {
    "gif": ((20, 256), (20, 128), (10, 256), (10, 128), (10, 64), (10, 32), (5, 64), (5, 32), (5, 16)),
    "webp": ((25, 80), (25, 65), (20, 55), (15, 55), (15, 40), (12, 30), (10, 25), (10, 15), (8, 8), (5, 3)),
}


def render_loop(master: Path, target: Target, look: Look, cut: Cut, work: Workspace) -> Made:
    """Write the animation, check it, and return it; its first format decides. Raises Refused when no step fits the limit."""
    name = target.formats[0]
    source = open_master(master, look, cut, work)
    clip = plan_clip(source, target, look, cut)
    path = work.folder / f"{target.width}x{target.height}.{name}"
    step = _best_step(source, clip, name, target.max_bytes, path, work)
    verify(path, probe(path, work.limits, work.ffmpeg), target, mime_of(name))
    rate, amount = step
    shown = replace(clip, fps=min(Fraction(rate), clip.fps))
    chosen = {"format": name, "colors" if name == "gif" else "quality": amount}
    return Made(path, mime_of(name), target.label, details=record_of(source, shown) | chosen)


def _best_step(
    source: Master, clip: Clip, name: str, max_bytes: int | None, path: Path, work: Workspace
) -> tuple[int, int]:
    """The first step that fits, by halving: sizes fall from step to step. Its file is what is left at `path`."""
    steps = STEPS[name]
    low, high, written, smallest = 0, len(steps) - 1, -1, 0
    if max_bytes is None:
        high = 0
    while low <= high:
        # Most films fit at once: only when the best does not are the others worth halving.
        middle = 0 if written < 0 else (low + high) // 2
        _write(source, clip, name, steps[middle], path, work)
        written, size = middle, path.stat().st_size
        if max_bytes is None or size <= max_bytes:
            found, high = middle, middle - 1
        else:
            low, smallest = middle + 1, size
    if low >= len(steps):
        width, height = clip.frame.target
        raise Refused(
            f"{clip.seconds:.1f} s of {width} x {height} pixels as {name} need at least {smallest:,} bytes, "
            f"the limit is {limit_text(max_bytes or 0)}",
            hint="give a shorter duration or a smaller size, raise max_bytes, or take webp or mp4",
        )
    if written != found:
        _write(source, clip, name, steps[found], path, work)
    return steps[found]


def _write(source: Master, clip: Clip, name: str, step: tuple[int, int], path: Path, work: Workspace) -> None:
    rate, amount = step
    fps = min(Fraction(rate), clip.fps)
    thinned = replace(clip, fps=fps, frames=max(1, int(clip.seconds * fps)))
    picture = framed(pictures_of(open_input(source), source), source, thinned)
    options: dict[str, Any] = {"loop": 0, "fps_mode": "cfr", "map_metadata": -1, "fflags": "+bitexact"}
    if name == "gif":
        both = picture.filter_multi_output("split", 2)
        palette = both.stream(0).filter("palettegen", max_colors=amount, stats_mode="diff")
        # Bayer dithering stands still where the film does; error diffusion would crawl, and compress worse.
        dither = {"dither": "bayer", "bayer_scale": 3, "diff_mode": "rectangle"}
        picture = ffmpeg.filter([both.stream(1), palette], "paletteuse", **dither)
    else:
        options |= {"vcodec": "libwebp_anim", "quality": amount, "compression_level": 4}
    graph = ffmpeg.output(picture, output_argument(path), f=name, **options)
    run_ffmpeg(work.ffmpeg, ["-y", "-v", "error", *ffmpeg.get_args(graph)], work.limits.timeout_seconds)
