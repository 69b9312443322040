"""A packed picture is the picture in the format that was asked for, opened again, with its likeness on record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Refused
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.editing.packing import TIFF, Wanted, keeps_alpha, packed
from pressroom.media.encoding.pictures import FORMATS
from tests.support.edits import shaded, with_alpha
from tests.support.media import noise, psnr

OPAQUE, CUT = Image.fromarray(shaded(64, 48)), Image.fromarray(with_alpha(shaded(64, 48)))
ALL = (*FORMATS, TIFF)
EXACT = {"png", "bmp", TIFF}


@pytest.mark.parametrize("name", ALL)
def test_a_picture_comes_back_in_the_format_asked_for(tmp_path: Path, name: str) -> None:
    made = packed(OPAQUE, Wanted(name, "#ffffff"), tmp_path, "shoe", MediaLimits())

    with Image.open(made.path) as found:
        assert found.format == name.upper()
        assert found.size == OPAQUE.size
        assert Image.MIME[found.format] == made.mime
        assert psnr(found, OPAQUE) > (90 if name in EXACT else 30)
        assert "exif" not in found.info
        assert "icc_profile" not in found.info
        assert found.info.get("dpi", (72, 72))[0] > 70  # a picture of no told size is no poster of a metre
    assert made.path.parent == tmp_path
    assert made.path.stem == "shoe"
    assert made.details["format"] == name
    assert (made.details["ssim"] == 1.0) if name in EXACT else 0.9 < made.details["ssim"] <= 1.0


@pytest.mark.parametrize("name", ALL)
def test_half_transparent_pixels_survive_where_it_says_so_and_lie_on_the_ground_elsewhere(
    tmp_path: Path, name: str
) -> None:
    made = packed(CUT, Wanted(name, "#0000ff"), tmp_path, "shoe", MediaLimits())

    with Image.open(made.path) as found:
        alpha = np.asarray(found.convert("RGBA").getchannel("A")).astype(int)
        halves = (alpha > 8) & (alpha < 247)
        assert bool(halves.any()) == keeps_alpha(name)
        if keeps_alpha(name):
            assert np.abs(alpha - np.asarray(CUT.getchannel("A"))).max() <= 24
        elif name != "gif":
            red, green, blue = found.convert("RGB").getpixel((0, 0))
            assert max(red, green) <= 12
            assert blue >= 243


def test_exact_formats_keep_every_pixel_of_a_cut_out(tmp_path: Path) -> None:
    for name in ("png", TIFF):
        made = packed(CUT, Wanted(name, "#ffffff"), tmp_path, name, MediaLimits())

        with Image.open(made.path) as found:
            assert (np.asarray(found.convert("RGBA")) == np.asarray(CUT)).all()


@pytest.mark.parametrize("name", ["jpeg", "webp", "avif", "png", "gif"])
def test_a_limit_is_kept_and_what_it_cost_is_on_record(tmp_path: Path, name: str) -> None:
    picture = noise(64, 48)
    free = packed(picture, Wanted(name, "#ffffff"), tmp_path, "free", MediaLimits()).path.stat().st_size

    made = packed(picture, Wanted(name, "#ffffff", max_bytes=free * 3 // 4), tmp_path, "shoe", MediaLimits())

    assert made.path.stat().st_size <= free * 3 // 4
    assert {"quality", "colors", "step"} & set(made.details)
    assert all(value is not None for value in made.details.values())


def test_less_quality_looks_less_alike(tmp_path: Path) -> None:
    found = [
        packed(OPAQUE, Wanted("jpeg", "#ffffff", quality), tmp_path, str(quality), MediaLimits()).details
        for quality in (15, 50, 90)
    ]

    assert [each["quality"] for each in found] == [15, 50, 90]
    assert found[0]["ssim"] < found[1]["ssim"] < found[2]["ssim"]


def test_a_limit_that_cannot_be_met_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"64 x 48 pixels as jpeg need at least .* bytes, the limit is 100"):
        packed(noise(64, 48), Wanted("jpeg", "#ffffff", max_bytes=100), tmp_path, "shoe", MediaLimits())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ALL)
def test_the_same_picture_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    one, other = (packed(CUT, Wanted(name, "#fff"), tmp_path, stem, MediaLimits()).path for stem in ("one", "other"))

    assert one.read_bytes() == other.read_bytes()
