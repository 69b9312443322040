"""TIFF with the JPEG of TIFF 6.0 is shown, turned and measured as others are; one that is damaged is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files import old_jpeg
from pressroom.media.files.images import inspect_image, open_image
from tests.support.handmade import GREYS, PATCHES, greys, is_near, patches, seen, write_tiff

LIMITS = MediaLimits()
INTERCHANGE, INTERCHANGE_BYTES = 513, 514


def jpeg(is_grey: bool = False) -> bytes:
    file = io.BytesIO()
    Image.fromarray(greys() if is_grey else patches()).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def write(path: Path, stream: bytes, is_grey: bool = False, orientation: int = 1) -> Path:
    """A whole stream, which the strip and the interchange entry both name, as scanners of the nineties wrote it."""
    pixels, photometric = (greys(), 1) if is_grey else (patches(), 6)
    more: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        259: (3, (6,)),
        274: (3, (orientation,)),
        INTERCHANGE: (4, (0,)),
        INTERCHANGE_BYTES: (4, (len(stream),)),
        530: (3, (1, 1)),
    }
    start = len(write_tiff(path, pixels, photometric, pack=lambda _: stream, more=more).read_bytes()) - len(stream)
    return write_tiff(path, pixels, photometric, pack=lambda _: stream, more=more | {INTERCHANGE: (4, (start,))})


def test_colours_are_those_of_the_stream(tmp_path: Path) -> None:
    path = write(tmp_path / "scan.tif", jpeg())

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert is_near(image, PATCHES, 4), seen(image)
    assert (info.width, info.height, info.has_alpha) == (96, 16, False)


def test_greys_are_those_of_the_stream(tmp_path: Path) -> None:
    assert is_near(open_image(write(tmp_path / "scan.tif", jpeg(is_grey=True), is_grey=True), LIMITS), GREYS, 3)


def test_it_is_turned_upright_once(tmp_path: Path) -> None:
    path = write(tmp_path / "scan.tif", jpeg(), orientation=6)

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert image.size == (info.width, info.height) == (16, 96)
    assert is_near(image.rotate(90, expand=True), PATCHES, 4)


@pytest.mark.parametrize("stream", [b"no stream at all" * 20, jpeg()[:300]], ids=["none", "cut off"])
def test_a_stream_that_cannot_be_read_is_refused(tmp_path: Path, stream: bytes) -> None:
    path = write(tmp_path / "scan.tif", stream)

    with pytest.raises(Corrupt, match=r"scan\.tif is (damaged|cut off)"):
        inspect_image(path, LIMITS)


def test_its_decoder_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_jpeg, "_BASE_BYTES", 20_000_000)

    with pytest.raises(Corrupt, match=r"scan\.tif takes more memory or time") as refused:
        open_image(write(tmp_path / "scan.tif", jpeg()), LIMITS)
    assert "JPEG" in refused.value.hint
