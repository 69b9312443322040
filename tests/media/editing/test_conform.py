"""A picture in a vendor's own size becomes the one that was ordered, or is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.editing.conform import conform_picture

LIMITS = MediaLimits()


def test_it_is_cropped_around_its_middle_and_resized(tmp_path: Path) -> None:
    made = Image.new("RGB", (400, 300), "white")
    made.paste("red", (150, 100, 250, 200))
    made.save(tmp_path / "made.webp", lossless=True)

    assert conform_picture(tmp_path / "made.webp", (340, 300), tmp_path / "out.png", LIMITS) == (400, 300)

    with Image.open(tmp_path / "out.png") as found:
        assert (found.size, found.format) == ((340, 300), "PNG")
        assert found.getpixel((170, 150)) == (255, 0, 0)
        assert found.getpixel((115, 150)) == (255, 255, 255)


def test_a_transparent_one_stays_so(tmp_path: Path) -> None:
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(tmp_path / "made.png")

    conform_picture(tmp_path / "made.png", (48, 48), tmp_path / "out.png", LIMITS)

    with Image.open(tmp_path / "out.png") as found:
        assert (found.mode, found.getextrema()[3]) == ("RGBA", (0, 0))


@pytest.mark.parametrize("size", [(300, 100), (900, 900)])
def test_what_is_too_far_from_the_order_is_left_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", (300, 300)).save(tmp_path / "made.png")

    assert conform_picture(tmp_path / "made.png", size, tmp_path / "out.png", LIMITS) is None
    assert not (tmp_path / "out.png").exists()


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "made.png").write_bytes(b"<html>")

    with pytest.raises(Corrupt):
        conform_picture(tmp_path / "made.png", (10, 10), tmp_path / "out.png", LIMITS)
