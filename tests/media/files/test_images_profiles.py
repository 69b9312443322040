"""Colours of pictures go through the profile that they carry."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import open_image
from tests.support.media import gradient, psnr

LIMITS = MediaLimits()


def test_colours_go_through_the_embedded_profile(tmp_path: Path) -> None:
    """A picture tagged as Lab-like or wide gamut must not be shown with its numbers taken for sRGB."""
    path = tmp_path / "tagged.tif"
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    grey = Image.new("LAB", (8, 8), (128, 128, 128))
    grey.save(path, icc_profile=lab.tobytes())

    pixel = open_image(path, LIMITS).getpixel((0, 0))

    assert max(pixel) - min(pixel) <= 3  # L* = 50 is a middle grey, 119 in sRGB
    assert abs(pixel[1] - 119) <= 3


def photo() -> Image.Image:
    """Soft colours such as print can show."""
    return Image.blend(gradient(96, 64), Image.new("RGB", (96, 64), "#998877"), 0.5)


def tagged(path: Path, profile: str, bits: int = 8) -> None:
    """The photo in another colour space, written by libvips with one of the profiles that it carries."""
    pixels = pyvips.Image.new_from_array(np.asarray(photo())).copy(interpretation="srgb")
    pixels.icc_transform(profile, input_profile="srgb", depth=bits).write_to_file(str(path), keep="all")


@pytest.mark.parametrize(("name", "bits"), [("wide.png", 8), ("wide16.png", 16), ("wide.tif", 8), ("wide16.tif", 16)])
def test_display_p3_becomes_srgb(tmp_path: Path, name: str, bits: int) -> None:
    tagged(tmp_path / name, "p3", bits)

    with Image.open(tmp_path / name) as stored:
        assert psnr(stored.convert("RGB"), photo()) < 45
    assert psnr(open_image(tmp_path / name, LIMITS), photo()) > 48


@pytest.mark.skipif(shutil.which("convert") is None, reason="NEEDS ImageMagick's convert")
@pytest.mark.parametrize(("name", "bits"), [("print.tif", 8), ("print16.tif", 16), ("print.jpg", 8)])
def test_cmyk_through_its_profile_looks_as_imagemagick_shows_it(tmp_path: Path, name: str, bits: int) -> None:
    tagged(tmp_path / name, "cmyk", bits)
    (tmp_path / "srgb.icc").write_bytes(pyvips.Image.profile_load("srgb"))
    command = ["convert", tmp_path / name, "-intent", "relative", "-black-point-compensation"]
    subprocess.run([*command, "-profile", tmp_path / "srgb.icc", tmp_path / "reference.png"], check=True)

    image = open_image(tmp_path / name, LIMITS)

    assert psnr(image, Image.open(tmp_path / "reference.png")) > 38
    assert psnr(image, photo()) > 30


def test_an_srgb_profile_of_any_maker_changes_no_pixel(tmp_path: Path) -> None:
    photo().save(tmp_path / "tagged.png", icc_profile=pyvips.Image.profile_load("srgb"))

    assert open_image(tmp_path / "tagged.png", LIMITS).tobytes() == photo().tobytes()


def test_colours_in_floating_point_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    pyvips.Image.new_from_array(np.asarray(photo())).copy(interpretation="srgb").colourspace("scrgb").write_to_file(
        str(path)
    )

    with pytest.raises(Corrupt, match=r"scene\.tif is stored in a way that is not opened \(it holds floating point"):
        open_image(path, LIMITS)
