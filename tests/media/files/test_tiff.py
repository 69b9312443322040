"""TIFF of every layout is shown right or named; a directory that lies is refused."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, TiffImagePlugin

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import inspect_image, open_image
from tests.support.handmade import GREYS, PATCHES, greys, is_near, patches, seen, write_tiff

LIMITS = MediaLimits()


def turned_round(data: bytes) -> bytes:
    """FillOrder 2: the lowest bit of a byte comes first."""
    return np.packbits(np.unpackbits(np.frombuffer(data, np.uint8)), bitorder="little").tobytes()


def float_differences(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Predictor 3: the bytes of a row, those that count most first, each less the one before."""
    rows = values.astype(">f4").view(np.uint8).reshape(*values.shape, 4)
    planes = np.moveaxis(rows, 2, 1).reshape(len(values), -1)
    return np.ascontiguousarray(np.diff(planes, axis=1, prepend=0).astype(np.uint8)).view(np.float32)


DEEP = patches().astype(np.uint16) * 257
DEEP_GREY = greys().astype(np.uint16) * 257
DEEPEST = patches().astype(np.uint32) * 65_793  # of 24 bits
BRIGHT = np.zeros((16, 96), bool)
BRIGHT[0] = True
COLOUR_MAP = [value for channel in range(3) for value in [*(patch[channel] for patch in PATCHES), *(0,) * 250]]
INDEXES = np.repeat(np.arange(6, dtype=np.uint8), 16)[None].repeat(16, 0)
BT_709 = np.array([[0.2126, 0.7152, 0.0722], [-0.11457, -0.38543, 0.5], [0.5, -0.45415, -0.04585]])
CHROMA = np.round(patches() @ BT_709.T + (0, 128, 128)).astype(np.uint8)
CHROMA_709: dict[str, Any] = {"more": {259: (3, (8,)), 529: (5, (2_126, 7_152, 722)), 530: (3, (1, 1))}}
FLOATS_BY_LZMA: dict[str, Any] = {"pack": lzma.compress, "more": {259: (3, (34_925,)), 317: (3, (3,))}}
LZMA: dict[str, Any] = {"pack": lzma.compress, "more": {259: (3, (34_925,))}}
LAYOUTS: dict[str, tuple[np.ndarray[Any, Any], int, dict[str, Any]]] = {
    "8 bits": (patches(), 2, {}),
    "8 bits in planes": (patches(), 2, {"planar": 2}),
    "16 bits": (DEEP, 2, {}),
    "16 bits, big-endian": (DEEP, 2, {"order": ">"}),
    "16 bits in planes": (DEEP, 2, {"planar": 2}),
    "16 bits in planes, big-endian": (DEEP, 2, {"planar": 2, "order": ">"}),
    "24 bits": (DEEPEST, 2, {"cut": 24}),
    "24 bits, big-endian": (DEEPEST, 2, {"cut": 24, "order": ">"}),
    "24 bits in tiles of planes": (DEEPEST, 2, {"cut": 24, "planar": 2, "is_tiled": True}),
    "24 bits, differences": (
        np.diff(DEEPEST, axis=1, prepend=0).astype(np.uint32),
        2,
        {"cut": 24, "pack": zlib.compress, "more": {259: (3, (8,)), 317: (3, (2,))}},
    ),
    "32 bits": (patches().astype(np.uint32) * 16_843_009, 2, {}),
    "32 bits in planes": (patches().astype(np.uint32) * 16_843_009, 2, {"planar": 2}),
    "32 bits, LZMA": (patches().astype(np.uint32) * 16_843_009, 2, LZMA),
    "64 bits": (patches().astype(np.uint64) * 72_340_172_838_076_673, 2, {"order": ">"}),
    "a tile": (patches(), 2, {"is_tiled": True}),
    "a tile of 16 bits": (DEEP, 2, {"is_tiled": True}),
    "BigTIFF": (DEEP, 2, {"is_big": True}),
    "BigTIFF, big-endian": (DEEP, 2, {"is_big": True, "order": ">"}),
    "12 bits": (DEEP, 2, {"bits": 12}),
    "12 bits in planes, big-endian": (DEEP, 2, {"bits": 12, "planar": 2, "order": ">"}),
    "12 bits, packed": (DEEP, 2, {"bits": 12, "pack": zlib.compress, "more": {259: (3, (8,))}}),
    "12 bits, bits turned round": (DEEP, 2, {"bits": 12, "pack": turned_round, "more": {266: (3, (2,))}}),
    "10 bits in a tile": (DEEP, 2, {"bits": 10, "is_tiled": True}),
    "tiles of planes": (patches(), 2, {"planar": 2, "is_tiled": True}),
    "tiles of planes of 16 bits": (DEEP, 2, {"planar": 2, "is_tiled": True, "order": ">"}),
    "LZMA": (patches(), 2, LZMA),
    "LZMA in a tile": (patches(), 2, LZMA | {"is_tiled": True}),
    "LZMA, 16 bits": (DEEP, 2, LZMA | {"order": ">"}),
    "LZMA, differences of 16 bits": (
        np.diff(DEEP, axis=1, prepend=0).astype(np.uint16),
        2,
        {"pack": lzma.compress, "more": {259: (3, (34_925,)), 317: (3, (2,))}},
    ),
    "YCbCr, ZIP, by the weights of BT.709": (CHROMA, 6, CHROMA_709 | {"pack": zlib.compress}),
    "a colour map, LZMA": (
        INDEXES,
        3,
        {"pack": lzma.compress, "more": {259: (3, (34_925,)), 320: (3, tuple(value * 257 for value in COLOUR_MAP))}},
    ),
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
    "12 bits": (DEEP_GREY, 1, {"bits": 12}),
    "12 bits, white is zero": (65_535 - DEEP_GREY, 0, {"bits": 12}),
    "LZMA, floats": ((greys() / 255).astype(np.float32), 1, LZMA),
    "LZMA, floats by their differences": (float_differences((greys() / 255).astype(np.float32)), 1, FLOATS_BY_LZMA),
    "32 bits": (greys().astype(np.uint32) * 16_843_009, 1, {}),
    "24 bits, white is zero": (2**24 - 1 - DEEPEST[:, :, 0], 0, {"cut": 24}),
    "64 bits": (greys().astype(np.uint64) * 72_340_172_838_076_673, 1, {}),
    "floats": ((greys() / 255).astype(np.float32), 1, {}),
    "floats of 64 bits": (greys() / 255, 1, {}),
    "floats that shine above white": (np.where(BRIGHT, 3, greys() / 255).astype(np.float32), 1, {}),
    "floats on the scale of 8 bits": (greys().astype(np.float32), 1, {}),
}


