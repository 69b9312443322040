"""A plain JPEG takes a shorter way into renditions: the pixels, the subject and the errors are those of the long way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.vips import decoded
from pressroom.media.files.images import is_plain_jpeg, open_draft, open_image
from pressroom.media.renditions.images import Look, render_stills
from pressroom.media.renditions.rendition import Target
from pressroom.media.subject.focal import SIDE, find_focus
from tests.support.media import gradient, noise, product, psnr

LIMITS = MediaLimits()
LOOK = Look("crop", None, "blur", "#ffffff")


def saved(folder: Path, image: Image.Image, **options: object) -> Path:
    path = folder / "master.jpg"
    image.save(path, **options)
    return path


def _with_primaries_swapped(profile: bytes) -> bytes:
    """A profile whose red and green primaries have changed places: colours that are clearly not sRGB's."""
    return profile.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_pixels_are_those_of_the_long_way(tmp_path: Path, subsampling: int, progressive: bool) -> None:
    image = Image.blend(gradient(301, 211), noise(301, 211), 0.3)
    path = saved(tmp_path, image, quality=80, subsampling=subsampling, progressive=progressive)

    assert is_plain_jpeg(path, LIMITS)
    assert np.array_equal(decoded(path), np.asarray(open_image(path, LIMITS)))


def test_what_needs_work_takes_the_long_way(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide = _with_primaries_swapped(srgb)

    assert is_plain_jpeg(saved(tmp_path, gradient(), icc_profile=srgb), LIMITS)
    assert is_plain_jpeg(saved(tmp_path, gradient(), icc_profile=lab), LIMITS), "a profile for other pixels is left out"
    assert not is_plain_jpeg(saved(tmp_path, gradient(), icc_profile=wide), LIMITS)
    assert not is_plain_jpeg(saved(tmp_path, gradient(), exif=turned), LIMITS)
    assert not is_plain_jpeg(saved(tmp_path, gradient().convert("L")), LIMITS)
    assert not is_plain_jpeg(saved(tmp_path, gradient().convert("CMYK")), LIMITS)
    gradient().save(tmp_path / "master.png")
    assert not is_plain_jpeg(tmp_path / "master.png", LIMITS)


@pytest.mark.parametrize("at", [(0.3, 0.4), (0.7, 0.6)])
def test_the_subject_is_found_in_the_draft_where_it_is(tmp_path: Path, at: tuple[float, float]) -> None:
    path = saved(tmp_path, product(2800, 1900, at), quality=92)

    draft = open_draft(path, LIMITS, SIDE)
    found, wanted = find_focus(draft), find_focus(open_image(path, LIMITS))

    assert max(draft.size) < 2800
    assert (found.x, found.y) == pytest.approx((wanted.x, wanted.y), abs=0.01)
    assert found.source == wanted.source


@pytest.mark.parametrize("kept", [0.3, 0.97])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_cut_off_is_refused(tmp_path: Path, kept: float, progressive: bool) -> None:
    path = saved(tmp_path, noise(400, 300), progressive=progressive)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])

    with pytest.raises(Corrupt, match="cut off"):
        render_stills(path, [Target("", 100, 100, ("jpeg",))], LOOK, tmp_path, LIMITS)


def test_a_drawing_becomes_png_though_its_master_is_a_jpeg(tmp_path: Path) -> None:
    drawing = Image.new("RGB", (1600, 1200), "#ffffff")
    ImageDraw.Draw(drawing).rectangle((400, 300, 1200, 900), fill="#204060")
    path = saved(tmp_path, drawing, quality=95)

    made = render_stills(path, [Target("", 400, 300, ("jpeg", "png"))], LOOK, tmp_path, LIMITS)

    assert made[0].mime == "image/png"
    with Image.open(made[0].path) as found:
        assert psnr(found.convert("RGB"), drawing.resize((400, 300), Image.Resampling.LANCZOS)) > 35
