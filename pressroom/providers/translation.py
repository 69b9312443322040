"""An order in the vendor's own names, values and files. No default of the operation's is left to the vendor's."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from pressroom.catalog.models import Model, Sizing
from pressroom.catalog.phrases import phrased
from pressroom.catalog.presets import WORDED, styled
from pressroom.catalog.shapes import SIDES, Shape, shape_of
from pressroom.domain.errors import Permanent
from pressroom.domain.media import UNKNOWN_MIME, MediaInfo
from pressroom.domain.operation import Operation, asset_slots
from pressroom.media.files.sniff import HEAD_BYTES, sniff
from pressroom.providers.api import Purchase
from pressroom.providers.base import FREE_OF_CHARGE, Order
from pressroom.providers.http.messages import Upload
from pressroom.settings import MediaLimits

_EMPTY: Final[tuple[Any, ...]] = (None, "", [])
_MASK: Final = "mask"
_IMAGE: Final = "image"


def translated(
    order: Order, operation: Operation[Any], model: Model, folder: Path, limits: MediaLimits, callback_url: str = ""
) -> Purchase:
    """What is sent of an order; files that have to be written for it lie in `folder`.

    An order that is looked up has no files. Raises Permanent for what the model cannot make.
    """
    shape = shape_of(model, order.makes)
    if isinstance(shape, str):
        raise Permanent(f"{model.name} cannot make this: {shape}", billed=FREE_OF_CHARGE)
    assets = asset_slots(operation.params).keys()
    inputs = _prepared(order.inputs, model, folder, limits)
    params = _worded(phrased({**_defaults_of(operation), **order.params}, model.phrased), model)
    fields = {
        **fields_of(params, assets, model, shape),
        **_factor(params, order, model, limits),
        **_canvas(params, order.makes, model.sizing),
    }
    return Purchase(order, model, shape, fields, files_of(inputs, assets, model), callback_url)


def fields_of(params: Mapping[str, Any], assets: Collection[str], model: Model, shape: Shape) -> dict[str, Any]:
    """The vendor's names and values for all but files; what is always sent comes first, what is empty is not said."""
    said = {
        theirs: model.values.get(ours, {}).get(str(params[ours]), params[ours])
        for ours, theirs in model.parameters.items()
        if ours not in assets and params.get(ours) not in _EMPTY
    }
    return {**model.fixed, **(shape.fields or {}), **{name: value for name, value in said.items() if value is not None}}


def files_of(
    inputs: Mapping[str, Path], assets: Collection[str], model: Model
) -> dict[str, Upload | tuple[Upload, ...]]:
    """The vendor's names for the inputs: one file, or several in their order where the parameter is a list."""
    found: dict[str, Upload | tuple[Upload, ...]] = {}
    for ours, theirs in model.parameters.items():
        uploads = tuple(_upload(path) for path in _paths(inputs, ours)) if ours in assets else ()
        if not uploads:
            continue
        if "{n}" in theirs:
            found |= {theirs.format(n=number): upload for number, upload in enumerate(uploads, 2)}
        elif theirs.endswith("[]"):
            before = found.get(theirs.removesuffix("[]"), ())
            found[theirs.removesuffix("[]")] = (*(before if isinstance(before, tuple) else (before,)), *uploads)
        else:
            found[theirs] = uploads[0] if ours in inputs else uploads
    return found


def _paths(inputs: Mapping[str, Path], name: str) -> list[Path]:
    """The files of a parameter: its one, or those of its list."""
    return [path for key, path in inputs.items() if key == name or key.startswith(f"{name}[")]


def _defaults_of(operation: Operation[Any]) -> dict[str, Any]:
    """Orders name only what differs from these."""
    fields = operation.params.model_fields
    return {name: row.get_default(call_default_factory=True) for name, row in fields.items() if not row.is_required()}


def _worded(params: Mapping[str, Any], model: Model) -> Mapping[str, Any]:
    """Styles and moods that the model has no parameter for, as words of the prompt."""
    for name in WORDED:
        if name in params:
            prompt, kept = styled(str(params.get("prompt", "")), params[name], model.parameters, name)
            rest = {key: value for key, value in params.items() if key != name}
            params = {**rest, "prompt": prompt, **({name: params[name]} if kept else {})}
    return params


def _factor(params: Mapping[str, Any], order: Order, model: Model, limits: MediaLimits) -> dict[str, float]:
    """How many times as large its input a model makes what was promised, rounded up to a hundredth."""
    if not model.sizing.factor:
        return {}
    from pressroom.media.files.images import inspect_image  # pixel libraries load slowly

    source = inspect_image(order.inputs[_IMAGE], limits) if _IMAGE in order.inputs else None
    made = order.makes
    if source is None or made is None or not (source.width and source.height and made.width and made.height):
        asked = params.get("scale")
        return {model.sizing.factor: asked} if asked else {}
    times = math.ceil(max(made.width / source.width, made.height / source.height) * 100 - 1e-6) / 100
    return {model.sizing.factor: int(times) if times.is_integer() else times}


def _canvas(params: Mapping[str, Any], makes: MediaInfo | None, sizing: Sizing) -> dict[str, list[int]]:
    """The whole picture and the part of it that is there already, for a model that adds to the sides."""
    if not sizing.canvas or makes is None or makes.width is None or makes.height is None:
        return {}
    left, right, up, down = (int(params[side]) for side in SIDES)
    return {
        sizing.canvas: [makes.width, makes.height],
        sizing.original_size: [makes.width - left - right, makes.height - up - down],
        sizing.original_place: [left, up],
    }


def _prepared(inputs: Mapping[str, Path], model: Model, folder: Path, limits: MediaLimits) -> Mapping[str, Path]:
    """The inputs, with a mask as the vendor reads it and as large as the picture."""
    if _MASK not in inputs:
        return inputs
    from pressroom.media.editing.mask import write_mask  # pixel libraries load slowly

    target = folder / "mask.png"
    write_mask(inputs[_MASK], inputs[_IMAGE], model.mask, target, limits, model.limits.max_mask_bytes)
    return {**inputs, _MASK: target}


def _upload(path: Path) -> Upload:
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    return Upload(path, UNKNOWN_MIME if found is None else found.mime, path.name)