COARSE = {4: 8, 2: 43, 1: 128}  # how far a colour may be off


@pytest.mark.parametrize("bits", COARSE)
def test_colours_of_few_bits_use_all_of_the_range(tmp_path: Path, bits: int) -> None:
    deepest = np.round(DEEP / 65_535 * ((1 << bits) - 1)).astype(np.uint16) << (16 - bits)
    path = write_tiff(tmp_path / "scan.tif", deepest, 2, bits=bits)

    image = open_image(path, LIMITS)

    assert is_near(image, PATCHES, COARSE[bits]), seen(image)
    assert seen(image)[0] == (255, 255, 255)


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


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize(("pixels", "photometric"), [(greys(), 1), (patches(), 2), (255 - greys(), 0)])
@pytest.mark.parametrize("told", [{338: (3, (2,))}, {}], ids=["told", "not told"])
def test_one_channel_too_many_is_transparency(
    tmp_path: Path,
    pixels: np.ndarray[Any, Any],
    photometric: int,
    planar: int,
    told: dict[int, tuple[int, tuple[int, ...]]],
) -> None:
    clear = np.full((16, 96), 128, np.uint8)
    path = write_tiff(tmp_path / "logo.tif", np.dstack([pixels, clear]), photometric, planar=planar, more=told)
    filled = write_tiff(tmp_path / "filled.tif", np.dstack([pixels, clear * 0]), photometric, planar=planar, more=told)

    image, other = open_image(path, LIMITS), open_image(filled, LIMITS)

    assert image.getchannel("A").getextrema() == (128, 128)
    assert is_near(image.convert("RGB"), PATCHES if photometric == 2 else GREYS), seen(image)
    assert other.mode == ("RGBA" if told else "RGB")  # a filler, where nothing says that it is transparency


