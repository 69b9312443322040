"""Every template keeps its words inside, apart and readable, in any shape, brand and seed."""

from __future__ import annotations

import itertools
import statistics
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.art.brief import Brief, read_brief
from pressroom.art.gallery import FAMILIES, TEMPLATES, draw_picture, find_template, members, style_names
from pressroom.art.template import Template
from pressroom.domain.operation import Brand
from pressroom.media.color.spaces import contrast
from pressroom.media.typography.typefaces import fonts_for
from pressroom.media.vector.canvas import Canvas
from tests.support.legible import picture_of, poor_share, wanted_contrast

NAMES = [template.name for template in TEMPLATES]
PROMPTS = {
    "flow": "order placed -> payment checked -> in stock? -> parcel packed -> delivered",
    "database": "shop schema: customers, orders, order_items, products",
    "architecture": "web shop, api gateway, order service, worker, postgres database, message queue",
    "wireframe": "wireframe of a tracking page with a map, a timeline, a chart and a help button",
}
WORDS = (
    ("Summer starts here", ""),
    ("Open studio night, 14 June, 7 pm: 20% off", "Ceramics, wine and live music at the old brewery"),
    (
        "Everything you need to know before you paint your first apartment in a rented house",
        "Twelve honest lessons, with prices",
    ),
)
SHAPES = ((1080, 1080), (1080, 1350), (1080, 1920), (1920, 1080), (1500, 500))
BRANDS = (
    {},
    {"primary": "#3d5afe", "secondary": "#00bfa5", "accent": "#ffab40", "background": "#10131c", "text": "#f4f6ff"},
    {"primary": "#c58fa0", "secondary": "#a7c4bc", "accent": "#f2cc8f", "background": "#fbf5ef", "text": "#3b3036"},
    {"primary": "#e4003a", "secondary": "#5b2ee5", "accent": "#ffc400", "background": "#ffffff", "text": "#111111"},
)
COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def _brief(name: str, title: str, subtitle: str) -> Brief:
    return read_brief(PROMPTS.get(name, "a picture for the launch"), title, subtitle, "Hill & Harvest")


def _draw(name: str, size: tuple[int, int], seed: int, brand: dict[str, str], words: tuple[str, str]) -> Canvas:
    template = find_template(name)
    fonts = fonts_for(Brand(), {}, template.fonts[seed % len(template.fonts)])
    return draw_picture(template, _brief(name, *words), size, seed, brand, fonts)


def _check_texts(canvas: Canvas) -> None:
    for text in canvas.texts:
        assert text.box.x >= -0.5
        assert text.box.y >= -0.5
        assert text.box.right <= canvas.width + 0.5
        assert text.box.bottom <= canvas.height + 0.5
        assert all(contrast(text.color, ground) >= wanted_contrast(text) for ground in text.grounds), text
    for one, two in itertools.combinations(canvas.texts, 2):
        across = min(one.box.right, two.box.right) - max(one.box.x, two.box.x)
        down = min(one.box.bottom, two.box.bottom) - max(one.box.y, two.box.y)
        assert across <= 1 or down <= 1, (one.block.lines, two.block.lines)


@pytest.mark.parametrize("size", SHAPES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", NAMES)
def test_words_stay_inside_apart_and_readable_and_all_of_them_are_set(name: str, size: tuple[int, int]) -> None:
    for seed, (brand, words) in enumerate(zip(BRANDS, (*WORDS, WORDS[1]), strict=True)):
        canvas = _draw(name, size, seed, brand, words)

        _check_texts(canvas)
        if find_template(name).suits(canvas.ratio) and name not in PROMPTS:
            assert not set(canvas.omitted) & set(words), canvas.omitted


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.integers(0, 2**32 - 1),
    st.dictionaries(st.sampled_from(("primary", "secondary", "accent", "background", "text")), COLORS),
    st.sampled_from((*SHAPES, (300, 300), (64, 64), (591, 100), (100, 700))),
    st.sampled_from(WORDS),
)
def test_any_brand_and_seed_gives_readable_words(
    name: str, seed: int, brand: dict[str, str], size: tuple[int, int], words: tuple[str, str]
) -> None:
    _check_texts(_draw(name, size, seed, brand, words))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PROMPTS])
def test_the_grounds_that_templates_claim_are_those_that_are_painted(name: str) -> None:
    """Drawn without its words, the picture under each text is measured pixel by pixel."""
    for seed, brand in enumerate(BRANDS):
        canvas = _draw(name, (360, 450), seed, brand, WORDS[1])

        for text, share in poor_share(canvas).items():
            assert share <= 0.005, (seed, text.role, text.block.lines, text.color, f"{share:.1%}")


@pytest.mark.parametrize(
    ("title", "starts"),
    [("تخفيضات الصيف", "right"), ("לילה פתוח בסטודיו 🎉", "right"), ("夏のセール", "left"), ("Summer", "left")],
)
def test_headlines_of_every_script_are_drawn_and_start_where_their_readers_do(title: str, starts: str) -> None:
    canvas = _draw("poster_tiles", (1920, 1080), 2, {}, (title, ""))

    placed = next(text for text in canvas.texts if text.role == "title")
    assert "".join(placed.block.lines).replace(" ", "") == title.replace(" ", "")
    assert canvas.undrawn == {}
    assert placed.anchor == {"right": "end", "left": "start"}[starts]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PROMPTS])
def test_seeds_give_pictures_that_differ_at_a_glance(name: str) -> None:
    """Even at 24 pixels, where only layout and colour are left, and with all the brand's colours given."""
    pictures = [picture_of(_draw(name, (480, 600), seed, BRANDS[3], WORDS[0]), 24).astype(float) for seed in range(4)]

    distances = [float(np.abs(one - two).mean()) for one, two in itertools.combinations(pictures, 2)]
    assert min(distances) > 3
    assert statistics.mean(distances) > 12


def test_names_are_told_apart_and_every_family_has_members() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 24
    assert {template.family for template in TEMPLATES} == {family.name for family in FAMILIES}
    assert all(members(family.name) for family in FAMILIES)
    assert set(NAMES) < set(style_names())


@pytest.mark.parametrize("template", TEMPLATES, ids=NAMES)
def test_the_list_says_what_a_template_is_for(template: Template) -> None:
    assert template.summary.endswith(".")
    assert template.narrowest < 1 < template.widest
    assert "title" in template.slots


def test_the_documentation_lists_every_template() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")

    assert [name for name in NAMES if f"`{name}`" not in page] == []
