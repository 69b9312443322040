"""A still opened again says what it is by its own bytes, and how like its original it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.pictures import FORMATS, encode
from pressroom.media.encoding.reopen import reopen
from tests.support.edits import shaded, with_alpha
from tests.support.media import gradient, noise

PHOTO, CUT = Image.fromarray(shaded(64, 48)), Image.fromarray(with_alpha(shaded(64, 48)))


def written(folder: Path, image: Image.Image, name: str, quality: int | None = None) -> Path:
    path = folder / "shoe.bin"  # a name proves nothing
    path.write_bytes(encode(image, name, quality=quality).data)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_it_is_measured_by_its_own_bytes(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, PHOTO, name)

    info, likeness = reopen(path, PHOTO, MediaLimits())

    assert info.mime == Image.MIME[name.upper()]
    assert (info.width, info.height, info.frames) == (64, 48, 1)
    assert info.size_bytes == path.stat().st_size
    assert not info.has_alpha
    assert likeness > 0.9


@pytest.mark.parametrize("name", ["png", "webp", "avif"])
def test_transparency_is_seen_and_compared(tmp_path: Path, name: str) -> None:
    info, likeness = reopen(written(tmp_path, CUT, name), CUT, MediaLimits())
    _, without = reopen(written(tmp_path, PHOTO, name), CUT, MediaLimits())

    assert info.has_alpha
    assert without < likeness
    assert likeness > 0.9


def test_likeness_falls_with_quality(tmp_path: Path) -> None:
    found = [reopen(written(tmp_path, PHOTO, "jpeg", quality), PHOTO, MediaLimits())[1] for quality in (10, 40, 90)]

    assert found == sorted(found)
    assert len(set(found)) == 3
    assert reopen(written(tmp_path, PHOTO, "png"), PHOTO, MediaLimits())[1] == 1.0


def test_another_picture_is_not_alike_and_another_size_not_at_all(tmp_path: Path) -> None:
    path = written(tmp_path, gradient(64, 48), "png")

    assert reopen(path, noise(64, 48), MediaLimits())[1] < 0.2
    assert reopen(path, gradient(48, 64), MediaLimits())[1] == 0


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif", "avif"])
def test_a_file_that_lost_its_end_is_corrupt(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, noise(64, 48), name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])

    with pytest.raises(Corrupt, match=r"shoe\.bin"):
        reopen(path, PHOTO, MediaLimits())