def test_tiles_may_be_named_as_strips(tmp_path: Path) -> None:
    left, right = (np.ascontiguousarray(part) for part in np.split(patches(), 2, axis=1))
    path = tmp_path / "old.tif"
    half = left.nbytes
    more = {256: (4, (96,)), 257: (4, (16,)), 322: (4, (48,)), 323: (4, (16,)), 279: (4, (half, half))}
    empty = write_tiff(path, np.vstack([left, right]), 2, more=more | {273: (4, (0, 0))}).read_bytes()
    start = len(empty) - 2 * half
    write_tiff(path, np.vstack([left, right]), 2, more=more | {273: (4, (start, start + half))})

    assert is_near(open_image(path, LIMITS), PATCHES)


@pytest.mark.parametrize("more", [{258: (3, (8,))}, {258: (3, (8, 8, 8, 1))}, {262: None}])
def test_what_a_directory_leaves_out_or_says_too_often_is_no_matter(tmp_path: Path, more: dict[int, Any]) -> None:
    path = write_tiff(tmp_path / "scan.tif", patches(), 2, more={tag: told for tag, told in more.items() if told})
    if 262 in more:
        data = path.read_bytes()
        at = data.index(b"\x06\x01\x03\x00\x01\x00\x00\x00\x02\x00")
        path.write_bytes(data[:at] + b"\x07\x01" + data[at + 2 :])  # Threshholding, which nobody reads

    assert is_near(open_image(path, LIMITS), PATCHES)


@pytest.mark.parametrize("weights", [(0, 0, 0), (9_000, 9_000, 9_000)])
def test_weights_of_colours_that_are_none_say_nothing(tmp_path: Path, weights: tuple[int, ...]) -> None:
    of_601 = np.array([[0.299, 0.587, 0.114], [-0.16874, -0.33126, 0.5], [0.5, -0.41869, -0.08131]])
    pixels = np.round(patches() @ of_601.T + (0, 128, 128)).astype(np.uint8)
    path = write_tiff(tmp_path / "scan.tif", pixels, 6, more={529: (5, weights), 530: (3, (1, 1))})

    assert is_near(open_image(path, LIMITS), PATCHES)


