"""upscale: more pixels, no invented ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media import Kind, MediaInfo
from pressroom.media.upscaling.enlarge import enlarged
from pressroom.operations.upscale import UpscaleParams, expect, run
from tests.support.networks import repeating
from tests.support.planning import image, plan_of, with_file
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


@pytest.mark.parametrize(
    ("asked", "size"), [({"width": 250}, (250, 167)), ({"height": 81}, (122, 81)), ({"width": 960}, (960, 640))]
)
@pytest.mark.parametrize("channels", [3, 4])
def test_it_reaches_a_size_and_keeps_the_ratio(
    tmp_path: Path, asked: dict[str, int], size: tuple[int, int], channels: int
) -> None:
    source = np.random.default_rng(2).integers(0, 255, (80, 120, channels), dtype=np.uint8)
    params = UpscaleParams(image="image", **asked)

    found = _upscale(tmp_path, picture(tmp_path, source), **asked)

    assert (found.shape[1], found.shape[0], found.shape[2]) == (*size, channels)
    planned = expect(params, {"image": MediaInfo(Kind.IMAGE, "", 120, 80)}, {})
    assert (planned.outputs[0][1].width, planned.outputs[0][1].height) == size


@pytest.mark.parametrize(
    ("asked", "reason"),
    [({"width": 90}, "has 120 x 80 pixels already"), ({"height": 800}, "over 8 times the 120 x 80")],
)
def test_a_size_that_is_no_enlargement_is_a_problem(tmp_path: Path, asked: dict[str, int], reason: str) -> None:
    planned = expect(UpscaleParams(image="image", **asked), {"image": MediaInfo(Kind.IMAGE, "", 120, 80)}, {})

    assert reason in planned.problems[0]
    with pytest.raises(Permanent, match=reason):
        _upscale(tmp_path, picture(tmp_path, np.zeros((80, 120, 3), np.uint8)), **asked)


def test_two_sizes_at_once_are_refused() -> None:
    with pytest.raises(ValidationError, match="scale and width are each a size"):
        UpscaleParams(image="image", scale=2, width=300)


@pytest.mark.parametrize(("scale", "gain"), [(2, 0.25), (4, 0.12)])
def test_a_photo_gains_over_lanczos(tmp_path: Path, scale: int, gain: float) -> None:
    """Decibels over Lanczos on a photo that no filter was learned from."""
    with Image.open(Path(skimage.__file__).parent / "data" / "chelsea.png") as opened:
        truth = opened.convert("RGB").crop((100, 20, 340, 260))
    small = truth.resize((240 // scale, 240 // scale), Image.Resampling.BICUBIC)
    lanczos = np.asarray(small.resize(truth.size, Image.Resampling.LANCZOS))

    found = _upscale(tmp_path, picture(tmp_path, np.asarray(small)), scale=scale)

    assert _psnr(found, np.asarray(truth)) >= _psnr(lanczos, np.asarray(truth)) + gain


@pytest.mark.parametrize("channels", [3, 4])
def test_tiles_give_the_pixels_that_the_whole_picture_gives(channels: int) -> None:
    pixels = np.random.default_rng(4).integers(0, 255, (40, 300, channels), dtype=np.uint8)
    pixels[..., 3:] |= 0x80

    whole = enlarged(pixels[:, 200:], 4, "conservative")

    assert (enlarged(pixels, 4, "conservative")[:, 880:] == whole[:, 80:]).all()


def test_plans_know_size_and_megapixels() -> None:
    planned = expect(UpscaleParams(image="image", scale=2), {"image": MediaInfo(Kind.IMAGE, "", 1_000, 500)}, {})

    assert (planned.outputs[0][1].width, planned.outputs[0][1].height) == (2_000, 1_000)
    assert planned.units == {"call": 1.0, "image": 1.0, "megapixel": 2.0}
    assert planned.problems == ()


@pytest.mark.parametrize("side", [None, 128])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_supplied_network_is_asked_tile_by_tile(tmp_path: Path, side: int | None, channels: int) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (70, 250, channels), dtype=np.uint8)
    pixels[..., 3:] = 255
    pixels[0, 0, 3:] = 254

    found = _upscale(
        tmp_path, picture(tmp_path, pixels), mode="network", network=str(repeating(tmp_path, 4, side)), scale=4
    )

    repeated = pixels.repeat(4, axis=0).repeat(4, axis=1)
    assert np.abs(found[..., :3].astype(int) - repeated[..., :3]).max() <= 1


def test_a_networks_result_is_brought_to_the_size_and_named_in_the_record(tmp_path: Path) -> None:
    source, network = picture(tmp_path, np.full((50, 60, 3), 90, np.uint8)), repeating(tmp_path)
    params = UpscaleParams(image="image", width=130, mode="network", network=str(network))

    (made,) = run(params, workspace(tmp_path, {"image": source}))

    with Image.open(made.path) as image:
        assert (image.size, image.getpixel((70, 50))) == ((130, 108), (90, 90, 90))
    assert made.details["network"] == network.name
    assert made.details["network_sha256"] == hashlib.sha256(network.read_bytes()).hexdigest()


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    source = picture(tmp_path, np.zeros((8, 8, 3), np.uint8))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")

    with pytest.raises(Corrupt, match=r"broken\.onnx is no ONNX network"):
        _upscale(tmp_path, source, mode="network", network=str(broken))
    with pytest.raises(Corrupt, match="no enlarged picture"):
        _upscale(tmp_path, source, mode="network", network=str(repeating(tmp_path, 1)))
    with pytest.raises(Permanent, match="there is no file"):
        _upscale(tmp_path, source, mode="network", network=str(tmp_path / "missing.onnx"))


@pytest.mark.parametrize(
    "params", [{"mode": "network"}, {"network": "/x.onnx"}, {"mode": "network", "network": "x.onnx"}]
)
def test_a_network_needs_its_path_and_its_mode(params: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        UpscaleParams(image="image", **params)


def test_a_mode_that_only_models_have_is_not_made_here(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="mode: creative is not made here"):
        _upscale(tmp_path, picture(tmp_path, np.zeros((8, 8, 3), np.uint8)), mode="creative")


def test_invented_detail_is_left_to_a_model_that_invents(tmp_path: Path) -> None:
    files = with_file("small.jpg", image("small", 800, 600))
    text = "steps: {large: {uses: upscale, tier: TIER, with: {image: small.jpg, mode: creative, creativity: 0, prompt: a cup}}}"

    (node,) = plan_of(text.replace("TIER", "premium"), files=files).nodes
    (problem,) = plan_of(text.replace("TIER", "free"), files=files).problems

    assert (node.model, node.params["creativity"], node.prompt) == ("embellish", 0, "a cup")
    assert "mode creative is none of conservative, fast, network" in problem.message
