"""Enlarged in tiles without a seam, to any size, within what lies around, and with no colour out of holes."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pressroom.media.upscaling.enlarge import (
    Enlarger,
    alpha_enlarged,
    enlarged,
    enlarged_to,
    in_tiles,
    premultiplied,
    straight,
)
from tests.support.edits import shaded, with_alpha

PIXELS = st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([3, 4])).flatmap(
    lambda shape: hnp.arrays(np.uint8, shape)
)


def repeated(pixels: np.ndarray, scale: int) -> np.ndarray:
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def softened(pixels: np.ndarray) -> np.ndarray:
    """Twice as large, each pixel depending on those up to two pixels around it."""
    return repeated(np.asarray(cv2.blur(pixels, (5, 5), borderType=cv2.BORDER_REPLICATE)), 2)


@settings(max_examples=40)
@given(PIXELS, st.sampled_from([2, 4]), st.integers(1, 9), st.integers(0, 4))
def test_tiles_are_put_where_they_belong(pixels: np.ndarray, scale: int, tile: int, margin: int) -> None:
    found = in_tiles(pixels, scale, lambda part: repeated(part, scale), tile=tile, margin=margin)

    assert (found == repeated(pixels, scale)).all()


@pytest.mark.parametrize("tile", [3, 8, 17, 64])
@pytest.mark.parametrize("workers", [1, 2])
def test_with_margin_enough_no_seam_shows(tile: int, workers: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (31, 40, 3), dtype=np.uint8)

    found = in_tiles(pixels, 2, softened, tile=tile, margin=2, workers=workers)

    assert (found == softened(pixels)).all()


def test_what_is_worked_on_at_once_is_bounded() -> None:
    sizes, lock = [], threading.Lock()

    def work(part: np.ndarray) -> np.ndarray:
        with lock:
            sizes.append(part.shape[:2])
        return repeated(part, 2)

    in_tiles(np.zeros((50, 70, 3), np.uint8), 2, work, tile=16, margin=3)

    assert max(max(size) for size in sizes) <= 16 + 2 * 3
    assert len(sizes) == 4 * 5


def test_what_a_tile_raises_comes_out() -> None:
    def broken(_: np.ndarray) -> np.ndarray:
        raise ValueError("out of luck")

    with pytest.raises(ValueError, match="out of luck"):
        in_tiles(np.zeros((9, 9, 3), np.uint8), 2, broken)


@pytest.mark.parametrize("scale", [2, 4, 8])
@pytest.mark.parametrize("mode", ["conservative", "fast"])
@pytest.mark.parametrize("pixels", [shaded(23, 17), with_alpha(shaded(23, 17))], ids=["RGB", "RGBA"])
def test_it_is_so_many_times_as_large_and_looks_the_same_from_afar(pixels: np.ndarray, mode: str, scale: int) -> None:
    found = enlarged(pixels, scale, mode)

    assert found.shape == (17 * scale, 23 * scale, pixels.shape[2])
    again = found.reshape(17, scale, 23, scale, -1).mean(axis=(1, 3))
    seen = pixels[..., 3:].min(axis=2) == 255 if pixels.shape[2] == 4 else np.ones((17, 23), bool)
    assert np.abs(again - pixels)[seen][:, :3].mean() < 4


@settings(max_examples=25)
@given(PIXELS.filter(lambda pixels: pixels.shape[2] == 3))
def test_conservative_stays_within_the_pixels_around(pixels: np.ndarray) -> None:
    around = np.ones((3, 3), np.uint8)
    low, high = (repeated(np.atleast_3d(each(pixels, around)), 2) for each in (cv2.erode, cv2.dilate))

    found = enlarged(pixels, 2, "conservative")

    assert (found >= low).all()
    assert (found <= high).all()


@pytest.mark.parametrize("mode", ["conservative", "fast"])
def test_a_cut_out_takes_no_colour_from_its_holes(mode: str) -> None:
    pixels = with_alpha(np.full((24, 24, 3), (0, 140, 0), np.uint8))
    pixels[pixels[..., 3] == 0] = (255, 0, 255, 0)

    found = enlarged(pixels, 2, mode)

    seen = found[..., 3] > 24
    assert found[seen][:, [0, 2]].max() <= 8
    assert np.abs(found[seen, 1].astype(int) - 140).max() <= 16


@settings(max_examples=60)
@given(hnp.arrays(np.uint8, (4, 5, 4)))
def test_premultiplied_and_back_is_the_same_where_it_is_seen(pixels: np.ndarray) -> None:
    found = straight(premultiplied(pixels))

    seen = pixels[..., 3] > 0
    assert (found[..., 3] == pixels[..., 3]).all()
    assert np.abs(found.astype(int) - pixels)[seen].max(initial=0) <= 1
    assert not found[~seen].any()


def test_values_beyond_the_range_are_cut() -> None:
    assert straight(np.array([[[-9.0, 300.0, 127.6]]], np.float32)).tolist() == [[[0, 255, 128]]]


@pytest.mark.parametrize("scale", [2, 4])
def test_alpha_by_itself_is_the_alpha_of_the_whole(scale: int) -> None:
    """Within a few levels: the whole picture's filters look at its lightness too."""
    pixels = with_alpha(np.full((20, 20, 3), 90, np.uint8))

    alone = alpha_enlarged(pixels, scale)

    assert alone.shape == (20 * scale, 20 * scale)
    assert np.abs(alone - enlarged(pixels, scale, "conservative")[..., 3]).mean() < 1.5


@settings(max_examples=20)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 30), st.integers(0, 30), st.sampled_from([3, 4]))
def test_any_size_is_reached(width: int, height: int, more: int, taller: int, channels: int) -> None:
    found = enlarged_to(np.full((height, width, channels), 200, np.uint8), (width + more, height + taller), "fast")

    assert found.shape == (height + taller, width + more, channels)
    assert np.abs(found.astype(int) - 200).max() <= 1


@pytest.mark.parametrize(
    ("step", "size", "asked"),
    [(2, (10, 8), 0), (2, (20, 16), 1), (2, (21, 16), 2), (2, (40, 9), 2), (4, (11, 9), 1), (4, (41, 8), 2)],
)
def test_an_enlarger_is_asked_as_often_as_it_takes(step: int, size: tuple[int, int], asked: int) -> None:
    calls = []

    def enlarge(pixels: np.ndarray, scale: int) -> np.ndarray:
        calls.append(scale)
        return repeated(pixels, scale)

    found = Enlarger(step, enlarge).to(np.zeros((8, 10, 3), np.uint8), size)

    assert calls == [step] * asked
    assert found.shape == (size[1], size[0], 3)


def test_the_same_picture_gives_the_same_pixels() -> None:
    pixels = with_alpha(shaded(40, 30))

    assert (enlarged(pixels, 2, "conservative") == enlarged(pixels, 2, "conservative")).all()
