"""Pixels of any mode become RGB, or RGBA where something is transparent, upright and without metadata."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from pressroom.media.files.meaning import Meaning
from pressroom.media.files.modes import plain
from tests.support.edits import shaded, with_alpha
from tests.support.media import gradient, psnr


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "CMYK", "RGBX", "HSV", "YCbCr"])
def test_opaque_modes_become_rgb_as_pillow_shows_them(mode: str) -> None:
    image = gradient().convert(mode)

    found = plain(image.copy(), Meaning(), 1)

    assert (found.mode, found.size, found.info) == ("RGB", (60, 40), {})
    assert psnr(found, image.convert("RGB")) > 60


@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGBa"])
def test_transparent_modes_become_rgba_and_opaque_ones_of_them_rgb(mode: str) -> None:
    cut = Image.fromarray(with_alpha(shaded(40, 30)))
    whole = Image.fromarray(shaded(40, 30)).convert("RGBA")
    image, opaque = (each.convert(mode) for each in (cut, whole))

    found = plain(image, Meaning(), 1)

    assert found.mode == "RGBA"
    assert (np.asarray(found.getchannel("A")) == np.asarray(cut.getchannel("A"))).all()
    assert plain(opaque, Meaning(), 1).mode == "RGB"


def test_a_transparent_colour_of_a_palette_is_transparent() -> None:
    image = Image.new("P", (4, 2))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putdata([0, 1] * 4)
    image.info["transparency"] = 1

    found = plain(image, Meaning(), 1)

    assert found.mode == "RGBA"
    assert found.getpixel((0, 0)) == (255, 0, 0, 255)
    assert found.getpixel((1, 0))[3] == 0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("transparent", [False, True])
def test_pictures_stand_upright(orientation: int, transparent: bool) -> None:
    image = Image.fromarray(with_alpha(shaded(31, 20)) if transparent else shaded(31, 20))
    told = image.copy()
    told.getexif()[0x0112] = orientation
    expected = ImageOps.exif_transpose(told)

    assert (np.asarray(plain(image, Meaning(), orientation)) == np.asarray(expected)).all()


def test_metadata_is_left_behind() -> None:
    image = gradient()
    image.info = {"comment": "at home", "dpi": (72, 72)}

    found = plain(image, Meaning(), 1)

    assert found.info == {}
    assert psnr(found, gradient()) == 99
