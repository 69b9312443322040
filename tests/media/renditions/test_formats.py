"""One picture has one format wherever that is taken: PNG for what is flat, JPEG where nobody sees a difference but the bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.renditions.formats import DRAWN_QUALITY, suited
from pressroom.media.renditions.images import Look, render_stills
from pressroom.media.renditions.levels import Levels
from pressroom.media.renditions.rendition import Target
from tests.support.media import product

BOTH, EITHER = ("jpeg", "png"), ("png", "jpeg")
LOOK = Look("crop", None, "blur", "#ffffff")


def _flat() -> Image.Image:
    drawing = Image.new("RGB", (1200, 900), "#f4f1ea")
    draw = ImageDraw.Draw(drawing)
    draw.rectangle((100, 100, 700, 800), fill="#204060")
    draw.text((760, 300), "SALE\n50 % off", fill="#b03020", font_size=90)
    return drawing


def _dotted() -> Image.Image:
    """Few colours and flat ground, but rows of soft dots that a PNG pays dearly for."""
    y, x = np.mgrid[0:900, 0:1200].astype(np.float32)
    spots = np.clip(1.3 - np.hypot((x % 61.3) - 30, (y % 57.7) - 28) / 18, 0, 1)
    shades = np.round(spots * 120) / 120
    pixels = np.stack([40 + shades * 160, 60 + shades * 120, 90 + shades * 60], axis=-1)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.mark.parametrize(("picture", "best"), [(_flat(), "png"), (_dotted(), "jpeg"), (product(900, 700), "jpeg")])
def test_every_placement_gets_the_format_that_suits_the_picture(picture: Image.Image, best: str) -> None:
    found = suited(Levels(picture), keeps_alpha=False)

    assert (found.of(BOTH), found.of(EITHER), found.of(("png",)), found.of(("webp",))) == (best, best, "png", "webp")


def test_a_cut_out_keeps_its_holes() -> None:
    assert suited(Levels(_flat().convert("RGBA")), keeps_alpha=True).of(("jpeg", "webp", "png")) == "png"


def test_a_drawing_that_must_be_a_jpeg_has_no_rings(tmp_path: Path) -> None:
    _flat().save(tmp_path / "master.png")

    made, asked = (
        render_stills(tmp_path / "master.png", [Target("", 600, 450, ("jpeg",))], look, tmp_path, MediaLimits())[0]
        for look in (LOOK, Look("crop", None, "blur", "#ffffff", quality=70))
    )

    assert made.details["quality"] == DRAWN_QUALITY
    assert asked.details["quality"] == 70
