"""overlay: words and logo stay in the safe zone, are readable, and are never cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Brand
from pressroom.media.color.spaces import AA_NORMAL, contrast, luminance
from pressroom.operations.overlay import OverlayParams, brand_of, expect, run
from tests.operations.lettered import PLACEMENTS, POSITIONS, busy, changed, one_colour, overlay
from tests.support.workspaces import picture, workspace

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><rect width="80" height="40" rx="9" fill="{}"/></svg>'


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("placement", ["instagram.reel", "instagram.story_image", "tiktok.video_cover", "blog.header"])
def test_everything_that_is_drawn_stays_inside_the_safe_zone(tmp_path: Path, position: str, placement: str) -> None:
    slot = PLACEMENTS[placement]
    width, height = slot.width // 3, slot.height // 3
    pixels = one_colour(width, height, (24, 28, 40))

    made = overlay(
        tmp_path, pixels, logo=LOGO.format("#fff"), headline="Made for mornings", text="Slow coffee, fast", cta="Try it",
        placement=placement, position=position,
    )  # fmt: skip

    left, top, right, bottom = changed(made, pixels)
    zone = slot.safe_zone
    edges = (zone.left, zone.top, zone.right, zone.bottom) if zone else (0, 0, 0, 0)
    assert left >= edges[0] / 3 - 1
    assert top >= edges[1] / 3 - 1
    assert right <= width - edges[2] / 3 + 1
    assert bottom <= height - edges[3] / 3 + 1


def test_a_picture_of_another_ratio_keeps_to_the_part_that_will_be_left(tmp_path: Path) -> None:
    pixels = one_colour(800, 400, (24, 28, 40))

    made = overlay(tmp_path, pixels, headline="Made for mornings", placement="instagram.feed_square", position="left")

    left, _, right, _ = changed(made, pixels)
    assert left >= 200
    assert right <= 600


def test_a_safe_zone_of_ones_own_is_kept(tmp_path: Path) -> None:
    pixels = one_colour(400, 400, (24, 28, 40))

    made = overlay(
        tmp_path, pixels, headline="Hello", position="top", safe_zone={"top": "50%", "left": 100, "right": 100}
    )

    left, top, right, _ = changed(made, pixels)
    assert top >= 200
    assert left >= 100
    assert right <= 300


def test_it_is_the_same_size_and_the_original_is_untouched(tmp_path: Path) -> None:
    source = picture(tmp_path, busy(333, 217))
    before = source.read_bytes()

    (made,) = run(OverlayParams(image="image", headline="Hello"), workspace(tmp_path, {"image": source}))

    with Image.open(made.path) as image:
        assert (image.format, image.size, image.mode) == ("PNG", (333, 217), "RGB")
    assert source.read_bytes() == before


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (overlay(tmp_path, busy(300, 200), headline="Hello", cta="Go") for _ in range(2))

    assert first.path.read_bytes() == second.path.read_bytes()


def test_every_word_is_there_in_order(tmp_path: Path) -> None:
    made = overlay(
        tmp_path, one_colour(500, 500, (20, 20, 20)), headline="Made for slow mornings", text="One two three",
        price="$48", badge="New", cta="Shop now",
    )  # fmt: skip

    found = [(box["role"], " ".join(box["lines"])) for box in made.details["boxes"]]
    assert found == [
        ("badge", "New"),
        ("headline", "Made for slow mornings"),
        ("text", "One two three"),
        ("price", "$48"),
        ("cta", "Shop now"),
    ]
    tops = [box["box"][1] for box in made.details["boxes"]]
    assert tops == sorted(tops)


def test_words_never_become_markup(tmp_path: Path) -> None:
    nasty = "</text><script>\"x\" & 'y'</script>\x00"

    made = overlay(tmp_path, one_colour(600, 600, (20, 20, 20)), headline=nasty)

    assert " ".join(made.details["boxes"][0]["lines"]) == nasty.removesuffix("\x00")


@pytest.mark.parametrize(("level", "expected"), [(255, 0), (0, 255)])
def test_a_one_coloured_logo_that_would_vanish_takes_the_colour_of_the_words(
    tmp_path: Path, level: int, expected: int
) -> None:
    """A logo in the colour of its ground."""
    color = f"#{level:02x}{level:02x}{level:02x}"

    made = overlay(tmp_path, one_colour(300, 300, (level, level, level)), logo=LOGO.format(color), headline="Hello")

    x, y, width, height = made.details["boxes"][0]["box"]
    with Image.open(made.path) as image:
        middle = image.convert("L").getpixel((round(x + width / 2), round(y + height / 2)))
    assert made.details["boxes"][0]["role"] == "logo"
    assert abs(middle - expected) < 40  # type: ignore[operator]
    assert width / height == pytest.approx(2, rel=0.05)


def test_a_logo_that_stands_out_keeps_its_colour(tmp_path: Path) -> None:
    made = overlay(tmp_path, one_colour(300, 300, (255, 255, 255)), logo=LOGO.format("#b00020"), headline="Hello")

    x, y, width, height = made.details["boxes"][0]["box"]
    with Image.open(made.path) as image:
        assert image.convert("RGB").getpixel((round(x + width / 2), round(y + height / 2))) == (0xB0, 0, 0x20)


def test_a_hostile_logo_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Corrupt):
        overlay(tmp_path, one_colour(300, 300, (9, 9, 9)), logo="<svg><script/></svg>", headline="Hello")


def test_a_chosen_colour_is_kept_and_the_scrim_makes_it_readable(tmp_path: Path) -> None:
    brand = Brand(colors={"accent": "#ffd166"})

    made = overlay(tmp_path, one_colour(300, 300, (230, 230, 230)), brand=brand, headline="Hello", color="brand.accent")

    assert made.details["color"] == "#ffd166"
    assert made.details["contrast"] >= AA_NORMAL


def test_a_picture_with_transparency_keeps_it(tmp_path: Path) -> None:
    pixels = np.zeros((300, 300, 4), dtype=np.uint8)

    made = overlay(tmp_path, pixels, headline="Hello", position="bottom")

    with Image.open(made.path) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((150, 20))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("size", [(1080, 1920), (120, 120)])
def test_words_that_cannot_be_legible_are_a_problem_in_the_plan_and_fail_the_run(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    words = {
        "headline": "word " * 39,
        "text": "more words " * 50,
        "placement": "instagram.reel",
        "position": "top_left",
    }
    info = MediaInfo(Kind.IMAGE, "image/png", *size)

    expectation = expect(OverlayParams(image="image", **words), {"image": info}, PLACEMENTS)

    assert len(expectation.problems) == 1
    assert "legibly" in expectation.problems[0]
    with pytest.raises(Permanent, match="legibly"):
        overlay(tmp_path, one_colour(*size, (9, 9, 9)), **words)


def test_the_plan_expects_a_png_of_the_same_size() -> None:
    info = MediaInfo(Kind.IMAGE, "image/jpeg", 1200, 800)

    expectation = expect(OverlayParams(image="image", headline="x" * 50), {"image": info}, PLACEMENTS)

    ((label, output),) = expectation.outputs
    assert (label, output.mime, output.width, output.height) == ("", "image/png", 1200, 800)
    assert expectation.units == {"call": 1, "image": 1, "megapixel": 0.96, "1k_characters": 0.05}


def test_a_size_that_is_not_known_yet_is_no_problem() -> None:
    info = MediaInfo(Kind.IMAGE, "image/png")

    assert expect(OverlayParams(image="image", headline="Hello"), {"image": info}, PLACEMENTS).problems == ()


def test_an_unknown_placement_is_a_problem() -> None:
    info = MediaInfo(Kind.IMAGE, "image/png", 100, 100)

    (problem,) = expect(
        OverlayParams(image="image", headline="Hi", placement="no.where"), {"image": info}, PLACEMENTS
    ).problems

    assert "no.where" in problem


def test_letters_that_no_font_has_are_refused_and_signs_are_reported(tmp_path: Path) -> None:
    made = overlay(tmp_path, one_colour(300, 300, (9, 9, 9)), headline="Party 🇹🇦")

    assert made.details["not_in_any_font"] == "🇹🇦"
    with pytest.raises(Permanent, match="ꦲꦤ"):
        overlay(tmp_path, one_colour(300, 300, (9, 9, 9)), headline="ꦲꦤ")


def test_nothing_to_lay_over_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        OverlayParams(image="image", headline=" ", logo=False)
    with pytest.raises(Permanent, match="no logo"):
        overlay(tmp_path, one_colour(300, 300, (9, 9, 9)))


def test_the_logo_is_part_of_the_key_only_where_it_is_drawn() -> None:
    assert "logo" in brand_of(OverlayParams(image="image", headline="Hi"))
    assert "logo" not in brand_of(OverlayParams(image="image", headline="Hi", logo=False))
    assert "logo" not in brand_of(OverlayParams(image="image", headline="Hi", logo_image="logo_image"))


def test_a_button_reads(tmp_path: Path) -> None:
    """The darkest and the lightest pixel of the button's middle are its letters and its fill."""
    brand = Brand(colors={"accent": "#c8643c"})

    made = overlay(tmp_path, one_colour(600, 600, (250, 246, 238)), brand=brand, cta="Shop now")

    (box,) = made.details["boxes"]
    x, y, width, height = (round(value) for value in box["box"])
    with Image.open(made.path) as image:
        part = np.asarray(image.convert("RGB").crop((x + height // 2, y + 4, x + width - height // 2, y + height - 4)))
    flat = part.reshape(-1, 3)
    order = flat.sum(axis=1).argsort()
    dark, light = ("#" + "".join(f"{value:02x}" for value in flat[index]) for index in (order[0], order[-1]))
    assert contrast(dark, light) >= AA_NORMAL


@pytest.mark.parametrize("style", ["card", "band"])
@pytest.mark.parametrize("position", POSITIONS)
def test_words_on_a_panel_read_and_stay_in_the_safe_zone(tmp_path: Path, style: str, position: str) -> None:
    brand = Brand(colors={"primary": "#1f3b2d", "background": "#f5ead8"})

    made = overlay(
        tmp_path, busy(360, 640), brand=brand, headline="Slow mornings", text="Fresh", price="€ 9", style=style,
        position=position, placement="instagram.reel",
    )  # fmt: skip

    assert made.details["contrast"] >= AA_NORMAL
    left, top, wide, tall = made.details["safe_zone"]
    for box in made.details["boxes"]:
        x, y, width, height = box["box"]
        assert left - 1 <= x <= x + width <= left + wide + 1
        assert top - 1 <= y <= y + height <= top + tall + 1


@pytest.mark.parametrize("position", POSITIONS)
def test_a_starburst_stands_clear_of_the_words(tmp_path: Path, position: str) -> None:
    made = overlay(
        tmp_path,
        one_colour(500, 500, (20, 20, 20)),
        headline="Sale",
        badge="New",
        badge_style="burst",
        position=position,
    )

    (word,), (badge,) = (
        [box["box"] for box in made.details["boxes"] if box["role"] == role] for role in ("headline", "badge")
    )
    assert (
        word[0] >= badge[0] + badge[2]
        or badge[0] >= word[0] + word[2]
        or word[1] >= badge[1] + badge[3]
        or badge[1] >= word[1] + word[3]
    )


def test_right_to_left_words_begin_on_the_right(tmp_path: Path) -> None:
    made = overlay(
        tmp_path, one_colour(800, 400, (20, 20, 20)), headline="مرحبا بكم في متجرنا", text="خصم", position="left"
    )

    (first, second) = (box["box"] for box in made.details["boxes"])
    assert first[0] + first[2] == pytest.approx(second[0] + second[2], abs=1)


def test_a_preview_shows_the_zone_and_leaves_the_picture_alone(tmp_path: Path) -> None:
    pixels = one_colour(300, 300, (20, 20, 20))
    work = replace(workspace(tmp_path, {"image": picture(tmp_path, pixels)}), placements=PLACEMENTS)

    made, preview = run(OverlayParams(image="image", headline="Hi", preview=True), work)

    with Image.open(preview.path) as marked, Image.open(made.path) as plain:
        red, green, _ = marked.convert("RGB").getpixel((3, 150))  # type: ignore[misc]
        assert plain.convert("RGB").getpixel((3, 150)) == (20, 20, 20)
    assert preview.label == "safe_zones"
    assert red > green + 40


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def test_on_a_saturated_photo_words_are_light_on_a_dark_veil(tmp_path: Path) -> None:
    pixels = np.zeros((800, 640, 3), np.uint8)
    pixels[...] = (200, 70, 20)
    pixels[::8, :, :] = (250, 190, 120)

    details = overlay(tmp_path, pixels, headline="Fresh every morning", position="bottom").details

    assert luminance(details["color"]) > 0.8
    assert luminance(details["scrim"]["color"]) < 0.1
    assert details["contrast"] >= AA_NORMAL


def test_words_on_a_subject_are_a_doubt_and_auto_finds_a_place_without_one(tmp_path: Path) -> None:
    pixels = np.full((900, 720, 3), 226, np.uint8)
    pixels[330:860, 130:590] = (20, 83, 45)
    words = {"headline": "Fresh every morning", "text": "Bread, coffee and good company all day long"}

    forced = overlay(_folder(tmp_path, "forced"), pixels, position="center", **words).details
    free = overlay(_folder(tmp_path, "free"), pixels, position="auto", **words).details

    assert "of a face or subject" in forced["warning"]
    assert "warning" not in free
    assert free["position"].startswith("top")


def test_the_plan_refuses_words_that_a_phone_would_show_too_small() -> None:
    text = {"headline": "Everything for the garden", "text": "seeds, pots and tools " * 24, "position": "bottom"}
    source = {"image": MediaInfo(Kind.IMAGE, "image/png", 1200, 630)}

    free = expect(OverlayParams(image="image", **text), source, PLACEMENTS)
    placed = expect(OverlayParams(image="image", placement="facebook.link_image", **text), source, PLACEMENTS)

    assert free.problems == ()
    assert "the smallest that a phone shows" in placed.problems[0]
