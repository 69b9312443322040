"""Pictures of few colours: never more than allowed, better the more there are, gradients without bands."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.encoding import indexed
from pressroom.media.encoding.indexed import LEAST, MOST, Indexed, activity, hole_of
from tests.support.edits import shaded, with_alpha
from tests.support.media import gradient, noise

PHOTO = Image.fromarray(shaded(64, 48))
FEW = Indexed(PHOTO)


def flag(colors: int) -> Image.Image:
    """Stripes of that many colours."""
    rng = np.random.default_rng(colors)
    return Image.fromarray(rng.integers(0, 256, (1, colors, 3), dtype=np.uint8).repeat(6, axis=1).repeat(12, axis=0))


def shown(indices: np.ndarray, colours: np.ndarray) -> np.ndarray:
    return np.rint(colours[indices])


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@settings(max_examples=40)
@given(st.floats(LEAST, MOST))
def test_there_are_never_more_colours_than_asked_for(setting: float) -> None:
    """A fraction has one more in a part of the picture."""
    indices, colours = FEW.with_colours(setting)

    assert len(colours) <= np.ceil(min(setting, FEW.most))
    assert indices.max() < len(colours)
    assert indices.shape == (48, 64)
    assert indices.dtype == np.uint8
    assert colours.min() >= 0
    assert colours.max() <= 255


@pytest.mark.parametrize("count", [16, 17, 40, 255, 256])
@pytest.mark.parametrize("write", ["png", "gif"])
def test_files_have_no_more_colours_either(count: int, write: str) -> None:
    indices, colours = FEW.with_colours(count)
    data = indexed.png(indices, colours) if write == "png" else indexed.gif(indices, colours, None)

    found = opened(data)

    assert found.mode == "P"
    assert len(found.convert("RGB").getcolors()) <= count
    assert np.abs(np.asarray(found.convert("RGB")) - shown(indices, colours)[..., :3]).max() == 0


def test_more_colours_are_nearer_to_the_picture() -> None:
    errors = []
    for count in (16, 32, 64, 128, 256):
        found = shown(*FEW.with_colours(count))[..., :3]
        errors.append(float(((found - np.asarray(PHOTO)) ** 2).mean()))

    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 30


@pytest.mark.parametrize("colors", [1, 2, 5, 16])
def test_a_flag_is_exact_in_its_own_colours(colors: int) -> None:
    image = flag(colors)
    few = Indexed(image)

    found = shown(*few.with_colours(few.most))[..., :3]

    assert few.most == few.least == colors
    assert (found == np.asarray(image)).all()


def test_a_most_below_256_is_kept() -> None:
    few = Indexed(PHOTO, 100)

    assert few.most == 100
    assert len(few.with_colours(256)[1]) == 100


def test_a_grey_picture_of_few_shades_is_one_too() -> None:
    image = Image.fromarray(np.array([[0, 80, 160, 255]] * 6, np.uint8).repeat(5, axis=1)).convert("RGB")

    few = Indexed(image)

    found = shown(*few.with_colours(few.most))[..., :3]
    assert np.abs(found - np.asarray(image)).max() <= 1


def test_a_slow_gradient_has_no_bands() -> None:
    """With 16 colours means over 8 x 8 pixels still rise: errors are spread, not steps."""
    image = Image.fromarray(np.linspace(60, 140, 160)[None, :, None].repeat(64, 0).repeat(3, 2).astype(np.uint8))

    found = shown(*Indexed(image).with_colours(16))[..., 1]

    means = found.reshape(8, 8, 20, 8).mean(axis=(0, 1, 3))
    assert (np.diff(means) > 0).all()


def test_soft_edges_keep_their_transparency() -> None:
    image = Image.fromarray(with_alpha(shaded(64, 48)))
    few = Indexed(image)

    found = opened(indexed.png(*few.with_colours(few.most))).convert("RGBA")

    alphas = [np.asarray(each.getchannel("A")).astype(int) for each in (found, image)]
    assert np.abs(alphas[0] - alphas[1]).mean() < 4
    assert (alphas[0][alphas[1] == 255] > 240).all()
    assert (alphas[0][alphas[1] == 0] < 5).all()


def test_a_small_palette_takes_no_more_room_than_a_large_one() -> None:
    """Up to 16 colours two pixels share a byte where that is smaller."""
    picture = noise(64, 48)
    few = Indexed(picture)

    four_bits, eight_bits = (len(indexed.png(*few.with_colours(count))) for count in (16, 17))

    assert four_bits < eight_bits
    assert (np.asarray(opened(indexed.png(*few.with_colours(16)))) == few.with_colours(16)[0]).all()


@pytest.mark.parametrize("most", [20, MOST - 1])
def test_holes_of_a_gif_are_transparent_and_nothing_else_is(most: int) -> None:
    image = Image.fromarray(with_alpha(shaded(64, 48)))
    hole = hole_of(image)
    few = Indexed(image.convert("RGB"), most)

    found = opened(indexed.gif(*few.with_colours(few.most), hole)).convert("RGBA")

    assert hole is not None
    assert ((np.asarray(found.getchannel("A")) == 0) == hole).all()


def test_a_hole_is_where_more_shows_through_than_not() -> None:
    image = Image.new("RGBA", (4, 1))
    image.putdata([(0, 0, 0, alpha) for alpha in (0, 127, 128, 255)])

    assert hole_of(image).tolist() == [[True, True, False, False]]
    assert hole_of(image.convert("RGB")) is None


def test_activity_is_nothing_where_nothing_happens_and_most_at_edges() -> None:
    pixels = np.full((40, 40, 3), 30, np.uint8)
    pixels[:, 20:] = 230

    found = activity(Image.fromarray(pixels))

    assert found.shape == (40, 40)
    assert found[:, :14].max() == found[:, 26:].max() == 0
    assert 100 < found[20, 20] <= 200
    assert activity(gradient(40, 40)).max() < 40


def test_the_same_picture_gives_the_same_bytes() -> None:
    one, other = (indexed.png(*Indexed(PHOTO).with_colours(37.4)) for _ in range(2))

    assert one == other
