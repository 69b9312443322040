"""What words keep off is found, and what they cover is measured."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw
from skimage import data

from pressroom.media.geometry import Box
from pressroom.media.lettering.ground import Ground
from pressroom.media.lettering.keep_off import LARGEST_SUBJECT, covered, subjects_of
from pressroom.media.lettering.scrim import lay_scrim


def test_what_stands_out_is_a_subject() -> None:
    picture = Image.new("RGB", (600, 800), "#e8e2d8")
    ImageDraw.Draw(picture).ellipse((180, 420, 420, 720), "#14532d")

    (subject,) = subjects_of(picture)

    assert subject.x <= 180
    assert subject.right >= 420
    assert subject.y <= 420
    assert subject.bottom >= 720
    assert subject.width * subject.height < 0.4 * 600 * 800


def test_of_what_fills_the_picture_the_middle_is_kept_free() -> None:
    cat = Image.fromarray(data.chelsea())

    (subject,) = subjects_of(cat)

    assert subject.width * subject.height <= LARGEST_SUBJECT * cat.width * cat.height + 1
    assert subject.x < 0.5 * cat.width < subject.right


def test_a_head_has_a_body() -> None:
    astronaut = Image.fromarray(data.astronaut())

    found = subjects_of(astronaut)

    assert max(box.height for box in found) > 0.6 * astronaut.height


def test_a_plain_ground_has_none() -> None:
    assert subjects_of(Image.new("RGB", (300, 300), "#336699")) == ()


@pytest.mark.parametrize(
    ("words", "share"), [(Box(0, 0, 10, 10), 0.0), (Box(50, 50, 50, 100), 0.5), (Box(0, 0, 500, 500), 1.0)]
)
def test_the_share_of_a_subject_under_words(words: Box, share: float) -> None:
    assert covered([words], [Box(50, 50, 100, 100)]) == pytest.approx(share)


@pytest.mark.parametrize(
    ("words", "position", "subject", "edge"),
    [
        (Box(50, 20, 200, 40), "top", Box(110, 85, 60, 215), (140, 85)),
        (Box(50, 240, 200, 40), "bottom", Box(110, 0, 60, 215), (140, 214)),
        (Box(20, 80, 100, 100), "left", Box(150, 60, 120, 230), (150, 130)),
        (Box(180, 80, 100, 100), "right", Box(20, 60, 130, 230), (149, 130)),
    ],
)
def test_a_veil_keeps_off_what_words_keep_off(words: Box, position: str, subject: Box, edge: tuple[int, int]) -> None:
    picture, ground = Image.new("RGB", (300, 300), "#606060"), Ground("#14161a", "#f8f4ee", 0.8, 5.0)

    free = lay_scrim(picture, [words], ground, position)
    kept = lay_scrim(picture, [words], ground, position, [subject])

    paler, less = (image.convert("L").getpixel(edge) - 96 for image in (free, kept))  # type: ignore[operator]
    assert less < paler / 3
    under = (int(words.x) + 3, int(words.y) + 3, int(words.right) - 3, int(words.bottom) - 3)
    assert kept.crop(under).tobytes() == free.crop(under).tobytes()
