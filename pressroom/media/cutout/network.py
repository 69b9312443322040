"""Masks by a network of the optional extra `rembg` whose weights lie on this machine's disk. Nothing is ever downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.cutout.masks import Mask
from pressroom.media.cutout.segmentation import reduced


class Network(NamedTuple):
    """`session` is the rembg session that feeds this kind of network from a file."""

    session: str
    weights: str


# The sessions "u2net" and the like fetch what they lack; the custom ones only read the file they are given.
NETWORKS: Final = {
    "u2net": Network("u2net_custom", "u2net.onnx"),
    "u2netp": Network("u2net_custom", "u2netp.onnx"),
    "u2net_human_seg": Network("u2net_custom", "u2net_human_seg.onnx"),
    "silueta": Network("u2net_custom", "silueta.onnx"),
    "isnet-general-use": Network("dis_custom", "isnet-general-use.onnx"),
}


def weights_of(model: str) -> Path:
    """The network's weights where rembg keeps them. Raises Permanent without the package or the file."""
    sessions = _sessions()
    place = sessions[model].resolve_existing(NETWORKS[model].weights)
    if place is None:
        folder = sessions[model].model_dir()
        raise Permanent(
            f"the weights of {model} are not on this machine",
            hint=f"put {NETWORKS[model].weights} into {folder}, or use method: classical; Pressroom downloads no model",
            model=model,
        )
    return Path(place)


def learned_mask(rgb: NDArray[np.uint8], model: str) -> Mask:
    """The subject's mask at reduced size. Raises Permanent or Corrupt when the network cannot be used."""
    weights = weights_of(model)
    session = _opened(NETWORKS[model].session, weights)
    # rembg divides by the answer's range, which is nothing where the network sees nothing.
    with np.errstate(invalid="ignore"):
        (answer,) = session.predict(Image.fromarray(reduced(rgb)))
    return np.asarray(np.asarray(answer) >= 128)


def _sessions() -> dict[str, Any]:
    try:
        from rembg.sessions import sessions_class  # an optional extra, and slow to load
    except ImportError as exc:
        hint = "install it with: pip install 'pressroom[rembg]', or use method: classical"
        raise Permanent("method: rembg needs the package rembg", hint=hint) from exc
    return {kind.name(): kind for kind in sessions_class}


def _opened(session: str, weights: Path) -> Any:
    from onnxruntime import SessionOptions
    from onnxruntime.capi import onnxruntime_pybind11_state as onnx
    from rembg import new_session

    options = SessionOptions()
    options.log_severity_level = 3
    try:
        # One kind of device: another one's rounding would give other pixels for the same key.
        return new_session(session, sess_opts=options, model_path=str(weights), providers=["CPUExecutionProvider"])
    except (onnx.Fail, onnx.InvalidProtobuf, onnx.InvalidGraph, onnx.InvalidArgument, onnx.NotImplemented) as exc:
        raise Corrupt(f"{weights.name} is no usable ONNX network: {exc}", hint="fetch the weights again") from exc
