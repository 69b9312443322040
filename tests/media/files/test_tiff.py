"""TIFF of every layout is shown right or named; a directory that lies is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.media.files.images import inspect_image, open_image
from pressroom.settings import MediaLimits
from tests.support.handmade import GREYS, PATCHES, greys, is_near, patches, seen, write_tiff

LIMITS = MediaLimits()
DEEP = patches().astype(np.uint16) * 257
DEEP_GREY = greys().astype(np.uint16) * 257
COLOUR_MAP = [value for channel in range(3) for value in [*(patch[channel] for patch in PATCHES), *(0,) * 250]]
INDEXES = np.repeat(np.arange(6, dtype=np.uint8), 16)[None].repeat(16, 0)
LAYOUTS: dict[str, tuple[np.ndarray[Any, Any], int, dict[str, Any]]] = {
    "8 bits": (patches(), 2, {}),
    "8 bits in planes": (patches(), 2, {"planar": 2}),
    "16 bits": (DEEP, 2, {}),
    "16 bits, big-endian": (DEEP, 2, {"order": ">"}),
    "16 bits in planes": (DEEP, 2, {"planar": 2}),
    "16 bits in planes, big-endian": (DEEP, 2, {"planar": 2, "order": ">"}),
    "32 bits": (patches().astype(np.uint32) * 16_843_009, 2, {}),
    "a tile": (patches(), 2, {"is_tiled": True}),
    "a tile of 16 bits": (DEEP, 2, {"is_tiled": True}),
    "BigTIFF": (DEEP, 2, {"is_big": True}),
    "BigTIFF, big-endian": (DEEP, 2, {"is_big": True, "order": ">"}),
    "a colour map": (INDEXES, 3, {"more": {320: (3, tuple(value * 257 for value in COLOUR_MAP))}}),
    "a colour map of 8 bits": (INDEXES, 3, {"more": {320: (3, tuple(COLOUR_MAP))}}),
    "CMYK": (np.dstack([255 - patches(), np.zeros((16, 96), np.uint8)]), 5, {}),
    "transparency that is opaque": (
        np.dstack([patches(), np.full((16, 96), 255, np.uint8)]),
        2,
        {"more": {338: (3, (2,))}},
    ),
    "a channel of another kind": (np.dstack([patches(), np.zeros((16, 96), np.uint8)]), 2, {"more": {338: (3, (0,))}}),
}
GREY_LAYOUTS: dict[str, tuple[np.ndarray[Any, Any], int, dict[str, Any]]] = {
    "8 bits": (greys(), 1, {}),
    "8 bits, white is zero": (255 - greys(), 0, {}),
    "16 bits": (DEEP_GREY, 1, {}),
    "16 bits, big-endian": (DEEP_GREY, 1, {"order": ">"}),
    "16 bits, white is zero": (65_535 - DEEP_GREY, 0, {}),
    "16 bits, white is zero, big-endian": (65_535 - DEEP_GREY, 0, {"order": ">"}),
    "32 bits": (greys().astype(np.uint32) * 16_843_009, 1, {}),
    "floats": ((greys() / 255).astype(np.float32), 1, {}),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_colours_are_right_in_every_layout(tmp_path: Path, name: str) -> None:
    pixels, photometric, options = LAYOUTS[name]
    path = write_tiff(tmp_path / "scan.tif", pixels, photometric, **options)

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert image.mode == "RGB"
    assert is_near(image, PATCHES), seen(image)
    assert (info.width, info.height, info.mime) == (96, 16, "image/tiff")


@pytest.mark.parametrize("name", GREY_LAYOUTS)
def test_greys_are_right_in_every_layout(tmp_path: Path, name: str) -> None:
    pixels, photometric, options = GREY_LAYOUTS[name]

    image = open_image(write_tiff(tmp_path / "scan.tif", pixels, photometric, **options), LIMITS)

    assert is_near(image, GREYS), seen(image)


@pytest.mark.parametrize("compression", ["jpeg", "deflate", "lzw", "packbits", "webp"])
def test_compressed_files_are_opened(tmp_path: Path, compression: str) -> None:
    source = pyvips.Image.new_from_array(patches()).copy(interpretation="srgb")
    source.tiffsave(str(tmp_path / "scan.tif"), compression=compression, Q=95, tile=True, tile_width=32, tile_height=16)

    assert is_near(open_image(tmp_path / "scan.tif", LIMITS), PATCHES, 6)


def test_several_pages_are_one_still_picture(tmp_path: Path) -> None:
    first = Image.fromarray(patches())
    first.save(tmp_path / "pages.tif", save_all=True, append_images=[Image.new("RGB", (9, 9))] * 2)

    assert is_near(open_image(tmp_path / "pages.tif", LIMITS), PATCHES)
    assert inspect_image(tmp_path / "pages.tif", LIMITS).frames == 3


@pytest.mark.parametrize("kind", [1, 2])
def test_transparency_is_kept_multiplied_or_not(tmp_path: Path, kind: int) -> None:
    pixels = np.full((16, 96, 4), 100, np.uint8)
    pixels[..., 3] = 128
    path = write_tiff(tmp_path / "logo.tif", pixels, 2, more={338: (3, (kind,))})

    red, *_, alpha = seen(open_image(path, LIMITS))[0]

    assert alpha == 128
    assert abs(red - (199 if kind == 1 else 100)) <= 1


@pytest.mark.parametrize("bits", [8, 16])
def test_transparency_beside_inks_is_kept(tmp_path: Path, bits: int) -> None:
    inks = np.dstack([255 - patches(), np.zeros((16, 96), np.uint8), np.full((16, 96), 128, np.uint8)])
    pixels = inks if bits == 8 else inks.astype(np.uint16) * 257
    path = write_tiff(tmp_path / "logo.tif", pixels, 5, more={338: (3, (2,))})

    image = open_image(path, LIMITS)

    assert (image.mode, image.getchannel("A").getextrema()) == ("RGBA", (128, 128))
    assert is_near(image.convert("RGB"), PATCHES), seen(image)
    assert inspect_image(path, LIMITS).has_alpha


NAMED: dict[str, tuple[np.ndarray[Any, Any], int, dict[str, Any], str]] = {
    "signed numbers": (DEEP.astype(np.int16), 2, {}, "signed or complex"),
    "another colour space": (patches(), 10, {}, "photometric 10"),
    "12 bits": (DEEP, 2, {"more": {258: (3, (12, 12, 12))}}, "12 bits a channel"),
    "channels of different depth": (patches(), 2, {"more": {258: (3, (5, 6, 5))}}, "5, 6 bits"),
    "64 bits": (greys() / 255, 1, {}, "64 bits a channel"),
    "a compression of tomorrow": (patches(), 2, {"more": {259: (3, (50_000,))}}, "not configured"),
    "floats of colour without a profile": ((patches() / 255).astype(np.float32), 2, {}, "floating point"),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_not_opened_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    pixels, photometric, options, said = NAMED[name]
    path = write_tiff(tmp_path / "scan.tif", pixels, photometric, **options)

    with pytest.raises(Corrupt, match=rf"scan\.tif is stored in a way .*{said}.*") as refused:
        inspect_image(path, LIMITS)
    assert "export it" in refused.value.hint


LIES: dict[str, dict[int, tuple[int, tuple[int, ...] | bytes]]] = {
    "rows that are not there": {257: (4, (4_000,)), 278: (4, (4_000,))},
    "columns that are not there": {256: (4, (9_000,))},
    "parts behind the end": {273: (4, (10_000_000,))},
    "parts longer than the file": {279: (4, (2_000_000_000,))},
    "more parts than it names": {278: (4, (1,))},
    "fewer channels than its colours": {277: (3, (1,)), 258: (3, (8,)), 339: (3, (1,))},
    "no rows in a strip": {278: (4, (0,))},
    "no width": {256: (4, (0,))},
    "a width that is a word": {256: (2, b"wide\0")},
    "shorter parts": {279: (4, (96 * 16,))},
}


@pytest.mark.parametrize("name", LIES)
def test_a_directory_that_lies_is_refused(tmp_path: Path, name: str) -> None:
    path = write_tiff(tmp_path / "scan.tif", patches(), 2, more=LIES[name])

    with pytest.raises(Corrupt, match=r"scan\.tif"):
        inspect_image(path, LIMITS)


def test_metadata_that_leads_nowhere_refuses_nothing(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "scan.tif", patches(), 2, more={34675: (7, b"not a profile"), 700: (1, b"<x:xmpmeta")})

    assert is_near(open_image(path, LIMITS), PATCHES)
