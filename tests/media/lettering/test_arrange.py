"""Words stand where the picture is calm, off what matters in it, and price and button side by side."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from pressroom.media.geometry import Box
from pressroom.media.lettering.arrange import SIDES, Design, arrange, can_stand
from pressroom.media.lettering.stack import Words
from pressroom.media.typography.typefaces import fonts_for

FONTS = fonts_for(None, {})
WORDS = Words("Fresh every morning", "Bread and coffee", "$4.50", "", "Order now")
SIZE = (1080, 1350)
ZONE = Box(60, 60, 960, 1230)


def _noisy(area: tuple[int, int, int, int]) -> Image.Image:
    """Plain, but for stripes in the area."""
    picture = Image.new("RGB", SIZE, "#c9d3c0")
    draw = ImageDraw.Draw(picture)
    for x in range(area[0], area[2], 24):
        draw.rectangle((x, area[1], x + 11, area[3]), "#20242a")
    return picture


@pytest.mark.parametrize(
    ("subject", "free"),
    [
        (Box(0, 700, 1080, 650), {"top", "top_left", "top_right"}),
        (Box(0, 0, 1080, 650), {"bottom", "bottom_left", "bottom_right"}),
    ],
)
def test_auto_keeps_off_the_subject(subject: Box, free: set[str]) -> None:
    placed = arrange(Design("auto"), WORDS, FONTS, ZONE, Image.new("RGB", SIZE, "#808080"), [subject])

    assert placed is not None
    assert placed.position in free
    assert placed.covers < 0.02


@pytest.mark.parametrize(
    ("busy", "calm"), [((0, 620, 1080, 1350), {"top"}), ((0, 0, 1080, 680), {"bottom"})], ids=["below", "above"]
)
def test_auto_takes_the_calm_side(busy: tuple[int, int, int, int], calm: set[str]) -> None:
    placed = arrange(Design("auto"), WORDS, FONTS, ZONE, _noisy(busy), [])

    assert placed is not None
    assert placed.position in calm


def test_a_chosen_side_is_kept_and_made_narrower_before_a_subject_is_covered() -> None:
    picture, subject = Image.new("RGB", SIZE, "#808080"), Box(300, 250, 480, 790)

    placed = arrange(Design("bottom"), WORDS, FONTS, ZONE, picture, [subject])

    assert placed is not None
    assert (placed.position, placed.covers) == ("bottom", 0.0)
    assert min(piece.box.y for piece in placed.pieces) >= subject.bottom


@pytest.mark.parametrize(
    ("subject", "corner"), [(Box(640, 500, 380, 850), "bottom_left"), (Box(60, 500, 380, 850), "bottom_right")]
)
def test_a_chosen_side_gives_way_to_its_free_corner(subject: Box, corner: str) -> None:
    placed = arrange(Design("bottom"), WORDS, FONTS, ZONE, Image.new("RGB", SIZE, "#808080"), [subject])

    assert placed is not None
    assert placed.position == corner
    assert placed.covers < 0.02


def test_what_must_be_covered_is_covered_as_little_as_letters_allow() -> None:
    subject = Box(0, 0, 1080, 1350)

    alone, placed = (
        arrange(Design("bottom"), WORDS, FONTS, ZONE, Image.new("RGB", SIZE, "#808080"), subjects)
        for subjects in ([], [subject])
    )

    assert alone is not None
    assert placed is not None
    assert placed.covers < sum(piece.box.width * piece.box.height for piece in alone.pieces) / (1080 * 1350)


def test_what_cannot_be_kept_free_is_measured() -> None:
    subject = Box(100, 100, 880, 1150)

    placed = arrange(Design("center"), WORDS, FONTS, ZONE, Image.new("RGB", SIZE, "#808080"), [subject])

    assert placed is not None
    assert placed.covers > 0.1


@pytest.mark.parametrize("position", SIDES)
def test_price_and_button_stand_side_by_side_where_there_is_room(position: str) -> None:
    placed = arrange(Design(position), WORDS, FONTS, ZONE, Image.new("RGB", SIZE, "#808080"), [])

    assert placed is not None
    boxes = {piece.role: piece.box for piece in placed.pieces}
    beside = boxes["price"].center[1] == pytest.approx(boxes["cta"].center[1], abs=1)
    below = boxes["cta"].y > boxes["price"].bottom
    assert beside if position in ("top", "bottom") else beside or below
    assert boxes["price"].right < boxes["cta"].x or below


def test_words_that_would_be_smaller_than_a_phone_shows_do_not_stand() -> None:
    many = Words("A headline", "word " * 60)

    assert can_stand(Design("bottom"), many, FONTS, ZONE, SIZE)
    assert not can_stand(Design("bottom", least=48), many, FONTS, ZONE, SIZE)
