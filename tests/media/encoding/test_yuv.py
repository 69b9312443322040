"""Planes of video: BT.709 by its published values, chroma where H.264 has it, and what ffmpeg makes of a frame."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.encoding import yuv
from tests.support.edits import shaded
from tests.support.media import FFMPEG, psnr

AS_IT_IS = np.array([[1.0, 0, 0], [0, 1, 0]])
SIZES = st.tuples(st.integers(1, 20), st.integers(1, 20)).map(lambda size: (size[0] * 2, size[1] * 2))


def looked(picture: np.ndarray, view: np.ndarray = AS_IT_IS, size: tuple[int, int] | None = None) -> yuv.Frame:
    frame = yuv.Frame(size or (picture.shape[1], picture.shape[0]))
    yuv.look(yuv.still_of(picture), view, frame)
    return frame


def by_ffmpeg(frame: yuv.Frame, size: tuple[int, int]) -> Image.Image:
    """The frame as ffmpeg shows it, told what a decoder of H.264 tells it."""
    source = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size[0]}x{size[1]}", "-i", "-"]
    shown = [
        "-vf",
        "scale=in_color_matrix=bt709:in_range=tv:in_h_chr_pos=0:in_v_chr_pos=128:flags=bicubic+accurate_rnd+full_chroma_int",
    ]
    command = [FFMPEG, "-v", "error", *source, *shown, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, input=frame.data.tobytes(), capture_output=True, check=True).stdout
    return Image.frombytes("RGB", size, raw)


@pytest.mark.parametrize(
    ("rgb", "ycc"),
    [
        ((255, 255, 255), (235, 128, 128)), ((0, 0, 0), (16, 128, 128)), ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)), ((0, 0, 255), (32, 240, 118)), ((255, 255, 0), (219, 16, 138)),
        ((0, 255, 255), (188, 154, 16)), ((255, 0, 255), (78, 214, 230)),
    ],
)  # fmt: skip
def test_colour_bars_have_the_codes_of_the_standard(rgb: tuple[int, ...], ycc: tuple[int, ...]) -> None:
    """100 % bars in 8 bits of BT.709, as every vectorscope has them."""
    found = yuv.to_ycc(np.full((1, 1, 3), rgb, np.uint8))[0, 0]

    assert found == pytest.approx(ycc, abs=0.51)
    assert [float(plane[0, 0]) for plane in yuv.split(np.full((1, 1, 3), rgb, np.uint8))] == found.tolist()


def test_no_colour_leaves_the_limited_range() -> None:
    found = yuv.to_ycc(np.random.default_rng(1).integers(0, 256, (50, 50, 3), dtype=np.uint8))

    assert found.min() >= 15.99
    assert found[..., 0].max() <= 235.01
    assert found[..., 1:].max() <= 240.01


@given(SIZES)
def test_a_frame_is_three_planes_in_one_piece(size: tuple[int, int]) -> None:
    frame = yuv.Frame(size)
    frame.luma[:], frame.blue[:], frame.red[:] = 1, 2, 3

    width, height = size
    assert frame.data.tobytes() == bytes([1]) * (width * height) + bytes([2]) * (width * height // 4) + bytes([3]) * (
        width * height // 4
    )


@pytest.mark.parametrize("rgb", [(255, 0, 0), (12, 200, 90), (128, 128, 128), (255, 255, 255)])
def test_a_flat_picture_is_flat_wherever_it_is_looked_at(rgb: tuple[int, int, int]) -> None:
    expected = np.rint(yuv.to_ycc(np.full((1, 1, 3), rgb, np.uint8))[0, 0])
    view = np.array([[0.37, 0.05, 3.3], [-0.04, 0.61, 2.2]])

    frame = looked(np.full((40, 50, 3), rgb, np.uint8), view, (24, 18))

    for plane, code in zip((frame.luma, frame.blue, frame.red), expected, strict=True):
        assert np.abs(plane.astype(int) - code).max() <= 1


def test_chroma_sits_in_line_with_the_left_column_and_between_two_rows() -> None:
    """H.264 type 0: sample (i, j) is at column 2 i and row 2 j + 1/2 of the picture's pixels."""
    ramp = np.arange(64)
    across = np.zeros((64, 64, 3), np.uint8)
    across[..., 2] = ramp * 3
    down = across.transpose(1, 0, 2).copy()
    inner = slice(4, -4)

    for picture, at in ((across, np.arange(32) * 2.0), (down, np.arange(32) * 2 + 0.5)):
        frame = looked(picture)
        codes = yuv.split(picture)[1]
        line = codes[5] if picture is across else codes[:, 5]
        expected = np.interp(at, ramp, line)
        found = frame.blue[10] if picture is across else frame.blue[:, 10]
        away = found[inner] - expected[inner]
        assert np.abs(away).max() < 1
        assert np.abs(away.mean()) < 0.15  # half a pixel aside is 0.66


