"""What a camera has told of a photo is read from every format that holds it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image

from pressroom.media.files.exif import exif_of
from pressroom.provenance.exif import camera_data
from pressroom.provenance.legacy_rights import rights_told_before_xmp
from tests.support.edits import shaded
from tests.support.heif import Item, coded, heif, saved

_ARTIST = 0x013B


def told() -> Image.Exif:
    exif = Image.Exif()
    exif[_ARTIST] = "Ada Photographer"
    exif[0x010F] = "Camera works"
    return exif


def photo() -> Image.Image:
    return Image.fromarray(shaded(64, 48))


def by_hand(pixels_first: bool) -> bytes:
    """As cameras have it: four bytes say where the TIFF begins, and the old signature may stand before it."""
    block = told().tobytes()
    tiff = block.removeprefix(b"Exif\0\0")
    item = Item(b"Exif", struct.pack(">I", 6) + b"Exif\0\0" + tiff, refers=[(b"cdsc", [1])])
    return heif([coded(photo()), item], pixels_first=pixels_first)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff", "avif"])
def test_pillows_formats(tmp_path: Path, name: str) -> None:
    photo().save(tmp_path / "photo", name, exif=told())

    assert exif_of(tmp_path / "photo")[_ARTIST] == "Ada Photographer"


@pytest.mark.parametrize("data", [saved(photo(), exif=told().tobytes()), by_hand(True), by_hand(False)])
def test_heic_with_its_rights_and_what_a_copy_keeps(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "photo.heic").write_bytes(data)

    assert exif_of(tmp_path / "photo.heic")[_ARTIST] == "Ada Photographer"
    assert rights_told_before_xmp(tmp_path / "photo.heic") == {"dc:creator": ("Ada Photographer",)}
    assert b"Camera works" in (camera_data(tmp_path / "photo.heic") or b"")


def test_a_heic_without_it_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "photo.heic").write_bytes(heif([coded(photo())]))

    assert not exif_of(tmp_path / "photo.heic")
    assert rights_told_before_xmp(tmp_path / "photo.heic") == {}


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_a_damaged_heic_tells_nothing(tmp_path: Path, share: float) -> None:
    whole = by_hand(False)
    (tmp_path / "photo.heic").write_bytes(whole[: int(len(whole) * share)])

    assert rights_told_before_xmp(tmp_path / "photo.heic") == {}
