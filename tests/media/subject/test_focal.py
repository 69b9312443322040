"""The focal point: what the user says, else faces, else what stands out, else the middle."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data

from pressroom.media.geometry import Region
from pressroom.media.subject.focal import SIDE, find_focus, focus_on
from tests.support.media import product

BOX: Region = (0.1, 0.2, 0.3, 0.6)


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.fromarray(data.astronaut())


def test_a_given_point_comes_before_everything(portrait: Image.Image) -> None:
    focus = find_focus(portrait, (0.9, 0.8), [BOX])

    assert focus.record == {
        "x": 0.9,
        "y": 0.8,
        "source": "given",
        "boxes": [{"left": 0.1, "top": 0.2, "right": 0.3, "bottom": 0.6}],
    }


def test_a_supplied_box_comes_before_faces(portrait: Image.Image) -> None:
    focus = find_focus(portrait, None, [BOX])

    assert focus.source == "subject"
    assert (focus.x, focus.y) == pytest.approx((0.2, 0.4), abs=0.01)
    assert focus.boxes == (BOX,)


def test_faces_come_before_what_stands_out(portrait: Image.Image) -> None:
    focus = find_focus(portrait)

    assert focus.source == "faces"
    assert (focus.x, focus.y) == pytest.approx((0.44, 0.22), abs=0.04)
    assert len(focus.record["boxes"]) == 1


@pytest.mark.parametrize("at", [(0.2, 0.5), (0.5, 0.5), (0.8, 0.4)])
def test_without_faces_what_stands_out_counts(at: tuple[float, float]) -> None:
    focus = find_focus(product(at=at))

    assert focus.source == "detail"
    assert (focus.x, focus.y) == pytest.approx(at, abs=0.08)


def test_a_cut_out_is_centred_on_its_alpha() -> None:
    cut = Image.new("RGBA", (400, 300))
    cut.paste((200, 30, 30, 255), (20, 30, 120, 130))

    focus = find_focus(cut)

    assert focus.source == "alpha"
    assert focus.is_cutout
    assert (focus.x, focus.y) == pytest.approx((70 / 400, 80 / 300), abs=0.01)


def test_the_face_of_a_cut_out_person_counts(portrait: Image.Image) -> None:
    cut = portrait.convert("RGBA")
    cut.putalpha(Image.fromarray(np.where(data.astronaut().max(axis=2) > 40, 255, 0).astype(np.uint8)))

    assert find_focus(cut).source == "faces"


def test_an_empty_picture_has_its_middle() -> None:
    assert find_focus(Image.new("RGB", (50, 40), "#336699")).source == "centre"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "1"])
def test_any_mode_of_picture_is_looked_at(portrait: Image.Image, mode: str) -> None:
    assert find_focus(portrait.convert(mode)).source in ("faces", "alpha", "detail")


def test_a_thumbnail_and_the_large_picture_say_the_same(portrait: Image.Image) -> None:
    large = portrait.resize((4096, 4096), Image.Resampling.BICUBIC)

    small = focus_on(np.asarray(portrait.resize((SIDE, SIDE))))

    assert find_focus(large).boxes[0] == pytest.approx(small.boxes[0], abs=0.01)


@pytest.mark.parametrize("words", ["$4.50", "$1.11", "$1,888.00"])
def test_words_are_no_part_of_the_picture_that_they_stand_on(words: str) -> None:
    ground = Image.new("RGB", (600, 400), "#405060")
    ImageDraw.Draw(ground).ellipse((60, 140, 180, 260), fill="#f0d020")
    lettered = ground.copy()
    ImageDraw.Draw(lettered).text((360, 300), words, fill="white", font_size=40)
    box = (350 / 600, 290 / 400, 590 / 600, 360 / 400)

    plain, found = find_focus(ground), find_focus(lettered, words=[box])

    assert (found.x, found.y) == pytest.approx((plain.x, plain.y), abs=0.005)
    assert found.boxes == plain.boxes
    assert found.record["words"] == [list(box)]
