"""The network that comes along, and networks of people's own: a small one is made here and run by the real runtime."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.cutout.network import BUNDLED, bundled, open_network
from pressroom.operations.remove_background import RemoveBackgroundParams, run
from pressroom.operations.replace_background import ReplaceBackgroundParams
from pressroom.operations.replace_background import run as replace_background
from tests.support.scenes import iou, scene
from tests.support.workspaces import picture, workspace

pytest.importorskip("onnxruntime", reason="onnxruntime HAS NO WHEELS FOR THIS MACHINE")


def _darkness_network(path: Path, side: int = 320, last_step: bool = True) -> None:
    """A network with U-2-Net's input and output whose mask is how dark a pixel is; without its last step it gives logits."""
    onnx = pytest.importorskip("onnx", reason="onnx IS NOT INSTALLED")
    helper, of_floats = onnx.helper, onnx.TensorProto.FLOAT
    weight = onnx.numpy_helper.from_array(np.full((1, 3, 1, 1), -1 / 3, np.float32), "weight")
    nodes = [
        helper.make_node("Conv", ["input", "weight"], ["mean"]),
        helper.make_node("Mul", ["mean", "steep"], ["steeper" if last_step else "mask"]),
    ]
    graph = helper.make_graph(
        [*nodes, *([helper.make_node("Sigmoid", ["steeper"], ["mask"])] if last_step else [])],
        "darkness",
        [helper.make_tensor_value_info("input", of_floats, [1, 3, side, side])],
        [helper.make_tensor_value_info("mask", of_floats, [1, 1, side, side])],
        [weight, onnx.numpy_helper.from_array(np.float32(20), "steep")],
    )
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    )


def _dark_disc(folder: Path) -> tuple[Path, Any]:
    y, x = np.mgrid[0:400, 0:600]
    truth = np.clip(120.5 - np.hypot(x - 300, y - 200), 0, 1)
    return picture(folder, 0.92 - 0.8 * truth[..., None] * np.ones(3)), truth


def test_the_bundled_network_is_the_published_one() -> None:
    digest = hashlib.sha256(BUNDLED.read_bytes()).hexdigest()

    assert digest in (BUNDLED.parent / "u2netp-Apache-2.0.txt").read_text()


def test_the_same_picture_gives_the_same_bytes_on_any_thread() -> None:
    network = bundled()
    assert network is not None
    photos = [scene("mug", kind, 3, 160, 120).photo for kind in ("plain", "busy")] * 2
    alone = [network.likelihood(photo) for photo in photos]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(network.likelihood, photos))

    assert all((one == other).all() for one, other in zip(alone, together, strict=True))
    assert alone[0].shape == (120, 160)
    assert alone[0].min() >= 0
    assert alone[0].max() <= 1


@pytest.mark.parametrize(("side", "last_step"), [(320, True), (320, False), (128, True)])
def test_a_network_of_ones_own_finds_the_mask_and_the_outline_is_refined_at_full_size(
    tmp_path: Path, side: int, last_step: bool
) -> None:
    _darkness_network(tmp_path / "darkness.onnx", side, last_step)
    photo, truth = _dark_disc(tmp_path)
    params = RemoveBackgroundParams(image="image", method="network", network=str(tmp_path / "darkness.onnx"))

    (made,) = run(params, workspace(tmp_path, {"image": photo}))

    assert iou(np.asarray(Image.open(made.path))[..., 3] / 255, truth) > 0.99
    assert made.details["method"] == "darkness"
    assert made.details["quality"] is None
    assert made.details["network_sha256"] == hashlib.sha256((tmp_path / "darkness.onnx").read_bytes()).hexdigest()


def test_a_new_background_is_cut_by_the_network_that_is_asked_for(tmp_path: Path) -> None:
    _darkness_network(tmp_path / "darkness.onnx")
    photo, _ = _dark_disc(tmp_path)
    params = ReplaceBackgroundParams(
        image="image", color="#2266cc", method="network", network=str(tmp_path / "darkness.onnx"), shadow="none"
    )

    (made,) = replace_background(params, workspace(tmp_path, {"image": photo}))

    assert made.details["cutout"] == "darkness"


def test_a_missing_file_is_named_and_never_fetched(tmp_path: Path) -> None:
    photo, _ = _dark_disc(tmp_path)
    params = RemoveBackgroundParams(image="image", method="network", network=str(tmp_path / "u2net.onnx"))

    with pytest.raises(Permanent, match=r"there is no file .*u2net\.onnx") as refused:
        run(params, workspace(tmp_path, {"image": photo}))

    assert "downloads none" in refused.value.hint


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.onnx").write_bytes(b"not a network")

    with pytest.raises(Corrupt, match=r"words\.onnx is no ONNX network that finds subjects"):
        open_network(tmp_path / "words.onnx")


def test_a_network_that_sees_nothing_is_no_cutout(tmp_path: Path) -> None:
    _darkness_network(tmp_path / "darkness.onnx")
    params = RemoveBackgroundParams(image="image", method="network", network=str(tmp_path / "darkness.onnx"))
    photo = picture(tmp_path, np.full((100, 100, 3), 200, np.uint8))

    with pytest.raises(Permanent, match="no subject found"):
        run(params, workspace(tmp_path, {"image": photo}))


@pytest.mark.parametrize(
    "given", [{"method": "network"}, {"network": "/x.onnx"}, {"method": "network", "network": "x"}]
)
@pytest.mark.parametrize("params", [RemoveBackgroundParams, ReplaceBackgroundParams])
def test_the_file_and_the_method_belong_together(params: Any, given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="network"):
        params(image="image", **given)
