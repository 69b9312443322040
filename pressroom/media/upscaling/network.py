"""Enlarging by a network that the user supplies as an ONNX file, such as Real-ESRGAN's. Nothing is ever downloaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.upscaling.enlarge import Enlarger, Pixels, alpha_enlarged, in_tiles, premultiplied, straight

MARGIN = 24  # source pixels around a tile; Real-ESRGAN's own tiling takes 10 and shows seams on flat ground
_TILE = 192
_PROBE_SIDE = 32


@dataclass(frozen=True)
class Network:
    """An opened network: it makes pictures `scale` times as large; `side` is the only input size it takes, or None."""

    session: Any
    scale: int
    side: int | None
    sha256: str

    def enlarger(self) -> Enlarger:
        return Enlarger(self.scale, self._enlarged)

    def _enlarged(self, pixels: Pixels, scale: int) -> Pixels:
        assert scale == self.scale, "an Enlarger is asked for its own scale only"
        tile = _TILE if self.side is None else self.side - 2 * MARGIN
        # One tile at a time: the runtime itself uses every core.
        return in_tiles(pixels, scale, self._tile, workers=1, tile=tile, margin=MARGIN)

    def _tile(self, part: Pixels) -> Pixels:
        height, width = part.shape[:2]
        color = premultiplied(part)[..., :3] / 255
        if self.side is not None:
            rest = ((0, self.side - height), (0, self.side - width), (0, 0))
            color = np.pad(color, rest, mode="edge")
        large = _asked(self.session, color)[: height * self.scale, : width * self.scale] * 255
        if part.shape[2] == 3:
            return straight(large)
        return straight(np.dstack([large, alpha_enlarged(part, self.scale)]))


def open_network(path: Path) -> Network:
    """The network in an ONNX file. Raises Permanent without the runtime or the file, Corrupt when it enlarges no pictures."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as onnx
    except ImportError as exc:
        hint = "there are no wheels of it for this machine: use mode: conservative"
        raise Permanent("mode: network needs the package onnxruntime", hint=hint) from exc
    if not path.is_file():
        raise Permanent(f"there is no file {path}", hint="give the path of an ONNX file; Pressroom downloads none")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    failures = (onnx.Fail, onnx.InvalidProtobuf, onnx.InvalidGraph, onnx.InvalidArgument, onnx.NotImplemented)
    try:
        # One kind of device: another one's rounding would give other pixels for the same key.
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        side = _only_side(session)
        probe = np.zeros((side or _PROBE_SIDE, side or _PROBE_SIDE, 3), np.float32)
        large = _asked(session, probe)
    except (*failures, ValueError, RuntimeError) as exc:
        raise Corrupt(f"{path.name} is no ONNX network that enlarges pictures: {exc}", hint="use another file") from exc
    scale, rest = divmod(large.shape[0], probe.shape[0])
    if large.ndim != 3 or large.shape[2] != 3 or rest or scale < 2 or (side is not None and side <= 2 * MARGIN):
        raise Corrupt(
            f"{path.name} turns {probe.shape} into {large.shape}: no enlarged picture", hint="use another file"
        )
    with path.open("rb") as file:
        return Network(session, scale, side, hashlib.file_digest(file, "sha256").hexdigest())


def _only_side(session: Any) -> int | None:
    """Some exports take one size of picture only."""
    *_, height, width = session.get_inputs()[0].shape
    if isinstance(height, int) and height != width:
        raise ValueError(f"takes pictures of {width} x {height} only, a square is needed")
    return height if isinstance(height, int) else None


def _asked(session: Any, color: Any) -> Any:
    """H x W x 3 in 0..1, enlarged."""
    batch = np.ascontiguousarray(color.transpose(2, 0, 1)[None], dtype=np.float32)
    (answer, *_) = session.run(None, {session.get_inputs()[0].name: batch})
    return np.asarray(answer, np.float32)[0].transpose(1, 2, 0)
