"""How surely each pixel of a photo belongs to its subject, by U-2-Net's small network that lies with `subject` (Apache-2.0).

ONNX Runtime runs it; where that has no wheels there is no network. A larger one is a file of the user's: nothing is downloaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.cutout.masks import Floats
from pressroom.media.subject.second_look import COLORS, MODEL

BUNDLED: Final = MODEL
SIDE: Final = 320  # of the square that U-2-Net takes; IS-Net takes 1024
# Of the pictures that each kind of network was trained on: mean and deviation of red, green, blue in 0..1.
U2NET_COLORS: Final = COLORS
ISNET_COLORS: Final = (np.float32(0.5), np.float32(1.0))


@dataclass(frozen=True)
class Network:
    """`name` is the file's; `side` is that of the square picture which it takes."""

    session: Any
    name: str
    side: int
    sha256: str

    def likelihood(self, rgb: NDArray[np.uint8]) -> Floats:
        """H x W in 0..1 for an H x W x 3 picture: how surely each pixel is the subject's."""
        small = cv2.resize(rgb, (self.side, self.side), interpolation=cv2.INTER_AREA).astype(np.float32)
        mean, deviation = U2NET_COLORS if self.side == SIDE else ISNET_COLORS
        color = (small / max(1.0, float(small.max())) - mean) / deviation
        batch = np.ascontiguousarray(color.transpose(2, 0, 1)[None], np.float32)
        answer = self.session.run([self.session.get_outputs()[0].name], {self.session.get_inputs()[0].name: batch})[0]
        shares: Floats = np.asarray(answer, np.float32).reshape(self.side, self.side)
        if shares.min() < 0 or shares.max() > 1:  # some exports leave out the last step
            shares = np.asarray(1 / (1 + np.exp(-shares)), np.float32)
        return np.asarray(cv2.resize(shares, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


@cache
def bundled() -> Network | None:
    """The network that lies beside this file, None on machines that ONNX Runtime has no wheels for."""
    return open_network(BUNDLED) if find_spec("onnxruntime") else None


def open_network(path: Path) -> Network:
    """The network in an ONNX file. Raises Permanent without the file or the runtime, Corrupt when it finds no subjects."""
    try:
        import onnxruntime  # half a second to load
        from onnxruntime.capi import onnxruntime_pybind11_state as onnx
    except ImportError as exc:
        hint = "use method: auto, which goes without a network here"
        raise Permanent("onnxruntime, which runs networks, is not there for this machine", hint=hint) from exc
    if not path.is_file():
        raise Permanent(f"there is no file {path}", hint="give the path of an ONNX file; Pressroom downloads none")
    failures = (onnx.Fail, onnx.InvalidProtobuf, onnx.InvalidGraph, onnx.InvalidArgument, onnx.NotImplemented)
    try:
        # One kind of device: another one's rounding would give other pixels for the same key.
        session = onnxruntime.InferenceSession(str(path), _options(onnxruntime), providers=["CPUExecutionProvider"])
        with path.open("rb") as file:
            network = Network(session, path.stem, _side(session), hashlib.file_digest(file, "sha256").hexdigest())
        if path != BUNDLED:
            network.likelihood(np.zeros((network.side, network.side, 3), np.uint8))
    except (*failures, ValueError, RuntimeError) as exc:
        raise Corrupt(f"{path.name} is no ONNX network that finds subjects: {exc}", hint="use another file") from exc
    return network


def _options(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # One thread and no arena: the same sums in the same order, the other core for the other masks, no memory kept.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return options


def _side(session: Any) -> int:
    *_, height, width = session.get_inputs()[0].shape
    if isinstance(height, int) and height != width:
        raise ValueError(f"takes pictures of {width} x {height} only, a square is needed")
    return height if isinstance(height, int) else SIDE
