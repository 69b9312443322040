"""An order in the vendor's own names, values and files. No default of the operation's is left to the vendor's."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pressroom.catalog.models import Model, Sizing
from pressroom.catalog.phrases import phrased
from pressroom.catalog.presets import WORDED, styled
from pressroom.catalog.shapes import SIDES, Shape, goes_by_picture, shape_of
from pressroom.domain.errors import Permanent
from pressroom.domain.media import UNKNOWN_MIME, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Operation, asset_slots
from pressroom.media.files.sniff import sniff_file
from pressroom.providers.api import Purchase
from pressroom.providers.base import FREE_OF_CHARGE, Order
from pressroom.providers.briefs import brief_of
from pressroom.providers.http.messages import Upload

T = TypeVar("T")
_EMPTY: Final[tuple[Any, ...]] = (None, "", [])
_MASK: Final = "mask"
_IMAGE: Final = "image"


def translated(
    order: Order, operation: Operation[Any], model: Model, folder: Path, limits: MediaLimits, callback_url: str = ""
) -> Purchase:
    """What is sent of an order; files that have to be written for it lie in `folder`.

    Raises Permanent for what the model cannot make.
    """
    shape = shape_of(model, order.makes)
    if isinstance(shape, str):
        raise Permanent(f"{model.name} cannot make this: {shape}", billed=FREE_OF_CHARGE)
    assets = asset_slots(operation.params).keys()
    inputs = _shaped(_masked(order.inputs, model, folder, limits), model, shape, folder, limits)
    whole = {**_defaults_of(operation), **order.params}
    brief = brief_of(order.operation, whole) if model.in_brief else None
    params = _said(whole, model)
    fields = {
        **fields_of(params, assets, model, shape),
        **_factor(params, order, model, limits),
        **_canvas(params, order.makes, model.sizing),
    }
    uploads = {name: _upload(path) for name, path in inputs.items()}
    files = by_vendors_names(uploads, assets, model)
    return Purchase(order, model, shape, fields, files, callback_url, brief=brief, params=whole)


def sought(order: Order, sha256s: Mapping[str, str], operation: Operation[Any], model: Model) -> Purchase:
    """What an order that may have been sent is known by: its words and choices, and the digests of its files.

    What follows from the sizes of its files and of what it makes is not among it, nor is a file that is drawn anew to be sent.
    """
    assets = asset_slots(operation.params).keys()
    fields = fields_of(_said({**_defaults_of(operation), **order.params}, model), assets, model, Shape())
    kept = {name: value for name, value in fields.items() if name not in model.sizing.names}
    anew = goes_by_picture(model)
    known = {name: "" if anew or name == _MASK else digest for name, digest in sha256s.items()}
    return Purchase(order, model, Shape(), kept, sha256s=by_vendors_names(known, assets, model))


def _said(params: Mapping[str, Any], model: Model) -> Mapping[str, Any]:
    """The parameters, with words for those that the model has no other place for."""
    return _worded(phrased(params, model.phrased), model)


def fields_of(params: Mapping[str, Any], assets: Collection[str], model: Model, shape: Shape) -> dict[str, Any]:
    """The vendor's names and values for all but files; what is always sent comes first, what is empty is not said."""
    said = {
        theirs: model.values.get(ours, {}).get(str(params[ours]), params[ours])
        for ours, theirs in model.parameters.items()
        if ours not in assets and params.get(ours) not in _EMPTY
    }
    return {**model.fixed, **(shape.fields or {}), **{name: value for name, value in said.items() if value is not None}}


def by_vendors_names(inputs: Mapping[str, T], assets: Collection[str], model: Model) -> dict[str, T | tuple[T, ...]]:
    """What there is of each input under the vendor's name: of one, or of several in their order where that is a list."""
    found: dict[str, T | tuple[T, ...]] = {}
    for ours, theirs in model.parameters.items():
        values = tuple(_of(inputs, ours)) if ours in assets else ()
        if not values:
            continue
        if "{n}" in theirs:
            found |= {theirs.format(n=number): upload for number, upload in enumerate(values, 2)}
        elif theirs.endswith("[]"):
            before = found.get(theirs.removesuffix("[]"), ())
            found[theirs.removesuffix("[]")] = (*(before if isinstance(before, tuple) else (before,)), *values)
        else:
            found[theirs] = values[0] if ours in inputs else values
    return found


def _of(inputs: Mapping[str, T], name: str) -> list[T]:
    """What there is of a parameter: of its one input, or of those of its list."""
    return [each for key, each in inputs.items() if key == name or key.startswith(f"{name}[")]


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
    times = next((each for each in sorted(model.sizing.factors) if each >= times), times)
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


def _masked(inputs: Mapping[str, Path], model: Model, folder: Path, limits: MediaLimits) -> Mapping[str, Path]:
    """The inputs, with a mask as the vendor reads it and as large as the picture."""
    if _MASK not in inputs:
        return inputs
    from pressroom.media.editing.mask import write_mask  # pixel libraries load slowly

    target = folder / "mask.png"
    write_mask(inputs[_MASK], inputs[_IMAGE], model.mask, target, limits, model.limits.max_mask_bytes)
    return {**inputs, _MASK: target}


def _shaped(
    inputs: Mapping[str, Path], model: Model, shape: Shape, folder: Path, limits: MediaLimits
) -> Mapping[str, Path]:
    """The inputs, with pictures of the clip's shape where the clip gets theirs."""
    if not (goes_by_picture(model) and shape.width and shape.height):
        return inputs
    from pressroom.media.editing.conform import cropped_to  # pixel libraries load slowly

    return {
        name: cropped_to(path, shape.width / shape.height, folder / f"{number}.png", limits)
        for number, (name, path) in enumerate(inputs.items())
    }


def _upload(path: Path) -> Upload:
    found = sniff_file(path)
    return Upload(path, UNKNOWN_MIME if found is None else found.mime, path.name)
