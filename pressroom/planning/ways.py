"""How a node is asked for: one of the ways that an operation leaves to the plan, and what the plan says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pressroom.catalog.limits import SECONDS_TOLERANCE
from pressroom.catalog.models import Model
from pressroom.catalog.presets import WORDED, goes_as_parameter
from pressroom.catalog.shapes import Shape, goes_by_picture, main_of, shape_of
from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.near_size import SAME_SHAPE, cropped, enlarged
from pressroom.domain.operation import Expectation, Operation, Params, size_of
from pressroom.planning.offers import Offer
from pressroom.planning.parameters import Resolved


@dataclass(frozen=True, slots=True)
class Asked:
    """One way to ask for a node, with the model that makes it or why there is none."""

    resolved: Resolved
    expected: Expectation
    prompt: str
    facts: Mapping[str, Any]
    chosen: Offer | Problem


def ways_of(operation: Operation[Any], resolved: Resolved) -> Iterator[tuple[Resolved, str]]:
    """The parameters in the order in which they are tried, and why; as they are where nothing is left open."""
    ways = operation.ways(resolved.params, resolved.infos) if operation.ways else ()
    if not ways:
        yield resolved, ""
    for way in ways:
        yield replace(resolved, params=way.params), way.why


def explained(offer: Offer, way_taken: Resolved, why: str, before: str) -> Offer:
    """The offer with all that is to be said of it: the way taken, why not the one before, how a style or a mood goes, and what
    is ordered in place of what was asked for.
    """
    params = way_taken.params
    silenced = "its sound is taken out" if offer.model.always_sound and is_silent(params) else ""
    way = f"{why}, since otherwise {before}" if why and before else why
    said = "; ".join(
        filter(None, (way, offer.why, *worded(offer.model, params), *_shaped(offer, way_taken.infos), silenced))
    )
    return offer if said == offer.why else replace(offer, why=said)


def worded(model: Model, params: Params) -> Iterator[str]:
    """`preset anime in words`, for what every model that is bought follows."""
    for name in WORDED if model.provider != "local" else ():
        value = getattr(params, name, None)
        if value:
            how = "by parameter" if goes_as_parameter(value, model.parameters, name) else "in words"
            yield f"{name} {value} {how}"


def is_silent(params: Params) -> bool:
    """Whether a clip is to have no sound: none is to be made, and none of the user's goes with it."""
    return getattr(params, "generate_audio", None) is False and getattr(params, "audio", None) is None


def _shaped(offer: Offer, infos: Mapping[str, MediaInfo]) -> Iterator[str]:
    """`its picture is cropped to the clip's shape first; 5 s are ordered and billed, 3 s of them kept`."""
    made = main_of(offer.outputs)
    shape = shape_of(offer.model, made)
    if made is None or isinstance(shape, str):
        return
    if (
        goes_by_picture(offer.model)
        and shape.width
        and shape.height
        and any(_is_cropped(i, shape) for i in infos.values())
    ):
        yield "its picture is cropped to the clip's shape first"
    if shape.width and shape.height and made.width and made.height:
        times = enlarged((shape.width, shape.height), (made.width, made.height))
        if times > 1 + SAME_SHAPE:
            yield f"{shape.width} x {shape.height} are made, and enlarged {times:.3g} times"
    wanted = made.duration_seconds
    if shape.seconds is not None and wanted is not None and shape.seconds - wanted > SECONDS_TOLERANCE:
        yield f"{shape.seconds:g} s are ordered and billed, {wanted:g} s of them kept"


def _is_cropped(info: MediaInfo, shape: Shape) -> bool:
    size = size_of(info) if info.kind is Kind.IMAGE else None
    return size is not None and cropped(size, (shape.width or 1, shape.height or 1)) > SAME_SHAPE


def only_sold(operation: Operation[Any], problem: Problem) -> Problem:
    """Where no model was found, and this machine never has one: why."""
    if problem.code != "no_model" or not operation.only_sold:
        return problem
    return replace(problem, message=f"{problem.message}: {operation.only_sold}")