def test_luma_looked_at_straight_is_the_pictures() -> None:
    """But for a little crispness at edges; on slopes there is none."""
    slope = np.repeat(np.arange(10, 210, 4, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(20, axis=0)

    found = looked(slope).luma[:, 2:-2]

    assert found == pytest.approx(yuv.split(slope)[0][:, 2:-2], abs=0.51)


@pytest.mark.parametrize("step", [(2, 0), (0, 4), (6, 2)])
def test_whole_steps_move_whole_pixels(step: tuple[int, int]) -> None:
    picture = shaded(40, 30)
    there = looked(picture, np.array([[1.0, 0, step[0]], [0, 1, step[1]]]), (20, 12))
    here = looked(picture)

    x, y = step
    assert (there.luma == here.luma[y : y + 12, x : x + 20]).all()
    assert (there.blue == here.blue[y // 2 : y // 2 + 6, x // 2 : x // 2 + 10]).all()
    assert (there.red == here.red[y // 2 : y // 2 + 6, x // 2 : x // 2 + 10]).all()


def test_half_a_pixel_on_lies_between_two() -> None:
    slope = np.repeat(np.arange(10, 210, 4, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(20, axis=0)

    here, there = looked(slope).luma, looked(slope, np.array([[1.0, 0, 0.5], [0, 1, 0]])).luma

    assert there[:, 8:-8] == pytest.approx((here[:, 8:-8] + here[:, 9:-7].astype(float)) / 2, abs=0.75)


def test_ffmpeg_shows_the_picture() -> None:
    soft = Image.fromarray(shaded(64, 48))

    found = by_ffmpeg(looked(np.asarray(soft)), soft.size)

    assert psnr(found, soft) > 34


def test_colours_are_not_shifted_to_a_side() -> None:
    """A red square in the middle of grey is in the middle when ffmpeg shows it."""
    picture = np.full((48, 48, 3), 120, np.uint8)
    picture[16:32, 16:32] = (210, 60, 60)

    found = np.asarray(by_ffmpeg(looked(picture), (48, 48))).astype(float)

    reddish = found[..., 0] - found[..., 1]
    for axis in (0, 1):
        line = reddish.sum(axis=axis)
        assert (line * np.arange(48)).sum() / line.sum() == pytest.approx(23.5, abs=0.3)


@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.25, 0.5])
def test_smoothing_shifts_by_what_is_asked_and_keeps_the_light(shift: float) -> None:
    ramp = np.arange(40, dtype=np.float32)[None].repeat(9, axis=0)

    found = yuv.smoothed(ramp, (shift, 0.0))

    assert found[:, 4:-4] == pytest.approx(ramp[:, 4:-4] + shift, abs=1e-3)


def test_oversampled_pixels_are_the_pictures_own_and_those_between() -> None:
    plane = np.linspace(20, 220, 21, dtype=np.float32)[None].repeat(16, axis=0)

    found = yuv.oversampled(plane)

    assert found.shape == (32, 42)
    assert found[::2, ::2] == pytest.approx(plane, abs=1)
    assert found[16, 9:31:2] == pytest.approx((plane[0, 4:15] + plane[0, 5:16]) / 2, abs=1)


def test_planes_are_packed_in_fours() -> None:
    planes = [np.full((3, 4), value, np.uint8) for value in (7, 9)]

    found = yuv.in_fours(planes)

    assert found.shape == (3, 4, 4)
    assert found[1, 2].tolist() == [7, 9, 0, 0]


def test_the_source_is_not_written_on(tmp_path: Path) -> None:
    picture = shaded(40, 30)
    before = picture.copy()

    frames = [looked(picture).data.tobytes() for _ in range(2)]

    assert frames[0] == frames[1]
    assert (picture == before).all()
