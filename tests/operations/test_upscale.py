"""upscale: more pixels, no invented ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pressroom.assets import Kind, MediaInfo
from pressroom.errors import Permanent
from pressroom.operations.upscale import UpscaleParams, expect, run
from tests.support.scenes import scene
from tests.support.workspaces import picture, workspace


def _upscale(folder: Path, source: Path, limits: dict[str, Any] | None = None, **params: Any) -> np.ndarray:
    (made,) = run(UpscaleParams(image="image", **params), workspace(folder, {"image": source}, **(limits or {})))
    with Image.open(made.path) as image:
        assert image.format == "PNG"
        return np.asarray(image)


def _psnr(found: np.ndarray, truth: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((found.astype(float) - truth.astype(float)) ** 2)))


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize(("family", "background"), [("glasses", "plain"), ("plant", "textured"), ("box", "busy")])
def test_it_is_closer_to_the_original_than_lanczos(tmp_path: Path, family: str, background: str, scale: int) -> None:
    truth = Image.fromarray(scene(family, background, 1, 320, 320).photo)
    small = truth.resize((320 // scale, 320 // scale), Image.Resampling.BOX)
    lanczos = np.asarray(small.resize(truth.size, Image.Resampling.LANCZOS))

    found = _upscale(tmp_path, picture(tmp_path, np.asarray(small)), scale=scale)

    assert _psnr(found, np.asarray(truth)) >= _psnr(lanczos, np.asarray(truth))


@pytest.mark.parametrize("mode", ["conservative", "fast"])
def test_a_flat_picture_stays_flat(tmp_path: Path, mode: str) -> None:
    found = _upscale(tmp_path, picture(tmp_path, np.full((9, 13, 3), 77, np.uint8)), scale=4, mode=mode)

    assert found.shape == (36, 52, 3)
    assert (found == 77).all()


def test_a_hard_edge_gets_no_halo(tmp_path: Path) -> None:
    """No pixel is brighter or darker than the two sides of the edge."""
    edge = np.full((40, 40, 3), 60, np.uint8)
    edge[:, 20:] = 190

    found = _upscale(tmp_path, picture(tmp_path, edge), scale=4)

    assert (found.min(), found.max()) == (60, 190)


def test_transparent_pixels_lend_no_color_to_their_neighbours(tmp_path: Path) -> None:
    """A red disc whose clear surroundings hide green: nothing green shows after enlarging."""
    y, x = np.mgrid[0:40, 0:40]
    inside = np.hypot(x - 20, y - 20) < 12
    pixels = np.where(inside[..., None], (220, 30, 30, 255), (0, 255, 0, 0)).astype(np.uint8)

    found = _upscale(tmp_path, picture(tmp_path, pixels), scale=2)

    visible = found[found[..., 3] > 8]
    assert visible[:, 1].max() < 60


def test_tiles_leave_no_seam(tmp_path: Path) -> None:
    """A smooth ramp wider than one tile still rises evenly across the tile's border."""
    ramp = np.repeat(np.linspace(0, 255, 700)[None, :, None], 8, axis=0).repeat(3, axis=2).astype(np.uint8)

    found = _upscale(tmp_path, picture(tmp_path, ramp), scale=2).astype(int)

    assert np.abs(np.diff(found[8, :, 0])).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 2)])
def test_slivers_are_enlarged(tmp_path: Path, shape: tuple[int, int]) -> None:
    found = _upscale(tmp_path, picture(tmp_path, np.full((*shape, 3), 10, np.uint8)), scale=4)

    assert found.shape == (shape[0] * 4, shape[1] * 4, 3)


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    source = picture(tmp_path, scene("jar", "busy", 1, 120, 120).photo)

    assert (_upscale(tmp_path, source) == _upscale(tmp_path, source)).all()


def test_a_result_above_the_limits_is_a_problem_before_and_an_error_while_running(tmp_path: Path) -> None:
    planned = expect(UpscaleParams(image="image", scale=4), {"image": MediaInfo(Kind.IMAGE, "", 9_000, 400)}, {})
    source = picture(tmp_path, np.zeros((100, 100, 3), np.uint8))

    assert "36,000 x 1,600" in planned.problems[0]
    with pytest.raises(Permanent, match="the limit is 30,000"):
        _upscale(tmp_path, source, {"max_pixels": 30_000}, scale=2)


def test_plans_know_size_and_megapixels() -> None:
    planned = expect(UpscaleParams(image="image", scale=2), {"image": MediaInfo(Kind.IMAGE, "", 1_000, 500)}, {})

    assert (planned.outputs[0][1].width, planned.outputs[0][1].height) == (2_000, 1_000)
    assert planned.units == {"call": 1.0, "image": 1.0, "megapixel": 2.0}
    assert planned.problems == ()
