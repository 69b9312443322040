"""One picture to many targets: decoded once, composed once per size, encoded once per format and limit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips
from PIL import Image

from pressroom.domain.media import MOVED_WORDS, Made, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.processors import processors
from pressroom.media.encoding.pictures import KEEPS_ALPHA, Encoded, encode
from pressroom.media.encoding.reopen import reopen
from pressroom.media.encoding.vips import decoded
from pressroom.media.files.images import is_plain_jpeg, open_draft, open_still
from pressroom.media.geometry import WHOLE, Region, is_inside, visible
from pressroom.media.renditions.formats import Suited, suited
from pressroom.media.renditions.framing import BLUR, SLIM, Frame, Mode, compose_all, frame
from pressroom.media.renditions.levels import Levels
from pressroom.media.renditions.rendition import Target, verify
from pressroom.media.subject.focal import SIDE, Focus, find_focus

_HAIR = 0.001  # of the frame: what rounding puts beyond the safe zone's edge
_MOST_WORKERS = 8  # each holds one rendition in a few forms, about 20 bytes a pixel


@dataclass(frozen=True, slots=True)
class Look:
    """How a master is shown: crop or fit, around which point, on what. `ground` lies under cut-outs without background.

    `subjects` are boxes (shares of the master) that must stay whole.
    """

    mode: Mode
    focal_point: tuple[float, float] | None
    background: str
    ground: str
    subjects: tuple[Region, ...] = ()
    words: tuple[Region, ...] = ()  # what stands on the master
    quality: int | None = None  # what lossy formats start from, None for the best of each


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What decides the pixels of a rendition: renditions with equal sheets share them."""

    size: tuple[int, int]
    background: str


@dataclass(frozen=True, slots=True)
class _File:
    """A written file, and what opening it again has shown."""

    path: Path
    encoded: Encoded
    found: MediaInfo
    ssim: float


def render_stills(master: Path, targets: Sequence[Target], look: Look, folder: Path, limits: MediaLimits) -> list[Made]:
    """Write one file per distinct rendition into `folder`, check each, and return one Made per target, in order.

    Raises Refused when a byte limit cannot be met, Permanent when a file is not what its target promises.
    """
    with ThreadPoolExecutor(_workers()) as pool:
        levels, focus, frames = _seen(master, look, limits, pool)
        keeps_alpha = levels.mode == "RGBA" and look.background == BLUR
        best = suited(levels, keeps_alpha=keeps_alpha)
        formats = [best.of(target.formats) for target in targets]
        sheets = _sheets(targets, formats, "" if keeps_alpha else look.background, look.background)

        placed = {sheet: frame(levels.size, sheet.size, look.mode, focus) for sheet in sheets}

        def make(group: list[_Sheet]) -> dict[int, Made]:
            made: dict[int, Made] = {}
            shown = [placed[sheet] for sheet in group]
            for sheet, pixels in zip(group, compose_all(levels, shown, group[0].background, look.ground), strict=True):
                wanted = {number: (targets[number], formats[number]) for number in sheets[sheet]}
                records = {
                    number: _record(levels.size, frames, placed[sheet], focus, targets[number]) for number in wanted
                }
                made |= _encode_each(pixels, wanted, records, look.quality, best, folder, limits)
            return made

        made = {number: item for part in pool.map(make, _groups(placed)) for number, item in part.items()}
    return [made[number] for number in range(len(targets))]


def _groups(placed: dict[_Sheet, Frame]) -> list[list[_Sheet]]:
    """Sheets that show parts of the master at one scale on one ground, the most work first."""
    groups: dict[tuple[float, str], list[_Sheet]] = {}
    for sheet, at in placed.items():
        groups.setdefault((at.scale, sheet.background), []).append(sheet)
    return sorted(groups.values(), key=lambda group: -sum(sheet.size[0] * sheet.size[1] for sheet in group))


def _seen(master: Path, look: Look, limits: MediaLimits, pool: Executor) -> tuple[Levels, Focus, int]:
    """The master ready to be shrunk, where its subject is, and how many frames it has."""
    if is_plain_jpeg(master, limits):
        looking = pool.submit(_focus_of_draft, master, look, limits)
        try:
            return Levels(decoded(master), threads=_cores()), looking.result(), 1
        except pyvips.Error:
            pass  # the slower way opens what can be opened, and says what is wrong with the rest
    image, frames = open_still(master, limits)
    looking = pool.submit(_focus, image, look)
    levels = Levels(image, threads=_cores())
    del image  # the levels hold the pixels: one copy of a large master is enough
    return levels, looking.result(), frames


