"""BMP: indexes of every depth, runs with gaps, headers of OS/2, linear light, and pictures of other formats inside."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import inspect_image, open_image
from tests.support.handmade import PATCHES, Pixels, is_near, patches, seen

LIMITS = MediaLimits()
COLOURS = bytes(part for patch in PATCHES for part in (*patch[::-1], 0))
INDEXES = np.repeat(np.arange(6, dtype=np.uint8), 16)[None].repeat(16, 0)
RUNS_OF_8, RUNS_OF_4, RUNS_OF_24, JPEG, PNG, END = 1, 2, 4, 4, 5, b"\0\1"


def write(
    path: Path, data: bytes, depth: int, colours: bytes = b"", compression: int = 0, header: int = 40, used: int = 0
) -> Path:
    """16 x 96 pixels from below; a header of 12 bytes has colours of three."""
    if header == 12:
        head = struct.pack("<IHHHH", 12, 96, 16, 1, depth)
        colours = b"".join(colours[at : at + 3] for at in range(0, len(colours), 4))
    else:
        told = struct.pack("<IiiHHIIiiII", header, 96, 16, 1, depth, compression, len(data), 0, 0, used, 0)
        head = told.ljust(header, b"\0")[:header]
    start = 14 + len(head) + len(colours)
    path.write_bytes(b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + colours + data)
    return path


def packed(indexes: Pixels, depth: int) -> bytes:
    bits = np.unpackbits(indexes[:, :, None], axis=2)[:, :, 8 - depth :]
    return np.packbits(bits.reshape(len(indexes), -1), axis=1).tobytes()


@pytest.mark.parametrize("header", [12, 16, 40, 64, 108, 124])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_indexes_of_every_depth_are_read_behind_every_header(tmp_path: Path, depth: int, header: int) -> None:
    most = min(6, 1 << depth)
    colours = COLOURS[: 4 * most].ljust(4 << depth, b"\0")
    path = write(tmp_path / "shot.bmp", packed(INDEXES % most, depth), depth, colours, header=header)

    image, info = open_image(path, LIMITS), inspect_image(path, LIMITS)

    assert is_near(image, tuple(PATCHES[number % most] for number in range(6)), 0), seen(image)
    assert (info.width, info.height, info.has_alpha, info.mime) == (96, 16, False, "image/bmp")


@pytest.mark.parametrize(("told", "colours"), [(6, COLOURS), (300, COLOURS.ljust(1200, b"\0"))])
def test_there_may_be_fewer_colours_than_indexes_and_more(tmp_path: Path, told: int, colours: bytes) -> None:
    indexes = INDEXES.copy()
    indexes[0, 0] = 200
    path = write(tmp_path / "shot.bmp", indexes.tobytes(), 8, colours, used=told)

    image = open_image(path, LIMITS)

    assert is_near(image, PATCHES, 0)
    assert image.getpixel((0, 15)) == (0, 0, 0)


def test_pixels_that_are_said_to_begin_where_the_colours_do_lie_behind_these(tmp_path: Path) -> None:
    path = write(tmp_path / "shot.bmp", INDEXES.tobytes(), 8, COLOURS, used=6)
    data = bytearray(path.read_bytes())
    data[10:14] = struct.pack("<I", 54)
    path.write_bytes(data)

    assert is_near(open_image(path, LIMITS), PATCHES, 0)


def runs(depth: int) -> bytes:
    """The patches: the first two as they are, the others as runs; each row ends with its sign."""
    row = b""
    for number, (red, green, blue) in enumerate(PATCHES):
        if depth == 24:
            pixel = bytes((blue, green, red))
            row += bytes((0, 16)) + pixel * 16 if number < 2 else bytes((16,)) + pixel
        elif depth == 8:
            row += bytes((0, 16)) + bytes((number,)) * 16 if number < 2 else bytes((16, number))
        else:
            row += bytes((0, 16)) + bytes((number * 17,)) * 8 if number < 2 else bytes((16, number * 17))
    return (row + b"\0\0") * 16 + END


RUNS = {8: RUNS_OF_8, 4: RUNS_OF_4, 24: RUNS_OF_24}


@pytest.mark.parametrize("depth", RUNS)
def test_runs_are_read(tmp_path: Path, depth: int) -> None:
    colours = b"" if depth == 24 else COLOURS.ljust(4 << depth, b"\0")
    path = write(tmp_path / "shot.bmp", runs(depth), depth, colours, RUNS[depth], header=64)

    assert is_near(open_image(path, LIMITS), PATCHES, 0), seen(open_image(path, LIMITS))


@pytest.mark.parametrize("depth", [4, 8])
def test_an_odd_run_is_filled_up_to_whole_words(tmp_path: Path, depth: int) -> None:
    taken = bytes((1, 2, 3)) if depth == 8 else bytes((0x12, 0x30))
    data = bytes((0, 3)) + taken.ljust(-(-len(taken) // 2) * 2, b"\0") + bytes((93, 0)) + b"\0\0" + END
    path = write(tmp_path / "shot.bmp", data, depth, COLOURS.ljust(4 << depth, b"\0"), RUNS[depth])

    image = open_image(path, LIMITS)

    assert [image.getpixel((x, 15)) for x in range(4)] == [PATCHES[1], PATCHES[2], PATCHES[3], PATCHES[0]]


def test_what_runs_leave_out_has_the_first_colour(tmp_path: Path) -> None:
    moved = bytes((0, 2, 90, 3)) + bytes((200, 3)) + b"\0\0" + bytes((5, 4)) + END
    path = write(tmp_path / "shot.bmp", moved, 8, COLOURS, RUNS_OF_8)

    image = open_image(path, LIMITS)

    assert [image.getpixel(at) for at in ((0, 0), (89, 12), (90, 12), (95, 12))] == [PATCHES[0]] * 2 + [PATCHES[3]] * 2
    assert [image.getpixel(at) for at in ((4, 11), (5, 11), (0, 15))] == [PATCHES[4], PATCHES[0], PATCHES[0]]


@pytest.mark.parametrize("depth", RUNS)
def test_runs_that_break_off_are_refused(tmp_path: Path, depth: int) -> None:
    data = runs(depth)
    path = write(tmp_path / "shot.bmp", data[: len(data) // 2], depth, COLOURS.ljust(64, b"\0"), RUNS[depth])

    with pytest.raises(Corrupt, match=r"shot\.bmp is cut off"):
        inspect_image(path, LIMITS)


def test_rows_that_break_off_are_refused_but_for_what_fills_the_last(tmp_path: Path) -> None:
    narrow = np.ascontiguousarray(INDEXES[:, :94]).tobytes()
    data = b"".join(narrow[at : at + 94] + bytes(2) for at in range(0, len(narrow), 94))
    path = write(tmp_path / "shot.bmp", data, 8, COLOURS, used=6)
    whole = bytearray(path.read_bytes())
    whole[18:22] = struct.pack("<i", 94)

    path.write_bytes(whole[:-2])
    assert is_near(open_image(path, LIMITS), PATCHES, 0)
    path.write_bytes(whole[:-3])
    with pytest.raises(Corrupt, match=r"shot\.bmp is cut off"):
        inspect_image(path, LIMITS)


def test_sixty_four_bits_are_linear_light(tmp_path: Path) -> None:
    shown = patches()[::-1] / 255
    light = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    pixels = np.dstack([light[:, :, ::-1], np.full((16, 96), 0.5)])
    pixels[:, :16, :3] = 2.5  # brighter than white
    path = write(tmp_path / "deep.bmp", np.round(pixels * 8192).astype("<i2").tobytes(), 64)

    image = open_image(path, LIMITS)

    assert image.getchannel("A").getextrema() == (128, 128)
    assert is_near(image.convert("RGB"), PATCHES, 1), seen(image)


@pytest.mark.parametrize(("name", "compression"), [("JPEG", JPEG), ("PNG", PNG)])
def test_a_picture_of_another_format_inside_is_shown(tmp_path: Path, name: str, compression: int) -> None:
    inside = io.BytesIO()
    Image.fromarray(patches()).save(inside, name, **({"quality": 95, "subsampling": 0} if name == "JPEG" else {}))
    path = write(tmp_path / "printed.bmp", inside.getvalue(), 0, compression=compression, header=124)

    assert is_near(open_image(path, LIMITS), PATCHES, 3)
    assert inspect_image(path, LIMITS).mime == "image/bmp"
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(Corrupt, match=r"printed\.bmp is (cut off|damaged)"):
        inspect_image(path, LIMITS)


def test_of_several_pictures_the_first_is_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "icon.bmp", INDEXES.tobytes(), 8, COLOURS, used=6)
    single = bytearray(path.read_bytes())
    single[10:14] = struct.pack("<I", struct.unpack("<I", single[10:14])[0] + 14)
    path.write_bytes(b"BA" + struct.pack("<IIHH", 40, 0, 96, 16) + single)

    assert is_near(open_image(path, LIMITS), PATCHES, 0)


@pytest.mark.parametrize(
    ("depth", "compression", "header", "said"),
    [
        (1, 3, 64, "as OS/2 does with fax pages"),
        (32, 11, 40, "method 11 with 32 bits"),
        (24, RUNS_OF_8, 40, "method 1 with 24 bits"),
        (7, 0, 40, "7 bits a pixel"),
        (24, 0, 70, "70 bytes"),
    ],
)
def test_what_is_not_opened_is_named(tmp_path: Path, depth: int, compression: int, header: int, said: str) -> None:
    path = write(tmp_path / "odd.bmp", bytes(16 * 96 * 4), depth, compression=compression, header=header)

    with pytest.raises(Corrupt, match=rf"odd\.bmp is stored in a way .*{said}"):
        inspect_image(path, LIMITS)
