"""replace_background: a product on a colour, a picture or a generated scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Brand
from pressroom.operations.replace_background import SCENE_WORDS, ReplaceBackgroundParams, expect, run, scene_for
from tests.support.planning import plan_of
from tests.support.scenes import scene
from tests.support.workspaces import picture, workspace

BRAND = Brand(colors={"primary": "#205080", "background": "#f0e8d8"})


def _replace(folder: Path, source: Path, **params: Any) -> tuple[np.ndarray, dict[str, Any]]:
    inputs = {"image": source}
    if "background" in params:
        inputs["background"], params["background"] = params["background"], "background"
    (made,) = run(ReplaceBackgroundParams(image="image", **params), workspace(folder, inputs, brand=BRAND))
    with Image.open(made.path) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        return np.asarray(image), made.details


@pytest.fixture
def cutout(tmp_path: Path) -> Path:
    truth = scene("bottle", "plain", 2, 240, 240)
    return picture(tmp_path, np.dstack([truth.foreground, truth.alpha]), "cutout.png")


def test_a_color_fills_what_product_and_shadow_leave(tmp_path: Path, cutout: Path) -> None:
    pixels, details = _replace(tmp_path, cutout, color="#ff8800", shadow="none", scale=0.5)

    x0, y0, x1, y1 = (round(value * 240) for value in details["subject_box"])
    outside = np.ones((240, 240), bool)
    outside[y0 - 2 : y1 + 2, x0 - 2 : x1 + 2] = False
    assert (pixels[outside] == (255, 136, 0)).all()
    assert not (pixels[y0:y1, x0:x1] == (255, 136, 0)).all(axis=2).all()
    assert max(x1 - x0, y1 - y0) == pytest.approx(120, abs=2)


def test_no_fringe_of_the_old_background_is_left(tmp_path: Path) -> None:
    """A dark product from a white backdrop, on black: its rim is no brighter than the product (cubic overshoot apart)."""
    y, x = np.mgrid[0:240, 0:240]
    alpha = np.clip(70.5 - np.hypot(x - 120, y - 120), 0, 1)[..., None]
    photo = alpha * np.array([0.1, 0.2, 0.5]) + (1 - alpha) * 0.97

    pixels, _ = _replace(tmp_path, picture(tmp_path, photo), color="#000000", shadow="none")

    assert pixels[..., 0].max() < 0.1 * 255 + 20
    assert pixels[..., 2].max() < 0.5 * 255 + 20


def test_a_gradient_runs_where_its_angle_points(tmp_path: Path, cutout: Path) -> None:
    colors = ["#000000", "brand.primary"]
    across, details = _replace(tmp_path, cutout, gradient=colors, angle=0, shadow="none", scale=0.3)
    down, _ = _replace(tmp_path, cutout, gradient=colors, shadow="none", scale=0.3)

    assert details["background"] == "#000000 to #205080"
    assert np.allclose(across[:, 239], (0x20, 0x50, 0x80), atol=3)
    assert across[:, 0].max() <= 4
    assert np.allclose(down, across.transpose(1, 0, 2), atol=2, rtol=0) or np.allclose(down[0], 0, atol=4)


def test_a_product_on_a_color_keeps_its_own(tmp_path: Path, cutout: Path) -> None:
    plain, _ = _replace(tmp_path, cutout, color="#3070c0", shadow="none", match=1.0)
    bare, _ = _replace(tmp_path, cutout, color="#3070c0", shadow="none", match=0.0)

    assert (plain == bare).all()


def test_a_product_in_a_scene_takes_on_its_light_as_far_as_asked(tmp_path: Path, cutout: Path) -> None:
    bare, details = _replace(tmp_path, cutout, scene="sunset", shadow="none", match=0.0, seed=3)
    half, _ = _replace(tmp_path, cutout, scene="sunset", shadow="none", seed=3)
    whole, recorded = _replace(tmp_path, cutout, scene="sunset", shadow="none", match=1.0, seed=3)

    middle = np.s_[120:200, 100:140]
    warmth = [float((p[middle][..., 0].astype(int) - p[middle][..., 2]).mean()) for p in (bare, half, whole)]
    assert warmth[0] < warmth[1] < warmth[2]
    assert "gains" not in details["light"]
    assert recorded["light"]["gains"][0] > 1 > recorded["light"]["gains"][2]


def test_the_shadow_on_a_podium_ends_where_the_podium_does(tmp_path: Path, cutout: Path) -> None:
    bare, _ = _replace(tmp_path, cutout, scene="podium", shadow="none", width=300, height=400)
    cast, _ = _replace(tmp_path, cutout, scene="podium", shadow="cast", width=300, height=400)

    changed = np.abs(bare.astype(int) - cast).sum(axis=2) > 3
    assert changed.any()
    assert not changed[:280].any()


def test_brand_colors_go_by_name(tmp_path: Path, cutout: Path) -> None:
    pixels, details = _replace(tmp_path, cutout, color="brand.primary", shadow="none")

    assert tuple(pixels[0, 0]) == (0x20, 0x50, 0x80)
    assert details["background"] == "#205080"


def test_a_brand_color_that_is_not_there_is_refused(tmp_path: Path, cutout: Path) -> None:
    with pytest.raises(Permanent, match="no accent colour"):
        _replace(tmp_path, cutout, color="brand.accent")


def test_a_picture_fills_the_canvas(tmp_path: Path, cutout: Path) -> None:
    ground = np.zeros((50, 100, 3), np.uint8)
    ground[:, :50], ground[:, 50:] = (200, 0, 0), (0, 0, 200)

    pixels, _ = _replace(tmp_path, cutout, background=picture(tmp_path, ground, "ground.png"), shadow="none", scale=0.3)

    assert pixels.shape == (240, 240, 3)
    assert np.allclose(pixels[5, 5], (200, 0, 0), atol=3)
    assert np.allclose(pixels[5, 234], (0, 0, 200), atol=3)


@pytest.mark.parametrize("name", sorted(SCENE_WORDS))
def test_every_scene_is_drawn_the_same_twice(tmp_path: Path, cutout: Path, name: str) -> None:
    first, details = _replace(tmp_path, cutout, scene=name, width=200, height=320, seed=7)
    second, _ = _replace(tmp_path, cutout, scene=name, width=200, height=320, seed=7)

    assert first.shape == (320, 200, 3)
    assert (first == second).all()
    assert details["background"] == name
    x0, y0, x1, y1 = details["subject_box"]
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1


def test_the_shadow_lies_under_the_product(tmp_path: Path, cutout: Path) -> None:
    bare, details = _replace(tmp_path, cutout, color="#dddddd", shadow="none", scale=0.6)
    shaded, _ = _replace(tmp_path, cutout, color="#dddddd", shadow="contact", scale=0.6)

    darker = bare.astype(int).sum(axis=2) - shaded.astype(int).sum(axis=2)
    x0, _, x1, y1 = (round(value * 240) for value in details["subject_box"])
    assert darker.min() >= 0
    assert darker[y1 : y1 + 2, x0:x1].max() > 60
    assert darker[: y1 // 2].max() <= 3


def test_an_opaque_photo_is_cut_out_first(tmp_path: Path) -> None:
    source = picture(tmp_path, scene("ball", "plain", 1, 240, 240).photo)

    pixels, details = _replace(tmp_path, source, color="#00ff00", shadow="none")

    assert details["cutout"] != "kept"
    assert tuple(pixels[0, 0]) == (0, 255, 0)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("on a wooden table at golden sunset", "sunset"),
        ("lush green leaves", "botanical"),
        ("Premium podium", "podium"),
        ("", "studio"),
        ("?!", "studio"),
    ],
)
def test_a_prompt_picks_the_scene_by_its_words(prompt: str, expected: str) -> None:
    assert scene_for(prompt) == expected


@pytest.mark.parametrize(
    "params",
    [
        {"color": "#fff", "scene": "studio"},
        {"gradient": ["#fff", "#000"], "color": "#fff"},
        {"gradient": ["#fff"]},
        {"width": 100},
        {"ratio": "4:5", "width": 100, "height": 100},
        {"scale": 0.96},
        {"color": "brand.nothing"},
    ],
)
def test_contradictions_are_invalid(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReplaceBackgroundParams(image="image", **params)


@pytest.mark.parametrize(
    ("params", "size"),
    [({}, (800, 600)), ({"ratio": "4:5"}, (640, 800)), ({"width": 50, "height": 60}, (50, 60))],
)
def test_plans_know_the_canvas(params: dict[str, Any], size: tuple[int, int]) -> None:
    photo = {"image": MediaInfo(Kind.IMAGE, "image/png", 800, 600, has_alpha=True)}

    planned = expect(ReplaceBackgroundParams(image="image", prompt="x" * 500, **params), photo, {})

    assert (planned.outputs[0][1].width, planned.outputs[0][1].height) == size
    assert planned.units["1k_characters"] == 0.5


def test_an_uncertain_outline_says_so(tmp_path: Path, cutout: Path) -> None:
    faint = picture(tmp_path, scene("necklace", "textured", 200).photo, "faint.png")

    _, unsure = _replace(tmp_path, faint, color="#ff8800")
    _, given = _replace(tmp_path, cutout, color="#ff8800")

    assert "look at it" in str(unsure["warning"])
    assert "warning" not in given


def test_a_network_that_is_not_on_this_machine_is_refused_not_replaced(tmp_path: Path) -> None:
    photo = picture(tmp_path, scene("mug", "plain", 1, 120, 120).photo)
    params = ReplaceBackgroundParams(
        image="image", color="#2266cc", method="network", network=str(tmp_path / "silueta.onnx")
    )

    with pytest.raises(Permanent, match=r"there is no file .*silueta\.onnx"):
        run(params, workspace(tmp_path, {"image": photo}))


@pytest.mark.parametrize("given", ["foreground_prompt: a red cup", "preserve: 0", "light_strength: 0.4"])
def test_what_lights_the_product_anew_is_left_to_a_model(given: str) -> None:
    text = f"steps: {{new: {{uses: replace_background, TIER, with: {{image: photo.jpg, prompt: a beach, {given}}}}}}}"

    (refused,) = plan_of(text.replace("TIER", "tier: free")).problems
    (node,) = plan_of(text.replace("TIER", "tier: auto")).nodes

    assert f"takes no {given.partition(':')[0]}" in refused.message
    assert f"{node.provider}/{node.model}" == "simulated/relight"
