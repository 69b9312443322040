"""Small ONNX networks made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save_model


def repeating(folder: Path, scale: int = 4, side: int | None = None) -> Path:
    """A network that repeats every pixel, as an ONNX file; with a `side` it takes squares of that size only."""
    shape = [1, 3, side or "height", side or "width"]
    scales = numpy_helper.from_array(np.array([1, 1, scale, scale], np.float32), "scales")
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="nearest", nearest_mode="floor",
                            coordinate_transformation_mode="asymmetric")  # fmt: skip
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    given = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, "h", "w"])
    graph = helper.make_graph([node], "repeat", [taken], [given], [scales])
    path = folder / f"repeat-{scale}-{side}.onnx"
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path
