"""Pixels go to libvips and come back the same, whatever their shape and layout in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from pressroom.media.encoding.vips import decoded, from_array, to_array
from tests.support.media import gradient, noise

PIXELS = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)).flatmap(
    lambda shape: hnp.arrays(np.uint8, shape)
)


@given(PIXELS, st.integers(1, 4))
def test_pixels_come_back(pixels: np.ndarray, threads: int) -> None:
    found = to_array(from_array(pixels), threads)

    assert found.reshape(pixels.shape).tolist() == pixels.tolist()
    assert found.dtype == np.uint8


@pytest.mark.parametrize("cut", [np.s_[::2], np.s_[:, ::-1], np.s_[:, :, ::-1], np.s_[2:5, 1:4]], ids=str)
def test_views_are_read_as_what_they_show(cut: tuple[slice, ...]) -> None:
    view = np.asarray(noise(9, 8))[cut]

    assert (to_array(from_array(view)) == view).all()


@pytest.mark.parametrize(("bands", "meaning"), [(1, "b-w"), (2, "b-w"), (3, "srgb"), (4, "srgb")])
def test_four_bands_are_no_inks(bands: int, meaning: str) -> None:
    image = from_array(np.zeros((2, 3, bands), np.uint8))

    assert image.interpretation == meaning
    assert (image.width, image.height, image.bands) == (3, 2, bands)
    assert image.hasalpha() == (bands in (2, 4))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0, "quality": 95}], ids=str)
@pytest.mark.parametrize("size", [(1, 1), (16, 16), (61, 37)])
def test_a_jpeg_is_decoded_as_pillow_does(tmp_path: Path, size: tuple[int, int], options: dict[str, int]) -> None:
    gradient(*size).save(tmp_path / "photo.jpg", **options)

    with Image.open(tmp_path / "photo.jpg") as expected:
        assert np.abs(decoded(tmp_path / "photo.jpg").astype(int) - np.asarray(expected)).max() <= 1


def test_a_jpeg_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    noise(64, 64).save(path)
    path.write_bytes(path.read_bytes()[:-1500])

    with pytest.raises(pyvips.Error):
        decoded(path)