def _focus_of_draft(master: Path, look: Look, limits: MediaLimits) -> Focus:
    return _focus(open_draft(master, limits, SIDE), look)


def _focus(image: Image.Image, look: Look) -> Focus:
    return find_focus(image, look.focal_point, look.subjects, look.words, glance=look.mode == "crop")


def _sheets(
    targets: Sequence[Target], formats: Sequence[str], background: str, without_alpha: str
) -> dict[_Sheet, list[int]]:
    """The distinct pictures that are needed, and which targets share each."""
    sheets: dict[_Sheet, list[int]] = {}
    for number, (target, name) in enumerate(zip(targets, formats, strict=True)):
        shown = background if name in KEEPS_ALPHA else without_alpha
        sheets.setdefault(_Sheet(target.size, shown), []).append(number)
    return sheets


def _cores() -> int:
    return processors()


def _workers() -> int:
    """One more than there are cores: while one waits for the interpreter or the disk, another computes."""
    return min(_MOST_WORKERS, _cores() + 1)


def _encode_each(
    pixels: Image.Image,
    wanted: dict[int, tuple[Target, str]],
    records: dict[int, dict[str, Any]],
    quality: int | None,
    best: Suited,
    folder: Path,
    limits: MediaLimits,
) -> dict[int, Made]:
    """Encode one sheet for all its targets; a file that fits several limits is shared between them."""
    files: dict[tuple[str, int | None], _File] = {}
    made = {}
    for number, (target, name) in wanted.items():
        whole = files.get((name, None))
        key = (name, None) if whole and _fits(whole.encoded, target) else (name, target.max_bytes)
        if key not in files:
            first = quality or (best.jpeg_quality if name == "jpeg" else None)
            encoded = encode(pixels, name, target.max_bytes, quality=first)
            key = (name, None) if encoded.is_best else key
            path = folder / f"{target.width}x{target.height}-{number:02d}{encoded.suffix}"
            path.write_bytes(encoded.data)
            files[key] = _File(path, encoded, *reopen(path, pixels, limits))
        file = files[key]
        verify(file.path, file.found, target, file.encoded.mime)
        made[number] = Made(
            file.path, file.encoded.mime, target.label, target.placement_name, records[number] | _details(file)
        )
    return made


def _fits(encoded: Encoded, target: Target) -> bool:
    return target.max_bytes is None or len(encoded.data) <= target.max_bytes


def _record(size: tuple[int, int], frames: int, placed: Frame, focus: Focus, target: Target) -> dict[str, Any]:
    record: dict[str, Any] = {
        "mode": placed.mode,
        "focal_point": focus.record,
        "scale": round(placed.scale, 4),
        "source_width": size[0],
        "source_height": size[1],
    }
    warnings = []
    if placed.scale > 1:
        warnings.append(
            f"the source is enlarged {placed.scale:.2f} times "
            f"({size[0]} x {size[1]} pixels for {placed.target[0]} x {placed.target[1]})"
        )
    if placed.mode == "fit" and placed.coverage < SLIM:
        warnings.append(
            f"the picture covers {placed.coverage:.0%} of the frame: give a picture of this shape, or mode crop"
        )
    if frames > 1:
        warnings.append(f"the source moves: the first of its {frames} frames is shown")
    places = [placed.place_of(box, size) for box in focus.words]
    if not all(is_inside(place, WHOLE) for place in places):
        warnings.append("words of the picture are cut: use mode fit or auto")
    elif target.placement and not all(is_inside(place, target.placement.safe_part, _HAIR) for place in places):
        warnings.append(f"words of the picture stand outside the safe zone of {target.placement.name}")
    if places:
        record[MOVED_WORDS] = visible(places)
    return record | ({"warning": "; ".join(warnings)} if warnings else {})


def _details(file: _File) -> dict[str, Any]:
    encoded = file.encoded
    chosen = {"quality": encoded.quality, "colors": encoded.colors, "step": encoded.step}
    return {"format": encoded.format, "ssim": file.ssim} | {
        name: value for name, value in chosen.items() if value is not None
    }
