"""One picture's shot: where its subject is, what it is laid on, and the move over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import flatten, open_image
from pressroom.media.geometry import Point, Region, is_inside
from pressroom.media.motion.camera import Pan, Shot, Zoom, plan_shot
from pressroom.media.motion.moves import REACH, Intensity, Motion, plan_move
from pressroom.media.motion.parallax import plan_parallax
from pressroom.media.motion.stage import staged
from pressroom.media.renditions.framing import Mode, frame
from pressroom.media.subject.focal import Focus, find_focus

_STILL = 0.01  # of the view's width: a camera that goes less far stands still


@dataclass(frozen=True, slots=True)
class Wish:
    """How pictures shall be shown. `point` and `subjects` are shares of the picture, `ground` lies under what is see-through."""

    intensity: Intensity
    mode: Mode
    background: str
    ground: str
    point: Point | None = None
    subjects: Sequence[Region] = ()
    words: Sequence[Region] = ()  # what stands on the picture


def shot_of(
    path: Path, motion: Motion, target: tuple[int, int], wish: Wish, limits: MediaLimits
) -> tuple[Shot, dict[str, Any]]:
    """The move over a picture, and what was decided. A picture of another shape is first laid on a stage."""
    image = open_image(path, limits)
    focus = find_focus(image, wish.point, tuple(wish.subjects), tuple(wish.words))
    placed = frame(image.size, target, wish.mode, focus)
    record: dict[str, Any] = {"mode": placed.mode, "focal_point": focus.record}
    scale, words = placed.scale, len(focus.words)
    if placed.mode == "fit" and placed.is_padded:
        # As much larger as the camera goes near, where the picture has that many pixels.
        larger = min(max(1.0, 1 / placed.scale), REACH[wish.intensity])
        size = _even(target[0] * larger), _even(target[1] * larger)
        image, focus, scale = staged(image, focus, size, wish.background, wish.ground, wish.mode == "fit")
    else:
        image = flatten(image, wish.ground)
    shot, warnings = _moved(image, motion, target, wish, focus)
    if len(focus.words) < words or _leaves_words(image.size, motion, target, wish, focus):
        warnings.append("words of the picture are cut: use mode fit, or another motion")
    if scale > 1:
        warnings.insert(0, f"the picture is enlarged {scale:.2f} times")
    if warnings:
        record["warning"] = "; ".join(warnings)
    return shot, record


def _moved(
    image: Image.Image, motion: Motion, target: tuple[int, int], wish: Wish, focus: Focus
) -> tuple[Shot, list[str]]:
    warnings = []
    if motion == "parallax":
        parallax, obstacle = plan_parallax(image, target, wish.intensity, focus)
        if parallax is not None:
            return parallax, []
        motion, warnings = "zoom_in", [f"zoom_in instead of parallax: {obstacle}"]
    shot = plan_shot(image, target, motion, wish.intensity, focus)
    if motion != "hold" and _stands_still(shot):
        warnings.append("the camera stands still: the subject leaves it no room, give a picture with more around it")
    return shot, warnings


def _leaves_words(size: tuple[int, int], motion: Motion, target: tuple[int, int], wish: Wish, focus: Focus) -> bool:
    """Whether a view of the move shows a part of what is written only."""
    if not focus.words:
        return False
    move, shape = plan_move(size, target, motion, wish.intensity, focus), target[1] / target[0]
    views = [(view.x, view.y, view.width / 2, view.width * shape / 2) for view in (move.start, move.end)]
    seen = [
        ((x - wide) / size[0], (y - tall) / size[1], (x + wide) / size[0], (y + tall) / size[1])
        for x, y, wide, tall in views
    ]
    return not all(is_inside(word, view) for word in focus.words for view in seen)


def _stands_still(shot: Zoom | Pan) -> bool:
    start, end = shot.move.start, shot.move.end
    least = _STILL * start.width
    return all(abs(a - b) < least for a, b in ((start.x, end.x), (start.y, end.y), (start.width, end.width)))


def _even(value: float) -> int:
    """Planes of half resolution need even sides."""
    return round(value / 2) * 2
