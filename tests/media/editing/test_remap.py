"""Colours changed one by one: the same as changing every pixel, each colour computed once, transparency untouched."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from pressroom.media.editing.remap import each_strip, palette, remap, strips

PIXELS = st.tuples(st.integers(1, 7), st.integers(1, 7), st.sampled_from([3, 4])).flatmap(
    lambda shape: hnp.arrays(np.uint8, shape)
)


def turned(colors: np.ndarray) -> np.ndarray:
    """Something that no channel can do alone."""
    red, green, blue = colors[:, 0].astype(int), colors[:, 1].astype(int), colors[:, 2].astype(int)
    return np.column_stack([(red + green) // 2, (green + 3 * blue) // 4, 255 - red]).astype(np.uint8)


@settings(max_examples=25, deadline=None)
@given(PIXELS)
def test_every_pixel_becomes_what_its_colour_becomes(pixels: np.ndarray) -> None:
    found = remap(pixels, turned)

    expected = turned(pixels[..., :3].reshape(-1, 3)).reshape(*pixels.shape[:2], 3)
    assert (found[..., :3] == expected).all()
    assert (found[..., 3:] == pixels[..., 3:]).all()
    assert found.dtype == np.uint8


def test_the_picture_given_stays_as_it_is() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 8, 4), dtype=np.uint8)
    before = pixels.copy()

    remap(pixels, turned)

    assert (pixels == before).all()


@pytest.mark.parametrize(
    "cut", [np.s_[::2, ::2], np.s_[::-1], np.s_[:, ::-1], np.s_[3:7, 2:5], np.s_[:, :, ::-1]], ids=str
)
@pytest.mark.parametrize("channels", [3, 4])
def test_a_view_of_a_picture_is_a_picture(cut: tuple[slice, ...], channels: int) -> None:
    """Crops and mirrored pictures are views with strides of their own."""
    view = np.random.default_rng(2).integers(0, 256, (12, 10, channels), dtype=np.uint8)[cut]

    assert (remap(view, turned) == remap(np.ascontiguousarray(view), turned)).all()


def test_each_colour_is_computed_once() -> None:
    """However often it occurs, and whatever its transparency."""
    colors = np.array([[1, 2, 3], [250, 0, 9], [9, 0, 250], [0, 0, 0]], np.uint8)
    numbers = np.random.default_rng(3).integers(0, 4, (40, 30))
    pixels = np.dstack([colors[numbers], np.random.default_rng(4).integers(0, 256, numbers.shape)]).astype(np.uint8)
    seen: list[np.ndarray] = []

    def change(part: np.ndarray) -> np.ndarray:
        seen.append(part.copy())
        return part

    remap(pixels, change)

    asked = np.concatenate(seen)
    assert sorted(map(tuple, asked.tolist())) == sorted(map(tuple, colors.tolist()))


def test_what_the_change_raises_comes_out() -> None:
    def change(_: np.ndarray) -> np.ndarray:
        raise ValueError("no such colour")

    with pytest.raises(ValueError, match="no such colour"):
        remap(np.zeros((2, 2, 3), np.uint8), change)


@settings(max_examples=30, deadline=None)
@given(PIXELS.filter(lambda pixels: pixels.shape[2] == 3))
def test_the_palette_counts_every_pixel(pixels: np.ndarray) -> None:
    found = palette(pixels)

    counted = Image.fromarray(pixels).getcolors(maxcolors=256) or []
    assert sorted(zip(found.counts.tolist(), map(tuple, found.colors.tolist()), strict=True)) == sorted(counted)


def test_the_palette_leaves_out_what_nobody_sees() -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = (255, 0, 0, 255)
    pixels[0, 1] = (0, 255, 0, 1)
    pixels[1] = (0, 0, 255, 0)

    found = palette(pixels)

    assert found.colors.tolist() == [[255, 0, 0], [0, 255, 0]]
    assert found.counts.tolist() == [1, 1]


def test_the_palette_of_a_large_picture_is_an_even_sample() -> None:
    """Half red, half blue, 4.4 megapixels: the shares hold though not every pixel is counted."""
    pixels = np.zeros((2100, 2100, 3), np.uint8)
    pixels[:, :1050, 0] = 255
    pixels[:, 1050:, 2] = 255

    found = palette(pixels)

    assert found.counts.sum() < 2_000_000
    assert found.counts / found.counts.sum() == pytest.approx([0.5, 0.5], abs=0.01)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 2_000_000, 3), (2500, 1000, 3), (1048, 1001, 4), (0, 5, 3)])
def test_strips_are_all_rows_once_and_bounded(shape: tuple[int, int, int]) -> None:
    pixels = np.broadcast_to(np.uint8(0), shape)

    rows = [row for part in strips(pixels) for row in range(part.start, part.stop)]

    assert rows == list(range(shape[0]))
    assert all((part.stop - part.start - 1) * shape[1] < 1 << 20 for part in strips(pixels))


def test_each_strip_waits_for_all_of_them() -> None:
    pixels = np.broadcast_to(np.uint8(0), (2100, 1000, 3))
    lock, done = threading.Lock(), []

    def work(rows: slice) -> None:
        with lock:
            done.append((rows.start, rows.stop))

    each_strip(pixels, work)

    assert sorted(done) == [(part.start, part.stop) for part in strips(pixels)]
    assert len(done) == 3
