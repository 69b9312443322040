"""Colours that the prompt names are the colours of the picture."""

from __future__ import annotations

import pytest

from pressroom.art.brief import read_brief
from pressroom.art.gallery import draw_picture, find_template
from pressroom.art.moods import COLORS, mood_of
from pressroom.media.typography.typefaces import fonts_for


@pytest.mark.parametrize(
    ("prompt", "roles"),
    [
        ("Jazz night in navy and gold", {"primary": COLORS["navy"], "accent": COLORS["gold"]}),
        ("black and gold palette", {"background": COLORS["black"], "primary": COLORS["gold"]}),
        ("Open day on a red background", {"background": COLORS["red"]}),
        ("using #1f3b2d and #fff", {"background": "#ffffff", "primary": "#1f3b2d"}),
        ("colors: teal, orange", {"primary": COLORS["teal"], "accent": COLORS["orange"]}),
        ("A black and gold invitation to our gala", {"background": COLORS["black"], "primary": COLORS["gold"]}),
        ("Red sale banner, 20 % off", {"primary": COLORS["red"]}),
        ("Minimal black poster for a jazz night", {"background": COLORS["black"]}),
        ("Red wine tasting", {}),
        ("Picnic in Green Park", {}),
        ("Black Friday sale", {}),
    ],
)
def test_colours_that_are_said_of_the_picture_have_roles(prompt: str, roles: dict[str, str]) -> None:
    assert mood_of(prompt).colors == roles


def test_named_colours_win_over_the_brands_and_are_drawn() -> None:
    prompt = "Jazz night in teal and orange"
    brand = {"primary": "#e4003a", "accent": "#5b2ee5"}

    canvas = draw_picture(
        find_template("poster_rings"), read_brief(prompt, None), (400, 500), 0, brand, fonts_for(None, {})
    )

    drawn = {shape.fill for shape in canvas.shapes}
    assert {COLORS["teal"], COLORS["orange"]} <= drawn
    assert not drawn & set(brand.values())
