"""A small picture is made of a file of every format that is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.reporting.thumbnails import small_picture
from tests.support.edits import shaded
from tests.support.heif import coded, grid, heif, turned
from tests.support.media import psnr


def photo() -> Image.Image:
    return Image.fromarray(shaded(400, 200))


def small(path: Path) -> Image.Image:
    return Image.fromarray(small_picture(path, Kind.IMAGE, None, 100, "", MediaLimits()).numpy())


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif", "tiff", "bmp", "avif"])
def test_what_pillow_writes_has_one(tmp_path: Path, name: str) -> None:
    photo().save(tmp_path / "photo", name)

    assert psnr(small(tmp_path / "photo").convert("RGB"), photo().resize((100, 50), Image.Resampling.BOX)) > 28


@pytest.mark.parametrize("side", [0, 128])
def test_a_heic_has_one_upright(tmp_path: Path, side: int) -> None:
    items = grid(photo(), side, turned(1)) if side else [coded(photo(), turned(1))]
    (tmp_path / "IMG_1.HEIC").write_bytes(heif(items))
    wanted = photo().transpose(Image.Transpose.ROTATE_90).resize((50, 100), Image.Resampling.BOX)

    assert psnr(small(tmp_path / "IMG_1.HEIC"), wanted) > 30