@pytest.mark.parametrize("pack", [bytes, lzma.compress])
def test_a_channel_of_another_kind_before_the_transparent_one_is_left_out(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    pixels = np.dstack([patches(), np.full((16, 96), 7, np.uint8), np.full((16, 96), 128, np.uint8)])
    how = (3, (1 if pack is bytes else 34_925,))
    path = write_tiff(tmp_path / "logo.tif", pixels, 2, pack=pack, more={259: how, 338: (3, (0, 2))})

    image = open_image(path, LIMITS)

    assert image.getchannel("A").getextrema() == (128, 128)
    assert is_near(image.convert("RGB"), PATCHES), seen(image)


def test_a_colour_map_may_have_transparency_beside_it(tmp_path: Path) -> None:
    more = {320: (3, tuple(value * 257 for value in COLOUR_MAP)), 338: (3, (2,))}
    path = write_tiff(tmp_path / "logo.tif", np.dstack([INDEXES, np.full_like(INDEXES, 128)]), 3, more=more)

    image = open_image(path, LIMITS)

    assert image.getchannel("A").getextrema() == (128, 128)
    assert is_near(image.convert("RGB"), PATCHES), seen(image)


def test_inks_that_are_named_as_those_of_cmyk_are_cmyk(tmp_path: Path) -> None:
    pixels, names = np.dstack([255 - patches(), np.zeros((16, 96), np.uint8)]), b"Cyan\0Magenta\0Yellow\0Black\0"
    path = write_tiff(tmp_path / "rip.tif", pixels, 5, more={332: (3, (2,)), 333: (2, names)})

    assert is_near(open_image(path, LIMITS), PATCHES)


LAB_D50 = ((100, 0, 0), (53.6, 0, 0), (50, 60, 40))  # white, middle grey, a red; seen through Bradford
LAB_SEEN = ((255, 255, 255), (128, 128, 128), (214, 60, 55))


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [8, 9])
def test_cielab_is_seen_under_d50(tmp_path: Path, photometric: int, bits: int, extra: int) -> None:
    colours = np.repeat(np.array([*LAB_D50, *LAB_D50], np.float64), 16, axis=0)[None].repeat(16, 0)
    unit, most = (1, 255) if bits == 8 else (256, 65_535 if photometric == 8 else 65_280)
    sides = np.round(colours[..., 1:] * unit).astype(np.int32) + (0 if photometric == 8 else 128 * unit)
    stored = np.dstack([np.round(colours[..., :1] * most / 100), sides]).astype(np.int32) & (unit * 256 - 1)
    pixels = stored.astype(np.uint8 if bits == 8 else np.uint16)
    clear = np.full((16, 96, 1), np.iinfo(pixels.dtype).max // 2 + 1, pixels.dtype)
    more = {338: (3, (2,))} if extra else {}
    path = write_tiff(tmp_path / "photo.tif", np.dstack([pixels, clear]) if extra else pixels, photometric, more=more)

    image = open_image(path, LIMITS)

    assert is_near(image.convert("RGB"), LAB_SEEN * 2, 3), seen(image)
    assert (image.mode == "RGBA" and image.getchannel("A").getextrema() == (128, 128)) is bool(extra)


def test_cielab_of_another_white_is_seen_under_that(tmp_path: Path) -> None:
    linear = ((200 / 255 + 0.055) / 1.055) ** 2.4  # of sRGB's red, as programs work it out that know no D50
    red_xyz = np.array((0.4124, 0.2126, 0.0193)) * linear / (0.9505, 1, 1.089)
    x, y, z = np.cbrt(red_xyz)
    pixels = np.tile(np.round([(116 * y - 16) * 655.35, (x - y) * 500 * 256, (y - z) * 200 * 256]), (16, 96, 1))
    path = write_tiff(tmp_path / "red.tif", pixels.astype(np.uint16), 8, more={318: (5, (3_127, 3_290))})

    assert seen(open_image(path, LIMITS))[0] == pytest.approx((200, 0, 0), abs=3)


def test_primaries_that_a_file_tells_are_heeded(tmp_path: Path) -> None:
    wide = pyvips.Image.new_from_array(patches()).copy(interpretation="srgb")
    pixels = wide.icc_transform("p3", input_profile="srgb", depth=8).numpy()
    told = {318: (5, (3_127, 3_290)), 319: (5, (6_800, 3_200, 2_650, 6_900, 1_500, 600))}

    assert is_near(open_image(write_tiff(tmp_path / "wide.tif", pixels, 2, more=told), LIMITS), PATCHES)
    assert not is_near(open_image(write_tiff(tmp_path / "plain.tif", pixels, 2), LIMITS), PATCHES)


def write_pages(path: Path, *pages: tuple[Image.Image, dict[int, int]]) -> Path:
    with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as file:
        for number, (image, tags) in enumerate(pages):
            directory = TiffImagePlugin.ImageFileDirectory_v2()
            for tag, value in tags.items():
                directory.tagtype[tag] = 4
                directory[tag] = value
            if number:
                file.newFrame()
            image.save(file, "TIFF", tiffinfo=directory)
    return path


SMALL, WHOLE = Image.new("RGB", (12, 2)), Image.fromarray(patches())
FIRST_SMALL = {
    "a thumbnail": [(SMALL, {254: 1}), (WHOLE, {})],
    "a thumbnail of the old kind": [(SMALL, {255: 2}), (WHOLE, {255: 1})],
    "two smaller ones": [(SMALL, {254: 1}), (SMALL, {254: 1}), (WHOLE, {254: 0})],
    "a mask": [(SMALL, {254: 4}), (WHOLE, {254: 0})],
}


@pytest.mark.parametrize("name", FIRST_SMALL)
def test_the_whole_picture_is_shown_where_a_smaller_one_comes_first(tmp_path: Path, name: str) -> None:
    path = write_pages(tmp_path / "scan.tif", *FIRST_SMALL[name])

    info = inspect_image(path, LIMITS)

    assert (info.width, info.height) == (96, 16)
    assert is_near(open_image(path, LIMITS), PATCHES)


def test_the_whole_picture_may_lie_under_its_thumbnail(tmp_path: Path) -> None:
    path = write_pages(tmp_path / "scan.tif", (SMALL, {254: 1, 330: 8}), (WHOLE, {254: 0}))
    data = bytearray(path.read_bytes())
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    entry = next(place for place in range(at + 2, at + 2 + 12 * count, 12) if data[place : place + 2] == b"\x4a\x01")
    link = at + 2 + 12 * count
    data[entry + 8 : entry + 12], data[link : link + 4] = data[link : link + 4], bytes(4)
    path.write_bytes(data)

    assert inspect_image(path, LIMITS).width == 96
    assert is_near(open_image(path, LIMITS), PATCHES)


def test_a_smaller_picture_is_shown_where_there_is_no_other(tmp_path: Path) -> None:
    assert is_near(open_image(write_pages(tmp_path / "scan.tif", (WHOLE, {254: 1})), LIMITS), PATCHES)


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
    "signed numbers": (DEEP.astype(np.int16), 2, {}, "signed or complex numbers, which do not say what is black"),
    "signed numbers of a byte": (patches().astype(np.int8), 2, {}, "signed or complex"),
    "another colour space": (patches(), 10, {}, "photometric 10"),
    "12 bits as JPEG": (
        DEEP,
        2,
        {"more": {258: (3, (12, 12, 12)), 259: (3, (7,))}},
        "RGB of 12 bits a channel, compressed as JPEG",
    ),
    "20 bits": (DEEP, 2, {"more": {258: (3, (20, 20, 20))}}, "20 bits a channel"),
    "floats of 24 bits": (DEEPEST, 2, {"cut": 24, "more": {339: (3, (3, 3, 3))}}, "numbers of 24 bits"),
    "channels of different depth": (patches(), 2, {"more": {258: (3, (5, 6, 5))}}, "5, 6 bits"),
    "a compression of tomorrow": (patches(), 2, {"more": {259: (3, (60_000,))}}, "method 60000"),
    "tiles that libvips would show black": (
        patches(),
        2,
        {"is_tiled": True, "more": {259: (3, (34_712,))}},
        "compressed as JPEG 2000",
    ),
    "six inks": (np.zeros((16, 96, 6), np.uint8), 5, {"more": {332: (3, (2,))}}, r"its 6 inks \(unnamed\)"),
    "four inks of other names": (
        np.zeros((16, 96, 4), np.uint8),
        5,
        {"more": {332: (3, (2,)), 333: (2, b"Orange\0Green\0Violet\0Black\0")}},
        "orange, green, violet, black",
    ),
    "a row of differences of 12 bits": (DEEP, 2, {"bits": 12, "more": {317: (3, (2,))}}, "predictor 2 with 12 bits"),
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
