"""A mark is as large as asked, never over the edge, seen on any ground, and only where the picture is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.editing.geometry import ANCHORS
from pressroom.media.editing.watermark import Layout, logo_mark, marked, text_mark
from pressroom.media.typography.fonts import find_font
from tests.support.formats import SVG

FONT = find_font("inter", 600)


def bar(width: int = 40, height: int = 12, color: str = "#ffffff") -> Image.Image:
    return Image.new("RGBA", (width, height), color)


def page(width: int = 120, height: int = 90, level: int = 120) -> Image.Image:
    return Image.new("RGB", (width, height), (level, level, level))


def layout(position: str = "bottom_right", size: float = 0.3, margin: float = 0.05, angle: float = 0.0) -> Layout:
    return Layout(position, size, margin, 1.0, angle)


def reached(found: Image.Image, before: Image.Image) -> np.ndarray:
    return (np.asarray(found).astype(int) != np.asarray(before)).any(axis=2)


@settings(max_examples=30, deadline=None)
@given(
    position=st.sampled_from(sorted(ANCHORS)),
    size=st.floats(0.05, 1),
    margin=st.floats(0, 0.4),
    angle=st.floats(-180, 180),
    shape=st.tuples(st.integers(40, 200), st.integers(40, 200)),
    mark=st.tuples(st.integers(4, 90), st.integers(4, 90)),
)
def test_a_mark_is_inside_its_margin(
    position: str, size: float, margin: float, angle: float, shape: tuple[int, int], mark: tuple[int, int]
) -> None:
    ground = page(*shape)
    try:
        found = marked(ground, bar(*mark), layout(position, size, margin, angle), None, tint=True)
    except Permanent:
        reject()  # too small to be seen

    ((left, top),) = found.places
    free = round(margin * min(shape))
    assert left >= free
    assert top >= free
    assert left + found.size[0] <= shape[0] - free
    assert top + found.size[1] <= shape[1] - free
    assert found.image.size == shape


@pytest.mark.parametrize("size", [0.1, 0.25, 0.6])
def test_it_is_as_wide_as_asked_and_keeps_its_shape(size: float) -> None:
    found = marked(page(200, 200), bar(60, 15), layout(size=size), None, tint=True)

    assert found.size == (round(200 * size), round(200 * size / 4))


def test_a_tall_mark_takes_half_the_height_at_most() -> None:
    assert marked(page(), bar(10, 90), layout(size=1.0), None, tint=True).size[1] <= 45


@pytest.mark.parametrize(("shape", "kept"), [((100, 20), 0.45), ((8, 8), 0.1)])
def test_a_mark_that_nobody_could_see_is_refused(shape: tuple[int, int], kept: float) -> None:
    with pytest.raises(Permanent, match=r"a mark of \d+ x \d+ pixels cannot be seen on") as refusal:
        marked(page(*shape), bar(), layout(size=0.02, margin=kept), None, tint=True)

    assert refusal.value.hint == "raise size or lower margin"


@pytest.mark.parametrize("level", [0, 60, 128, 175, 255])
def test_without_a_colour_it_takes_one_that_reads(level: int) -> None:
    found = marked(page(level=level), bar(), layout(), None, tint=True)

    (left, top), size = found.places[0], found.size
    inside = np.asarray(found.image)[top + 1 : top + size[1] - 1, left + 1 : left + size[0] - 1].astype(int)
    assert np.abs(inside - level).min() > 70
    assert found.color == ("#ffffff" if level < 170 else "#14161a")


def test_a_colour_is_the_one_asked_for_and_a_logo_keeps_its_own() -> None:
    tinted = marked(page(), bar(), layout("center"), "#d02040", tint=True)
    logo = marked(page(), bar(color="#20a0e0"), layout("center"), None, tint=False)

    assert tinted.image.getpixel((60, 45)) == (0xD0, 0x20, 0x40)
    assert tinted.color == "#d02040"
    assert logo.image.getpixel((60, 45)) == (0x20, 0xA0, 0xE0)
    assert logo.color is None


@pytest.mark.parametrize("opacity", [0.0, 0.3, 0.7, 1.0])
def test_opacity_is_the_share_of_the_mark(opacity: float) -> None:
    how = Layout("center", 0.4, 0.0, opacity, 0.0)

    found = marked(page(level=100), bar(), how, "#ffffff", tint=True).image

    assert found.getpixel((60, 45))[0] == pytest.approx(100 + 155 * opacity, abs=1)


def test_beyond_the_mark_and_its_soft_rim_nothing_changes() -> None:
    ground = page(200, 160)

    found = marked(ground, bar(), layout("top_left", size=0.2), None, tint=True)

    changed = reached(found.image, ground)
    assert not changed[:, 70:].any()
    assert not changed[40:].any()
    assert changed.any()


def test_tiles_cover_every_part_and_do_not_touch() -> None:
    ground = page(240, 180)

    found = marked(ground, bar(), layout("tiled", size=0.15), None, tint=True)

    changed = reached(found.image, ground)
    for row in range(3):
        for column in range(3):
            assert changed[row * 60 : row * 60 + 60, column * 80 : column * 80 + 80].any()
    width, height = found.size
    for number, (left, top) in enumerate(found.places):
        for x, y in found.places[number + 1 :]:
            assert abs(left - x) >= width or abs(top - y) >= height


def test_a_cut_out_is_marked_where_it_is_and_its_alpha_stays() -> None:
    ground = Image.new("RGBA", (120, 90), (80, 80, 80, 0))
    ground.paste((80, 80, 80, 255), (30, 20, 90, 70))

    found = marked(ground, bar(), layout("tiled", size=0.2), None, tint=True).image

    assert found.mode == "RGBA"
    assert found.getchannel("A").tobytes() == ground.getchannel("A").tobytes()
    assert found.getextrema()[0][1] > 200


def test_the_picture_given_stays_and_the_same_mark_gives_the_same_pixels() -> None:
    ground = page()

    one, other = (marked(ground, bar(), layout(angle=20), None, tint=True).image for _ in range(2))

    assert one.tobytes() == other.tobytes()
    assert ground.tobytes() == page().tobytes()


@pytest.mark.parametrize("text", ["Varn & Vale", "<b>&amp;</b>", "ÄÖÜ çğ", "日本", "VARN"])
def test_words_are_cut_to_their_ink_and_as_wide_as_asked(text: str) -> None:
    found = text_mark(text, FONT, 150)

    assert found.mode == "RGBA"
    assert found.width == pytest.approx(150, abs=4)
    alpha = np.asarray(found.getchannel("A"))
    assert all(edge.any() for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
    assert (np.asarray(found)[alpha == 255, :3] == 255).all()


def test_words_that_draw_nothing_are_refused() -> None:
    with pytest.raises(Permanent, match="has no letter that can be drawn"):
        text_mark("   ", FONT, 100)


def test_a_logo_is_cut_to_what_is_seen_of_it(tmp_path: Path) -> None:
    image = Image.new("RGBA", (60, 50))
    image.paste((10, 200, 30, 255), (20, 15, 44, 30))
    image.save(tmp_path / "logo.png")

    found = logo_mark(tmp_path / "logo.png", 10, MediaLimits())

    assert found.size == (24, 15)
    assert found.getcolors() == [(360, (10, 200, 30, 255))]


def test_a_drawn_logo_has_pixels_enough(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG)

    assert logo_mark(tmp_path / "logo.svg", 300, MediaLimits()).width >= 300


def test_a_logo_of_nothing_is_refused_by_its_name(tmp_path: Path) -> None:
    Image.new("RGBA", (9, 9)).save(tmp_path / "empty.png")

    with pytest.raises(Permanent, match=r"the logo empty\.png is entirely transparent"):
        logo_mark(tmp_path / "empty.png", 10, MediaLimits())
