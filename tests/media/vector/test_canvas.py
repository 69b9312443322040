"""What a canvas is asked to write is legible on its ground, inside its box, or on record as left out."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.color.palette import colorways, make_palette
from pressroom.media.color.spaces import AA_LARGE, AA_NORMAL, contrast
from pressroom.media.geometry import Box
from pressroom.media.typography.fonts import find_font
from pressroom.media.typography.typefaces import fonts_for
from pressroom.media.vector.canvas import SMALLEST_LEGIBLE_PIXELS, Canvas, Stop

FONT = find_font("inter", 400)
FONTS = fonts_for(None, {})
PALETTE = make_palette({}, random.Random(1))
COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def canvas(width: int = 400, height: int = 300) -> Canvas:
    return Canvas(width, height, PALETTE, colorways(PALETTE)[0], FONTS, random.Random(1))


@settings(max_examples=40)
@given(COLORS, st.lists(COLORS, min_size=1, max_size=3), st.sampled_from(["title", "body"]), st.integers(12, 60))
def test_every_text_reads_on_every_ground(color: str, grounds: list[str], role: str, size: int) -> None:
    page = canvas()

    placed = page.write("Shoes", FONT, Box(20, 20, 300, 100), largest=size, color=color, on=grounds, role=role)

    assert placed is not None
    needed = AA_LARGE if placed.block.size >= 24 and role == "title" else AA_NORMAL
    assert min(contrast(placed.color, ground) for ground in placed.grounds) >= needed
    # Where no colour reads on all of them a plate lies under the words.
    assert bool(page.shapes) == (placed.grounds != tuple(grounds))


@settings(max_examples=30)
@given(
    st.sampled_from(["start", "middle", "end"]),
    st.sampled_from(["top", "middle", "bottom"]),
    st.tuples(st.integers(60, 300), st.integers(20, 150)),
    st.sampled_from(["Shoes", "Autumn shoes for every road", "حذاء الخريف"]),
)
def test_words_stay_in_their_box_where_they_are_aligned(
    align: str, valign: str, size: tuple[int, int], words: str
) -> None:
    box = Box(30, 40, *size)

    placed = canvas().write(
        words, FONT, box, largest=40, color="#000", on="#fff", role="body", max_lines=3, align=align, valign=valign
    )

    if placed is None:
        return
    assert placed.box.x >= box.x - 0.01
    assert placed.box.right <= box.right + 0.01
    assert placed.box.y >= box.y - 0.01
    assert placed.box.bottom <= box.bottom + 0.01
    if valign != "top":
        edge = placed.box.bottom - box.bottom if valign == "bottom" else placed.box.center[1] - box.center[1]
        assert edge == pytest.approx(0, abs=0.01)
    if align == "start" and words.startswith("ح"):
        assert placed.anchor == "end"


def test_what_cannot_be_legible_is_left_out_and_on_record() -> None:
    page = canvas()

    placed = page.write("A long sentence", FONT, Box(0, 0, 30, 9), largest=40, color="#000", on="#fff", role="body")

    assert placed is None
    assert page.omitted == ["A long sentence"]
    assert page.texts == []


def test_nothing_to_write_is_no_omission() -> None:
    page = canvas()

    assert page.write("", FONT, Box(0, 0, 90, 90), largest=20, color="#000", on="#fff", role="body") is None
    assert page.omitted == []


def test_no_letter_is_below_the_smallest_legible_size() -> None:
    for width in range(20, 200, 12):
        placed = canvas().write(
            "Autumn shoes", FONT, Box(0, 0, width, 60), largest=4, color="#000", on="#fff", role="body"
        )
        assert placed is None or placed.block.size >= SMALLEST_LEGIBLE_PIXELS


def test_what_is_added_inside_a_clip_is_cut_by_it_and_nothing_else_is() -> None:
    page = canvas()
    page.add("M0 0", "#111")
    with page.clipped("M1 1Z"):
        page.add("M2 2", "#222")
        page.add("M3 3", "#333")
    page.add("M4 4", "#444")

    assert page.clips == ["M1 1Z"]
    assert [(clip, [shape.d for shape in shapes]) for clip, shapes in page.layers()] == [
        ("", ["M0 0"]),
        ("c0", ["M2 2", "M3 3"]),
        ("", ["M4 4"]),
    ]


def test_gradients_have_names_of_their_own() -> None:
    page = canvas()

    fills = [
        page.fade((0, 0), (1, 1), Stop(0, "#000")),
        page.fade((0, 0), (1, 0)),
        page.glow((5, 5), (2, 3)),
        page.glow((1, 1), (2, 2)),
    ]

    assert len(set(fills)) == 4
    named = {f"url(#{each.id})" for each in (*page.linear, *page.radial)}
    assert named == set(fills)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_measures_follow_the_shape(width: int, height: int) -> None:
    page = canvas(width, height)

    assert page.unit == min(width, height)
    assert page.unit <= page.em <= page.unit * 1.3
    assert page.margin < page.unit / 2
    assert (page.box.right, page.box.bottom) == (width, height)
