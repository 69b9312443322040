"""Going around a subject: it moves against its background, its old place shows nothing of it, its foot stays put."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from pressroom.media.motion.frame_source import Reel, Take
from pressroom.media.motion.parallax import Parallax, mended, plan_parallax
from pressroom.media.subject.focal import Focus

SIZE = (360, 450)
MIDDLE = Focus(0.5, 0.5, "given", np.ones((2, 2), np.float32))


def scene(striped: bool = False) -> tuple[Image.Image, Image.Image]:
    """A red bottle before a wall with soft marks, and the bottle alone."""
    grain = np.random.default_rng(4).normal(0, 60, (600, 480)).astype(np.float32)
    marks = cv2.GaussianBlur(grain, (0, 0), 5) * 4 if striped else cv2.GaussianBlur(grain, (0, 0), 1) * 0.1
    wall = Image.fromarray(np.clip(170 + marks[..., None].repeat(3, 2), 0, 255).astype(np.uint8))
    bottle = Image.new("RGBA", (1920, 2400))
    ImageDraw.Draw(bottle).rounded_rectangle((720, 800, 1200, 1900), 120, fill=(200, 30, 40, 255))
    bottle = bottle.resize((480, 600), Image.Resampling.LANCZOS)
    wall.paste(bottle, mask=bottle)
    return wall, bottle


def shot_of(picture: Image.Image) -> Parallax:
    shot, obstacle = plan_parallax(picture, SIZE, "dynamic", MIDDLE)
    assert shot is not None, obstacle
    return shot


def is_red(frame: Image.Image) -> np.ndarray:
    pixels = np.asarray(frame).astype(int)
    return (pixels[..., 0] - pixels[..., 1]) > 60


def test_the_subject_swings_to_the_other_side() -> None:
    shot = shot_of(scene()[0])

    first, last = map(is_red, Reel([Take(lambda: shot, False)], SIZE, 61).pictures([0, 60]))

    columns = [np.nonzero(mask)[1].mean() for mask in (first, last)]
    assert columns[1] - columns[0] == pytest.approx(2 * 0.022 * 360, abs=3)


def test_nothing_of_the_subject_is_left_behind() -> None:
    """Red is where the subject is, in one piece, and nowhere else."""
    shot = shot_of(scene()[0])

    for frame in Reel([Take(lambda: shot, False)], SIZE, 61).pictures([0, 15, 30, 45, 60]):
        count, _, stats, _ = cv2.connectedComponentsWithStats(is_red(frame).astype(np.uint8))
        assert count == 2
        box = stats[1]
        assert box[cv2.CC_STAT_AREA] > 0.93 * box[cv2.CC_STAT_WIDTH] * box[cv2.CC_STAT_HEIGHT]


def test_what_is_mended_looks_like_its_surroundings() -> None:
    picture, bottle = scene(striped=True)

    filled = mended(np.asarray(picture), np.asarray(bottle.getchannel("A")), 600).astype(float)

    # Within the rim that is seen while the layers move: as rough as the wall beside it.
    rim, wall = filled[250:420, 178:196], filled[250:420, 120:138]
    assert np.abs(np.diff(rim, axis=0)).mean() > 0.6 * np.abs(np.diff(wall, axis=0)).mean()
    assert abs(rim.mean() - wall.mean()) < 25
    assert (filled[..., 0] - filled[..., 1]).max() < 12


def test_a_shadow_at_the_foot_goes_on_under_the_subject() -> None:
    """Where the subject's edge is half see-through, what is mended shows: a lighter line would be seen."""
    alpha = np.asarray(scene()[1].getchannel("A"))
    away = cv2.distanceTransform((alpha <= 6).astype(np.uint8), cv2.DIST_L2, 5)
    shaded = (200 - 120 * np.exp(-away / 12))[..., None].repeat(3, 2).astype(np.uint8)

    filled = mended(shaded, alpha, 0).astype(float)[..., 0]

    depth = cv2.distanceTransform((alpha > 6).astype(np.uint8), cv2.DIST_L2, 5)
    outside = filled[(away > 0) & (away <= 3)].mean()
    assert filled[(depth > 0) & (depth <= 3)].mean() < outside + 8


def test_without_a_subject_there_is_no_parallax() -> None:
    shot, obstacle = plan_parallax(Image.new("RGB", (480, 600), "grey"), SIZE, "subtle", MIDDLE)

    assert shot is None
    assert "no subject" in obstacle
