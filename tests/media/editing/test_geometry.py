"""Crops lie inside the picture; turns are clockwise, lose no area and mix in nothing that is not the picture's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.editing.geometry import ANCHORS, border, grown, placed, rotated
from pressroom.media.editing.sizes import rotated_size
from tests.support.edits import shaded, with_alpha
from tests.support.media import psnr

SIZES = st.tuples(st.integers(1, 500), st.integers(1, 500))


@st.composite
def boxes(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[int, int, int, int]]:
    """A size and a box inside it."""
    width, height = draw(SIZES)
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return (width, height), (left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height)))


@given(boxes(), st.tuples(st.floats(-1, 2), st.floats(-1, 2)))
def test_a_placed_box_is_inside_and_as_near_as_it_can_be(
    boxed: tuple[tuple[int, int], tuple[int, int, int, int]], at: tuple[float, float]
) -> None:
    size, box = boxed
    inner = box[2] - box[0], box[3] - box[1]

    found = placed(size, inner, at)

    assert (found[2] - found[0], found[3] - found[1]) == inner
    for axis in (0, 1):
        assert found[axis] >= 0
        assert found[axis + 2] <= size[axis]
        wished = at[axis] * size[axis] - inner[axis] / 2
        nearest = min(max(0, wished), size[axis] - inner[axis])
        assert abs(found[axis] - nearest) <= 0.5


@pytest.mark.parametrize("anchor", ANCHORS)
def test_anchors_are_where_they_say(anchor: str) -> None:
    left, top, right, bottom = placed((100, 80), (30, 20), ANCHORS[anchor])

    assert (left == 0) == ("left" in anchor)
    assert (right == 100) == ("right" in anchor)
    assert (top == 0) == ("top" in anchor)
    assert (bottom == 80) == ("bottom" in anchor)
    if anchor == "center":
        assert (left, top) == (35, 30)


@given(boxes(), st.floats(0, 2))
def test_a_grown_box_holds_the_box_and_stays_inside(
    boxed: tuple[tuple[int, int], tuple[int, int, int, int]], share: float
) -> None:
    size, box = boxed

    found = grown(box, share, size)

    room = round(share * max(box[2] - box[0], box[3] - box[1]))
    for axis, side in enumerate(size):
        assert max(0, box[axis] - room) == found[axis] <= box[axis]
        assert min(side, box[axis + 2] + room) == found[axis + 2] >= box[axis + 2]


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(0, 12)] * 4), st.sampled_from(["#ffffff", "#000000", "#c01030"]))
def test_an_even_border_is_found_to_the_pixel(sides: tuple[int, int, int, int], color: str) -> None:
    left, top, right, bottom = sides
    inner = Image.new("RGB", (14, 11), "#20a060")
    page = Image.new("RGB", (14 + left + right, 11 + top + bottom), color)
    page.paste(inner, (left, top))

    found = border(page, 10)

    if left or top:  # the top left pixel says what the border is
        assert found == (left, top, left + 14, top + 11)


def test_specks_and_noise_are_no_content() -> None:
    pixels = np.random.default_rng(2).integers(248, 256, (40, 50, 3), dtype=np.uint8)
    pixels[5, 5] = 0
    pixels[10:30, 12:44] = 40

    assert border(Image.fromarray(pixels), 12) == (12, 10, 44, 30)


def test_a_cut_outs_border_is_what_is_transparent() -> None:
    image = Image.new("RGBA", (30, 20), (200, 10, 10, 0))
    image.paste((200, 10, 10, 4), (2, 2, 28, 18))
    image.paste((200, 10, 10, 255), (6, 5, 20, 12))

    assert border(image, 0) == (2, 2, 28, 18)
    assert border(image, 10) == (6, 5, 20, 12)


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (9, 7), "#808080"), Image.new("RGBA", (9, 7)), Image.new("RGB", (2, 1))]
)
def test_nothing_is_left_of_an_even_picture(image: Image.Image) -> None:
    assert border(image, 8) is None


@pytest.mark.parametrize("edges", ["expand", "crop", "keep"])
@pytest.mark.parametrize(("degrees", "quarters"), [(0, 0), (90, 1), (180, 2), (270, 3), (-90, 3), (360, 0), (-630, 1)])
def test_quarter_turns_are_clockwise_and_exact(degrees: float, quarters: int, edges: str) -> None:
    for pixels in (shaded(31, 20), with_alpha(shaded(31, 20))):
        found = rotated(Image.fromarray(pixels), degrees, edges, "#ffffff")

        assert (np.asarray(found) == np.rot90(pixels, -quarters)).all()


@pytest.mark.parametrize("degrees", [-1e-17, 1e-17, -5e-324, 5e-324, 360 - 1e-13])
def test_next_to_no_turn_is_none(degrees: float) -> None:
    """-1e-17 is 360 modulo 360: there is no float below it."""
    for edges in ("expand", "keep"):
        assert (
            psnr(rotated(Image.fromarray(shaded(31, 20)), degrees, edges, None), Image.fromarray(shaded(31, 20))) > 50
        )


@pytest.mark.parametrize("degrees", [-37.0, -3.0, 8.0, 45.0, 100.0, 250.0])
@pytest.mark.parametrize("edges", ["expand", "crop"])
def test_other_turns_look_like_pillows(degrees: float, edges: str) -> None:
    """Pillow counts the other way round, and has no Lanczos for turns: the likeness is not exact."""
    image = Image.fromarray(shaded(80, 60))
    reference = image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)

    found = rotated(image, degrees, edges, "#000000")

    assert found.size == rotated_size(image.size, degrees, edges)
    inner = rotated_size(image.size, degrees, "crop")
    middles = [placed(each.size, (inner[0] - 4, inner[1] - 4), (0.5, 0.5)) for each in (found, reference)]
    assert psnr(found.crop(middles[0]), reference.crop(middles[1])) > 28


@pytest.mark.parametrize("degrees", [5.0, 30.0, 45.0, 77.0, 135.0])
def test_the_turned_picture_covers_as_much_as_it_did(degrees: float) -> None:
    """Alpha adds up to the area: edges are smooth, neither grown nor eaten."""
    found = np.asarray(rotated(Image.new("RGB", (60, 40), "#c03020"), degrees, "expand", None))

    assert found[..., 3].astype(float).sum() / 255 == pytest.approx(2400, rel=0.004)
    assert ((found[..., 3] > 0) & (found[..., 3] < 255)).any()
    assert (np.abs(found[found[..., 3] > 0][:, :3].astype(int) - (0xC0, 0x30, 0x20)) <= 1).all()


@pytest.mark.parametrize("edges", ["expand", "keep"])
def test_corners_show_the_ground_and_edges_mix_with_it(edges: str) -> None:
    found = rotated(Image.new("RGB", (60, 40), "#ffffff"), 20, edges, "#0000ff")

    assert found.mode == "RGB"
    assert found.getpixel((0, 0)) == (0, 0, 255)
    assert found.getpixel((found.width // 2, found.height // 2)) == (255, 255, 255)
    pixels = np.asarray(found)
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 2] == 255).all()


def test_straightened_by_cropping_nothing_else_is_seen() -> None:
    for degrees in (1.0, 7.0, 33.0, 45.0, 88.0):
        found = rotated(Image.new("RGB", (90, 60), "#30a0c0"), degrees, "crop", None)

        assert found.mode == "RGB"
        assert found.getcolors() == [(found.width * found.height, (0x30, 0xA0, 0xC0))]


@pytest.mark.parametrize("edges", ["expand", "crop", "keep"])
def test_hidden_colours_of_a_cut_out_stay_hidden(edges: str) -> None:
    """A green disc on transparent red: no red comes into its outline."""
    pixels = with_alpha(np.full((60, 60, 3), (0, 150, 0), np.uint8))
    pixels[pixels[..., 3] == 0] = (255, 0, 0, 0)

    found = np.asarray(rotated(Image.fromarray(pixels), 23, edges, None))

    seen = found[..., 3] > 24
    assert found[seen, 0].max() <= 6
    assert np.abs(found[seen, 1].astype(int) - 150).max() <= 8


def test_the_same_turn_gives_the_same_pixels() -> None:
    image = Image.fromarray(shaded(40, 30))

    assert rotated(image, 12.5, "expand", None).tobytes() == rotated(image, 12.5, "expand", None).tobytes()
