"""BMP: channels wherever masks say they are, and colours by the profile or the primaries of the header."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import pyvips

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import inspect_image, open_image
from pressroom.media.files.meaning import by_code_points
from tests.support.handmade import PATCHES, Pixels, is_near, patches, seen

LIMITS = MediaLimits()
SRGB, CALIBRATED, EMBEDDED = 0x73524742, 0, 0x4D424544


def write_bmp(
    path: Path,
    data: bytes,
    depth: int,
    masks: tuple[int, ...] = (),
    header: int = 124,
    is_top_down: bool = False,
    colours: tuple[int, bytes] = (SRGB, b""),
    profile: bytes = b"",
) -> Path:
    """16 x 96 pixels; `colours` are the kind of colour space and its primaries and gammas."""
    compression = 0 if not masks else 6 if header == 40 and len(masks) == 4 else 3
    told = struct.pack(f"<{len(masks)}I", *masks)
    head = struct.pack(
        "<IiiHHIIiiII", header, 96, -16 if is_top_down else 16, 1, depth, compression, len(data), 0, 0, 0, 0
    )
    if header >= 108:
        head += told.ljust(16, b"\0") + (struct.pack("<I", colours[0]) + colours[1]).ljust(52, b"\0")
        head += struct.pack("<IIII", 4, 124 + len(data) if profile else 0, len(profile), 0) if header == 124 else b""
    else:
        head += told
    start = b"BM" + struct.pack("<IHHI", 14 + len(head) + len(data) + len(profile), 0, 0, 14 + len(head))
    path.write_bytes(start + head + data + profile)
    return path


def masked(shifts: tuple[tuple[int, int], ...], depth: int, clear: int = 255) -> tuple[bytes, tuple[int, ...]]:
    """Pixels with red, green, blue and transparency of so many bits so far up, and the masks of that."""
    whole = np.dstack([patches()[::-1], np.full((16, 96), clear, np.uint8)])
    values = np.zeros((16, 96), np.uint64)
    for number, (bits, shift) in enumerate(shifts):
        parts = np.round(whole[:, :, number] / 255 * ((1 << bits) - 1)).astype(np.uint64)
        values |= parts << np.uint64(shift)
    return values.astype(f"<u{depth // 8}").tobytes(), tuple(((1 << bits) - 1) << shift for bits, shift in shifts)


LAYOUTS = {
    "565": (((5, 11), (6, 5), (5, 0)), 16, 5),
    "444": (((4, 8), (4, 4), (4, 0)), 16, 9),
    "332": (((3, 5), (3, 2), (2, 0)), 16, 43),
    "10 bits": (((10, 20), (10, 10), (10, 0)), 32, 1),
    "red last": (((8, 0), (8, 8), (8, 16)), 32, 0),
    "in the upper bytes": (((8, 8), (8, 16), (8, 24)), 32, 0),
}
CLEAR_LAYOUTS = {
    "4444": (((4, 8), (4, 4), (4, 0), (4, 12)), 16, 136),
    "1555": (((5, 10), (5, 5), (5, 0), (1, 15)), 16, 255),
    "10 and 2 bits": (((10, 20), (10, 10), (10, 0), (2, 30)), 32, 170),
    "8888": (((8, 16), (8, 8), (8, 0), (8, 24)), 32, 128),
    "transparency first": (((8, 8), (8, 16), (8, 24), (8, 0)), 32, 128),
}


@pytest.mark.parametrize("header", [40, 124])
@pytest.mark.parametrize("name", LAYOUTS)
def test_colours_are_found_by_their_masks(tmp_path: Path, name: str, header: int) -> None:
    shifts, depth, tolerance = LAYOUTS[name]
    path = write_bmp(tmp_path / "shot.bmp", *_data(masked(shifts, depth), depth), header)

    image = open_image(path, LIMITS)

    assert image.mode == "RGB"
    assert is_near(image, PATCHES, tolerance), seen(image)
    assert inspect_image(path, LIMITS).width == 96


@pytest.mark.parametrize("header", [40, 108])
@pytest.mark.parametrize("name", CLEAR_LAYOUTS)
def test_transparency_is_found_by_its_mask(tmp_path: Path, name: str, header: int) -> None:
    shifts, depth, alpha = CLEAR_LAYOUTS[name]
    data, masks = masked(shifts, depth, clear=alpha)
    half = np.frombuffer(data, f"<u{depth // 8}").reshape(16, 96).copy()
    half[:, :48] &= ~masks[3] & ((1 << depth) - 1)  # clear to the left

    image = open_image(write_bmp(tmp_path / "logo.bmp", half.tobytes(), depth, masks, header), LIMITS)

    assert [pixel[3] for pixel in seen(image)] == [0] * 3 + [alpha] * 3
    assert inspect_image(tmp_path / "logo.bmp", LIMITS).has_alpha


def test_a_transparency_that_would_hide_everything_is_a_filler(tmp_path: Path) -> None:
    data, masks = masked(CLEAR_LAYOUTS["8888"][0], 32, clear=0)

    assert is_near(open_image(write_bmp(tmp_path / "shot.bmp", data, 32, masks), LIMITS), PATCHES)


def test_rows_may_come_from_the_top(tmp_path: Path) -> None:
    upside = np.dstack([np.arange(16, dtype=np.uint8)[:, None].repeat(96, 1)] * 3 + [np.zeros((16, 96), np.uint8)])
    path = write_bmp(tmp_path / "shot.bmp", upside.tobytes(), 32, (0xFF0000, 0xFF00, 0xFF), is_top_down=True)

    image = open_image(path, LIMITS)

    assert [image.getpixel((0, row)) for row in (0, 15)] == [(0, 0, 0), (15, 15, 15)]


@pytest.mark.parametrize(("mask", "said"), [(0b1011, "gaps"), (0x10000, "outside")])
def test_masks_that_are_none_are_named(tmp_path: Path, mask: int, said: str) -> None:
    path = write_bmp(tmp_path / "odd.bmp", bytes(16 * 96 * 2), 16, (mask, 0xF0, 0xF00))

    with pytest.raises(Corrupt, match=rf"odd\.bmp is stored in a way .*{said}"):
        inspect_image(path, LIMITS)


def _data(made: tuple[bytes, tuple[int, ...]], depth: int) -> tuple[bytes, int, tuple[int, ...]]:
    return made[0], depth, made[1]


def wide() -> bytes:
    """The patches in Display P3, as rows of blue, green and red from below."""
    source = pyvips.Image.new_from_array(patches()).copy(interpretation="srgb")
    shown: Pixels = source.icc_transform("p3", input_profile="srgb", depth=8).numpy()
    return np.ascontiguousarray(shown[::-1, :, ::-1]).tobytes()


def primaries(*points: float) -> bytes:
    pairs = zip(points[::2], points[1::2], strict=True)
    return b"".join(struct.pack("<3i", *(round(part * (1 << 30)) for part in (x, y, 1 - x - y))) for x, y in pairs)


def gammas(value: float) -> bytes:
    return struct.pack("<I", round(value * 65_536)) * 3


SRGB_POINTS = primaries(0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3 = primaries(0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def test_the_profile_that_is_embedded_is_heeded(tmp_path: Path) -> None:
    profile = by_code_points(12, 13).profile
    assert profile is not None
    path = write_bmp(tmp_path / "wide.bmp", wide(), 24, colours=(EMBEDDED, b""), profile=profile)

    assert is_near(open_image(path, LIMITS), PATCHES), seen(open_image(path, LIMITS))


@pytest.mark.parametrize("header", [108, 124])
def test_the_primaries_that_are_told_are_heeded(tmp_path: Path, header: int) -> None:
    path = write_bmp(tmp_path / "wide.bmp", wide(), 24, header=header, colours=(CALIBRATED, P3 + gammas(2.2)))

    assert is_near(open_image(path, LIMITS), PATCHES), seen(open_image(path, LIMITS))


@pytest.mark.parametrize(
    ("colours", "profile"),
    [
        ((SRGB, P3 + gammas(1)), b""),
        ((CALIBRATED, SRGB_POINTS + gammas(2.2)), b""),
        ((CALIBRATED, SRGB_POINTS + gammas(0.4545)), b""),
        ((CALIBRATED, b""), b""),  # as Photoshop writes it
        ((EMBEDDED, b""), b""),
        ((EMBEDDED, b""), b"no profile"),
    ],
)
def test_what_says_nothing_changes_nothing(tmp_path: Path, colours: tuple[int, bytes], profile: bytes) -> None:
    data = np.ascontiguousarray(patches()[::-1, :, ::-1]).tobytes()

    assert is_near(
        open_image(write_bmp(tmp_path / "a.bmp", data, 24, colours=colours, profile=profile), LIMITS), PATCHES, 0
    )
