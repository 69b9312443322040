"""generate_image: vector art that repeats, fits, reads, and never lets a prompt become markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pressroom.art.gallery import TEMPLATES
from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made
from pressroom.domain.operation import Brand, Foreseen
from pressroom.media.typography.fonts import find_font
from pressroom.media.vector.render import check_svg
from pressroom.operations.generate_image import GenerateImageParams, expect, foresee, run
from tests.support.workspaces import workspace

PLACEMENTS = load_catalog().placements
STYLES = [template.name for template in TEMPLATES]
# One of each family that sets words in a way of its own.
SETTERS = ["poster_swiss", "sale_burst", "quote_card", "event_date", "gradient_mesh", "wireframe", "flow", "database"]
PROMPTS = {
    "flow": "order placed -> payment checked -> in stock? -> parcel packed -> delivered",
    "database": "shop schema: customers, orders, order_items, products",
    "architecture": "web shop, api gateway, order service, worker, postgres database, message queue",
    "wireframe": "wireframe of a tracking page with a map, a timeline, a chart and a help button",
}
BRAND = Brand(
    "Varn & Vale",
    {"primary": "#1f3d2f", "secondary": "#a8813f", "accent": "#c8643c", "background": "#f4ecdd", "text": "#1b1f1c"},
    {"heading": "fraunces", "body": "inter"},
)
NASTY = [
    '</text><script>alert("x")</script>',
    "a \"quoted\" & <b>bold</b> 'title' with {{ 7 * 7 }} {% raw %}",
    "control \x00\x08\x0b\x1f\x7f characters \ufffe",
    "مرحبا بالعالم שלום עולם",
    "emoji 🎉🚀👩‍👩‍👧 only",
    "日本語のポスター",
    "]]> <!-- --> <![CDATA[ &amp; &#0; %s %n $(id) `id`",
    "x" * 2_000,
    "a->b->" * 300,
    "->, ; then and",
    "()(()),((",
]


def _make(folder: Path, brand: Brand | None = None, **params: Any) -> Sequence[Made]:
    params = {"prompt": "summer sale", "width": 300, "height": 300, **params}
    return run(GenerateImageParams(**params), replace(workspace(folder, {}, brand=brand), placements=PLACEMENTS))


@pytest.mark.parametrize("style", STYLES)
def test_every_template_makes_an_opaque_picture_and_its_drawing(tmp_path: Path, style: str) -> None:
    words = PROMPTS.get(style, "a calm morning by the sea")

    picture, drawing = _make(tmp_path, BRAND, style=style, prompt=words, width=240, height=300)

    with Image.open(picture.path) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (240, 300))
        assert np.asarray(image).std() > 4
    assert (drawing.label, drawing.mime) == ("svg", "image/svg+xml")
    assert check_svg(drawing.path.read_bytes()) == (240, 300)
    assert picture.details["template"] == style


@pytest.mark.parametrize("style", SETTERS)
def test_the_same_words_and_seed_give_the_same_bytes(tmp_path: Path, style: str) -> None:
    first, second = (_make(tmp_path, BRAND, style=style, seed=7) for _ in range(2))

    assert [made.path.read_bytes() for made in first] == [made.path.read_bytes() for made in second]


@pytest.mark.parametrize("style", SETTERS)
@pytest.mark.parametrize("prompt", NASTY, ids=range(len(NASTY)))
def test_words_never_become_markup(tmp_path: Path, style: str, prompt: str) -> None:
    _, drawing = _make(tmp_path, style=style, prompt=prompt)

    svg = drawing.path.read_bytes()
    check_svg(svg)
    known = {"svg", "title", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "path", "g", "text"}
    assert {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()} <= known


def test_a_title_is_drawn_as_it_is_written(tmp_path: Path) -> None:
    title = 'Fish & <Chips> "fresh"'

    picture, drawing = _make(tmp_path, style="poster", title=title)

    assert [text["text"].replace("\n", " ") for text in picture.details["texts"]] == [title]
    drawn = " ".join(
        node.attrib["aria-label"] for node in ET.fromstring(drawing.path.read_bytes()).findall(".//{*}g[@aria-label]")
    )
    assert drawn == title


def test_what_no_font_has_is_reported(tmp_path: Path) -> None:
    picture, _ = _make(tmp_path, style="poster", title="Party 🇹🇦")

    assert picture.details["not_in_any_font"] == "🇹🇦"


def test_an_own_title_that_cannot_be_legible_fails_with_the_size(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="64 x 64"):
        _make(tmp_path, style="poster", width=64, height=64, title="A very long title that never fits so few pixels")


def test_an_empty_title_leaves_the_poster_to_its_shapes(tmp_path: Path) -> None:
    picture, _ = _make(tmp_path, style="poster", title="")

    assert picture.details["texts"] == []


def test_brand_colours_and_fonts_are_used(tmp_path: Path) -> None:
    picture, drawing = _make(tmp_path, BRAND, style="poster")

    assert picture.details["colors"]["primary"] == "#1f3d2f"
    svg = drawing.path.read_text(encoding="utf-8")
    assert 'font-family="Fraunces"' in svg
    assert "#1f3d2f" in svg


def test_a_brand_font_file_is_used(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(find_font("space-grotesk", 700).path.read_bytes())
    work = replace(workspace(tmp_path, {}, brand=Brand(fonts={"heading": "font:heading"})), files={"font:heading": own})

    _, drawing = run(GenerateImageParams(prompt="summer", style="poster", width=300, height=300), work)

    assert 'font-family="Space Grotesk"' in drawing.path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({}, (1080, 1080)),
        ({"width": 64, "height": 4096}, (64, 4096)),
        ({"ratio": "16:9"}, (1920, 1080)),
        ({"ratio": "9:16"}, (1080, 1920)),
        ({"ratio": "6:1"}, (4096, 683)),
        ({"placement": "instagram.story_image"}, (1080, 1920)),
    ],
)
def test_the_plan_knows_the_size_and_both_files(given: dict[str, Any], size: tuple[int, int]) -> None:
    expectation = expect(GenerateImageParams(prompt="x" * 500, **given), {}, PLACEMENTS)

    assert [(label, info.kind, info.width, info.height) for label, info in expectation.outputs] == [
        ("", Kind.IMAGE, *size),
        ("svg", Kind.IMAGE, *size),
    ]
    assert expectation.units == {"call": 1, "image": 1, "megapixel": size[0] * size[1] / 1e6, "1k_characters": 0.5}
    assert expectation.problems == ()


@pytest.mark.parametrize("given", [{"placement": "nowhere.slot"}, {"ratio": "100:1"}])
def test_a_size_that_cannot_be_is_a_problem_before_anything_runs(given: dict[str, Any], tmp_path: Path) -> None:
    params = GenerateImageParams(prompt="x", **given)

    assert len(expect(params, {}, PLACEMENTS).problems) == 1
    with pytest.raises(Permanent):
        run(params, replace(workspace(tmp_path, {}), placements=PLACEMENTS))


@pytest.mark.parametrize(
    "given",
    [
        {"prompt": ""},
        {"prompt": " \n "},
        {"prompt": "x" * 2_001},
        {"width": 63, "height": 100},
        {"width": 4097, "height": 100},
        {"width": 100},
        {"width": 100, "height": 100, "ratio": "1:1"},
        {"seed": -1},
        {"seed": 4_294_967_296},
        {"style": "oil"},
    ],
)
def test_parameters_outside_their_limits_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GenerateImageParams(**{"prompt": "x", **given})


def test_a_style_that_there_is_not_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValidationError, match="did you mean 'quote_card'"):
        GenerateImageParams(prompt="x", style="qoute-card")


def test_editors_are_told_every_style() -> None:
    listed = GenerateImageParams.model_json_schema()["properties"]["style"]["enum"]

    assert listed[0] == "auto"
    assert set(STYLES) < set(listed)


def _foreseen(**params: Any) -> Foreseen:
    return foresee(GenerateImageParams(**params), {}, load_catalog().placements, Brand())


def test_a_flow_without_steps_asks_for_them_before_it_runs() -> None:
    assert "cart -> payment" in _foreseen(prompt="onboarding process in five steps", style="flow").problems[0]
    assert _foreseen(prompt="cart -> pay -> ship").problems == ()


def test_what_the_gallery_cannot_draw_is_said_before_it_runs() -> None:
    (warning,) = _foreseen(prompt="a dog in a hat").warnings

    assert "'a dog in a hat' will not be there" in warning
    assert _foreseen(prompt="Dog adoption day, 5 May").warnings == ()


def test_an_own_title_that_cannot_be_legible_is_a_problem_of_the_plan() -> None:
    assert "does not fit legibly" in _foreseen(prompt="a poster", title="word " * 30, width=100, height=64).problems[0]


def test_plan_and_picture_say_the_same_of_what_is_left_out(tmp_path: Path) -> None:
    params = {
        "prompt": "Our news, doors open at 9:30, free entry before 10:15, bring a friend",
        "width": 200,
        "height": 64,
    }

    made = _make(tmp_path, **params)

    assert made[0].details["left_out"]
    assert made[0].details["warning"] == "; ".join(_foreseen(**params).warnings)
    assert all(text in made[0].details["warning"] for text in made[0].details["left_out"])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("style", ["poster_cutouts", "poster_swiss", "poster_tiles", "event_confetti", "quote_marks"])
def test_words_for_a_placement_stay_where_its_platform_covers_nothing(tmp_path: Path, style: str, seed: int) -> None:
    words = {
        "title": "Saturday market, 9 to 3",
        "subtitle": "Fresh bread, first apples",
        "prompt": "autumn",
        "seed": seed,
    }

    placements = load_catalog().placements
    params = GenerateImageParams(style=style, placement="instagram.story_image", **words)
    made = run(params, replace(workspace(tmp_path, {}, brand=Brand("Hill & Harvest")), placements=placements))

    zone = placements["instagram.story_image"].safe_zone
    assert zone is not None
    for text in made[0].details["texts"]:
        _, y, _, height = text["box"]
        assert y >= zone.top - 1, text
        assert y + height <= 1920 - zone.bottom + 1, text
