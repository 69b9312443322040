"""Colours go through the embedded profile where it changes something, and stay exact where it does not."""

from __future__ import annotations

import io

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from pressroom.media.files.meaning import Meaning, by_profile
from pressroom.media.files.profiles import bare, means_srgb, to_srgb
from tests.support.media import gradient, psnr


def built_in(name: str) -> bytes:
    return bytes(pyvips.Operation.call("profile_load", name))


SRGB, P3, CMYK = built_in("srgb"), built_in("p3"), built_in("cmyk")
LITTLECMS_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(
    "profile",
    [None, b"", SRGB, LITTLECMS_SRGB, b"no profile", CMYK],
    ids=["none", "empty", "vips", "littlecms", "broken", "other"],
)
def test_srgb_of_any_maker_and_what_is_no_profile_for_it_changes_no_pixel(profile: bytes | None) -> None:
    found = to_srgb(gradient(), by_profile(profile))

    assert found.tobytes() == gradient().tobytes()
    assert means_srgb(by_profile(profile))


def test_display_p3_is_wider() -> None:
    """P3's red is outside sRGB, and its half-strength green is a stronger green in sRGB."""
    assert not means_srgb(by_profile(P3))
    image = Image.new("RGB", (2, 1))
    image.putdata([(128, 128, 128), (100, 180, 100)])

    found = to_srgb(image, by_profile(P3))

    assert np.abs(np.array(found.getpixel((0, 0))) - 128).max() <= 1
    red, green, _ = found.getpixel((1, 0))
    assert red < 90
    assert green >= 180


def test_there_and_back_through_a_profile_is_the_same_picture() -> None:
    muted = Image.blend(gradient(), Image.new("RGB", (60, 40), "#808080"), 0.6)
    profiles = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(P3))
    wide = ImageCms.profileToProfile(muted, *profiles, outputMode="RGB")

    assert psnr(to_srgb(wide, by_profile(P3)), muted) > 45
    assert psnr(wide, muted) < 40


def test_ink_through_its_profile_is_not_ink_by_rule_of_thumb() -> None:
    ink = Image.new("CMYK", (2, 2), (0, 0, 0, 255))

    assert max(to_srgb(ink, by_profile(CMYK)).getpixel((0, 0))) < 40
    assert to_srgb(ink, Meaning()).getpixel((0, 0)) == (0, 0, 0)
    assert to_srgb(Image.new("CMYK", (2, 2)), by_profile(CMYK)).getpixel((0, 0)) == pytest.approx(
        (255, 255, 255), abs=2
    )


def test_grey_with_a_profile_for_rgb_stays_grey() -> None:
    grey = gradient().convert("L")

    found = to_srgb(grey, by_profile(P3))

    assert found.mode == "RGB"
    assert (np.asarray(found) == np.asarray(grey)[..., None]).all()


def test_nothing_of_the_profile_is_left() -> None:
    image = gradient()
    image.info = {"icc_profile": P3, "dpi": (72, 72)}

    assert to_srgb(image, by_profile(P3)).info == {}
    assert bare(image) is image
    assert image.info == {}
