"""The optional extra rembg: a small ONNX network made here, read by the real rembg session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.operations.remove_background import RemoveBackgroundParams, run
from pressroom.operations.replace_background import ReplaceBackgroundParams
from pressroom.operations.replace_background import run as replace_background
from tests.support.scenes import iou, scene
from tests.support.workspaces import picture, workspace

pytest.importorskip("rembg", reason="THE EXTRA rembg IS NOT INSTALLED")
onnx = pytest.importorskip("onnx", reason="onnx IS NOT INSTALLED")


def _darkness_network(path: Path) -> None:
    """Weights of a network with u2net's input and output whose mask is how dark a pixel is."""
    from onnx import TensorProto, helper, numpy_helper

    shape = [1, 3, 320, 320]
    weight = numpy_helper.from_array(np.full((1, 3, 1, 1), -1 / 3, np.float32), "weight")
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["input", "weight"], ["mean"]),
            helper.make_node("Mul", ["mean", "steep"], ["steeper"]),
            helper.make_node("Sigmoid", ["steeper"], ["mask"]),
        ],
        "darkness",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, 320, 320])],
        [weight, numpy_helper.from_array(np.float32(6), "steep")],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where rembg looks for u2net's weights; nothing is there yet."""
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "networks"))
    return tmp_path / "networks" / "u2net.onnx"


def test_the_network_finds_the_mask_and_the_outline_is_refined_at_full_size(tmp_path: Path, weights: Path) -> None:
    _darkness_network(weights)
    y, x = np.mgrid[0:400, 0:600]
    truth = np.clip(120.5 - np.hypot(x - 300, y - 200), 0, 1)
    photo = picture(tmp_path, 0.92 - 0.8 * truth[..., None] * np.ones(3))

    (made,) = run(RemoveBackgroundParams(image="image", method="rembg"), workspace(tmp_path, {"image": photo}))

    from PIL import Image

    alpha = np.asarray(Image.open(made.path))[..., 3] / 255
    assert iou(alpha, truth) > 0.99
    assert made.details["method"] == "u2net"
    assert made.details["quality"] is None


def test_a_new_background_is_cut_by_the_network_that_is_asked_for(tmp_path: Path, weights: Path) -> None:
    _darkness_network(weights)
    y, x = np.mgrid[0:300, 0:400]
    photo = picture(tmp_path, 0.92 - 0.8 * np.clip(90.5 - np.hypot(x - 200, y - 150), 0, 1)[..., None] * np.ones(3))
    params = ReplaceBackgroundParams(image="image", color="#2266cc", method="rembg", shadow="none")

    (made,) = replace_background(params, workspace(tmp_path, {"image": photo}))

    assert made.details["cutout"] == "u2net"


def test_missing_weights_are_named_and_never_fetched(tmp_path: Path, weights: Path) -> None:
    photo = picture(tmp_path, scene("mug", "plain", 1, 120, 120).photo)

    with pytest.raises(Permanent, match="weights of u2net are not on this machine") as refused:
        run(RemoveBackgroundParams(image="image", method="rembg"), workspace(tmp_path, {"image": photo}))

    assert "u2net.onnx" in refused.value.hint
    assert not weights.exists()


def test_weights_that_are_no_network_are_refused(tmp_path: Path, weights: Path) -> None:
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"not a network")
    photo = picture(tmp_path, scene("mug", "plain", 1, 120, 120).photo)

    with pytest.raises(Corrupt, match="no usable ONNX network"):
        run(RemoveBackgroundParams(image="image", method="rembg"), workspace(tmp_path, {"image": photo}))


def test_a_network_that_sees_nothing_is_no_cutout(tmp_path: Path, weights: Path) -> None:
    _darkness_network(weights)
    photo = picture(tmp_path, np.full((100, 100, 3), 200, np.uint8))

    with pytest.raises(Permanent, match="no subject found"):
        run(RemoveBackgroundParams(image="image", method="rembg"), workspace(tmp_path, {"image": photo}))
