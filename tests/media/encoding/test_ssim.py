"""Likeness of pictures: the number that others get, too."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pressroom.media.encoding.ssim import likeness, luma, ssim
from tests.support.media import FFMPEG, gradient, noise, product


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("size", [(600, 400), (123, 77)])
def test_it_is_what_ffmpeg_says(tmp_path: Path, radius: float, size: tuple[int, int]) -> None:
    """ffmpeg takes a smaller constant for dark windows, which shows in the third decimal."""
    one = product(*size).convert("L")
    other = one.filter(ImageFilter.GaussianBlur(radius))
    one.save(tmp_path / "one.png")
    other.save(tmp_path / "other.png")
    command = [FFMPEG, "-hide_banner", "-i", tmp_path / "one.png", "-i", tmp_path / "other.png"]
    done = subprocess.run([*command, "-lavfi", "ssim", "-f", "null", "-"], capture_output=True, text=True, check=True)

    found = ssim(luma(one), luma(other))

    assert found == pytest.approx(float(re.findall(r"All:([0-9.]+)", done.stderr)[-1]), abs=0.003)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (9, 5), (64, 64), (100, 1030)])
def test_equal_pictures_of_any_size_are_wholly_alike(size: tuple[int, int]) -> None:
    picture = luma(noise(*size))

    assert ssim(picture, picture.copy()) == pytest.approx(1)


def test_a_negative_is_unlike() -> None:
    picture = luma(noise(80, 60))

    assert ssim(picture, 255 - picture) < -0.5


def test_changed_transparency_is_seen() -> None:
    clear, solid = gradient().convert("RGBA"), gradient().convert("RGBA")
    clear.putalpha(0)

    assert ssim(luma(clear), luma(solid)) < 0.6


def test_pictures_of_different_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different sizes"):
        ssim(np.zeros((8, 8), np.uint8), luma(Image.new("L", (9, 8))))


@pytest.mark.parametrize("size", [(300, 200), (900, 700), (640, 1200), (5000, 60)])
@pytest.mark.parametrize("quality", [30, 85])
def test_a_sample_of_a_large_picture_tells_nearly_what_all_of_it_tells(size: tuple[int, int], quality: int) -> None:
    one = product(*size).convert("RGB")
    written = BytesIO()
    one.save(written, "JPEG", quality=quality)
    other = Image.open(written)

    assert likeness(one, other) == pytest.approx(ssim(luma(one), luma(other)), abs=0.005)


def test_a_picture_of_another_size_is_not_alike() -> None:
    assert likeness(noise(80, 60), noise(80, 61)) == 0
