"""remove_background: product photos in, transparent PNGs out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.remove_background import OPERATION, RemoveBackgroundParams, expect, run
from tests.support.scenes import iou, scene
from tests.support.workspaces import picture, workspace


def _cut(folder: Path, source: Path, **params: object) -> tuple[Image.Image, dict[str, object]]:
    (made,) = run(RemoveBackgroundParams(image="image", **params), workspace(folder, {"image": source}))
    with Image.open(made.path) as image:
        image.load()
    return image, made.details


def test_the_cutout_has_the_photos_size_and_its_outline(tmp_path: Path) -> None:
    """Also where the frame is not square."""
    truth = scene("mug", "plain", 1, width=420, height=300)

    image, details = _cut(tmp_path, picture(tmp_path, truth.photo))

    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (420, 300))
    assert iou(np.asarray(image)[..., 3] / 255, truth.alpha) > 0.95
    assert details["quality"] > 0.5
    x0, y0, x1, y1 = details["photo_box"]
    rows, columns = np.nonzero(truth.alpha > 0.5)
    expected = (columns.min() / 420, rows.min() / 300, columns.max() / 420, rows.max() / 300)
    assert np.allclose((x0, y0, x1, y1), expected, atol=0.02)


def test_a_handle_is_open(tmp_path: Path) -> None:
    truth = scene("mug", "plain", 1, width=420, height=300)
    inside = (
        (truth.alpha == 0) & (np.cumsum(truth.alpha, axis=1) > 5) & (np.cumsum(truth.alpha[:, ::-1], 1)[:, ::-1] > 5)
    )

    image, _ = _cut(tmp_path, picture(tmp_path, truth.photo))

    assert np.asarray(image)[..., 3][inside].mean() < 12


def test_the_same_photo_gives_the_same_bytes(tmp_path: Path) -> None:
    source = picture(tmp_path, scene("plant", "textured", 3, 300, 300).photo)
    params = RemoveBackgroundParams(image="image")

    first, second = (run(params, workspace(tmp_path, {"image": source}))[0].path.read_bytes() for _ in range(2))

    assert first == second


def test_a_trimmed_cutout_ends_at_its_margin(tmp_path: Path) -> None:
    truth = scene("ball", "plain", 2, 300, 300)
    rows, columns = np.nonzero(truth.alpha > 0.5)

    image, _ = _cut(tmp_path, picture(tmp_path, truth.photo), trim=True, margin=0)

    assert abs(image.width - np.ptp(columns)) <= 5
    assert abs(image.height - np.ptp(rows)) <= 5


def test_feather_only_takes_away(tmp_path: Path) -> None:
    source = picture(tmp_path, scene("jar", "plain", 2, 300, 300).photo)

    hard, soft = (np.asarray(_cut(tmp_path, source, feather=value)[0])[..., 3].astype(int) for value in (0, 6))

    assert (soft <= hard).all()
    assert ((soft > 10) & (soft < 245)).sum() > 1.5 * ((hard > 10) & (hard < 245)).sum()


def test_a_transparent_input_keeps_its_own_outline(tmp_path: Path) -> None:
    truth = scene("shoe", "plain", 4, 200, 200)
    given = np.dstack([truth.foreground, truth.alpha])
    source = picture(tmp_path, given)

    image, details = _cut(tmp_path, source)

    assert details["method"] == "kept"
    assert (np.asarray(image)[..., 3] == np.asarray(Image.open(source))[..., 3]).all()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_photos_are_cut_out(tmp_path: Path, mode: str) -> None:
    y, x = np.mgrid[0:200, 0:200]
    alpha = ((x - 100) ** 2 + (y - 100) ** 2 < 60**2).astype(float)
    photo = np.repeat((0.9 - 0.7 * alpha)[..., None], 3, axis=2)
    source = picture(tmp_path, photo, "input.jpg", mode)

    image, _ = _cut(tmp_path, source)

    assert iou(np.asarray(image)[..., 3] / 255, alpha) > 0.97


@pytest.mark.parametrize("kind", ["flat", "noise", "gradient"])
def test_a_picture_without_a_subject_is_refused(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    ramp = np.linspace(0.3, 0.8, 200)[:, None, None] * np.ones((1, 240, 3))
    photo = {"flat": ramp * 0 + 0.8, "noise": 0.5 + rng.normal(0, 0.05, ramp.shape), "gradient": ramp}[kind]

    with pytest.raises(Permanent, match="no subject found") as refused:
        _cut(tmp_path, picture(tmp_path, photo))

    assert "stands out" in refused.value.hint


@pytest.mark.parametrize("shape", [(1, 1), (3, 4000), (4000, 3), (2, 2)])
def test_slivers_are_refused_not_crashed_on(tmp_path: Path, shape: tuple[int, int]) -> None:
    with pytest.raises(Permanent, match="no subject found"):
        _cut(tmp_path, picture(tmp_path, np.full((*shape, 3), 200, np.uint8)))


def test_a_very_long_photo_is_cut_out(tmp_path: Path) -> None:
    photo = np.full((60, 1800, 3), 230, np.uint8)
    photo[15:45, 200:1600] = (30, 60, 140)

    image, _ = _cut(tmp_path, picture(tmp_path, photo))

    assert iou(np.asarray(image)[..., 3] / 255, (photo[..., 0] == 30).astype(float)) > 0.95


def test_a_picture_above_the_limits_is_not_decoded(tmp_path: Path) -> None:
    source = picture(tmp_path, np.zeros((100, 100, 3), np.uint8))

    with pytest.raises(Corrupt, match="100"):
        run(RemoveBackgroundParams(image="image"), workspace(tmp_path, {"image": source}, max_pixels=9_999))


def test_plans_know_the_size_unless_it_is_trimmed() -> None:
    photo = {"image": MediaInfo(Kind.IMAGE, "image/jpeg", 2000, 1000)}

    whole = expect(RemoveBackgroundParams(image="image"), photo, {})
    trimmed = expect(RemoveBackgroundParams(image="image", trim=True), photo, {})

    assert whole.outputs == (("", MediaInfo(Kind.IMAGE, "image/png", 2000, 1000, has_alpha=True)),)
    assert trimmed.outputs[0][1].width is None
    assert whole.units == {"call": 1.0, "image": 1.0, "megapixel": 2.0}
    assert OPERATION.name == "remove_background"


def test_an_uncertain_outline_says_so(tmp_path: Path) -> None:
    """A thin chain on a backdrop of its own colour and grain is cut out with a warning, a clear product without one."""
    faint = scene("necklace", "textured", 200).photo
    clear = scene("ball", "plain", 2, 240, 240).photo

    _, unsure = _cut(tmp_path, picture(tmp_path, faint))
    _, sure = _cut(tmp_path, picture(tmp_path, clear, "clear.png"))

    assert "look at it" in str(unsure["warning"])
    assert "warning" not in sure
