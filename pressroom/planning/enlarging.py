"""Where a picture is to be larger than a bought model makes it: what is ordered in its place, and the upscale that follows.

The model makes the same shape with fewer pixels, and an upscale that the plan adds makes the rest of them. Pictures of the user's
own are theirs to enlarge, and clips nobody enlarges: of both the plan says how many times they are resized.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

from pressroom.campaign.models import Step
from pressroom.catalog.models import LOCAL, Model
from pressroom.catalog.shapes import main_of, shape_of
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.near_size import MOST_RESIZED, Pixels, enlarged
from pressroom.domain.operation import Expectation, Operation, size_of
from pressroom.planning.offers import LIMIT, Offer
from pressroom.planning.parameters import ParameterError, Resolved
from pressroom.planning.plan import FileSource, Node, NodeSource, Source
from pressroom.planning.variants import Cell, node_id
from pressroom.planning.ways import Asked

UPSCALE: Final = "upscale"
_SMALLER: Final = (2, 4)  # times: what enlarges a picture more often invents it
_SIZES_TRIED: Final = 64
Offered = tuple[Asked, Offer]
Ask = Callable[[Resolved], Offered]  # raises ParameterError where nothing makes it


@dataclass(frozen=True, slots=True)
class Smaller:
    """What is ordered in place of a picture that is too large for its model."""

    asked: Asked
    offer: Offer
    wanted: Pixels

    @property
    def made(self) -> MediaInfo:
        """The smaller picture."""
        return self.offer.outputs[0][1]

    @property
    def sides(self) -> dict[str, int]:
        """The parameter of an upscale that gives the wanted size to the pixel."""
        size = size_of(self.made)
        assert size is not None, "it was ordered by its sides"
        return _side(size, self.wanted) or {}

    @property
    def why(self) -> str:
        across, down = self.wanted
        return f"{across} x {down} is more than {self.offer.model.name} makes, so {_text(self.made)} is enlarged"


class Compiling(Protocol):
    """What compiles the campaign: it finds models and makes nodes."""

    request: Any

    def offered(self, name: str, step: Step, operation: Operation[Any], resolved: Resolved) -> Offered: ...

    def made(
        self, identity: str, name: str, step: Step, operation: Operation[Any], offered: Offered, cell: Cell
    ) -> Node: ...

    def note(self, name: str, identity: str, message: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a node stands in its campaign."""

    id: str
    name: str
    step: Step
    cell: Cell

    def before(self, operation: str) -> Seat:
        """The seat of what is added for this one."""
        return replace(self, id=node_id(f"{self.name}.{operation}", self.cell.variant))


class Enlarger:
    """Makes the nodes of one campaign, with an upscale where more pixels are wanted than a bought model makes."""

    def __init__(self, compiling: Compiling) -> None:
        self._compiling = compiling
        self.added = 0  # nodes
        self._before: dict[str, list[Node]] = {}
        self._painted: set[str] = set()  # nodes whose pixels a bought model chose, and what is made of them
        self._filmed: set[str] = set()  # nodes whose clip a bought model made

    def before(self, node: str) -> tuple[Node, ...]:
        """What was added to the plan for a node."""
        return tuple(self._before.get(node, ()))

    def node(self, seat: Seat, operation: Operation[Any], resolved: Resolved) -> Node:
        """Raises ParameterError where no model makes it."""
        if found := too_small(operation, resolved, self._compiling.request.catalog.placements):
            resolved = self._from_larger(seat, resolved, *found)
        first: Offered | ParameterError
        try:
            first = self._offered(seat, operation, resolved)
        except ParameterError as exc:
            first = exc
        two = self._in_two(seat, operation, resolved, first) if operation.at_size else None
        if two is not None:
            return two
        if isinstance(first, ParameterError):
            raise first
        return self._made(seat, operation, first)

    def _in_two(
        self, seat: Seat, operation: Operation[Any], resolved: Resolved, first: Offered | ParameterError
    ) -> Node | None:
        """The picture in fewer pixels, and the node that makes the rest of them; None where one node does."""
        expected = operation.expect(resolved.params, resolved.infos, self._compiling.request.catalog.placements)
        smaller = smaller_for(operation, resolved, expected, partial(self._offered, seat, operation), first)
        if smaller is None:
            return None
        small = self._made(seat.before(operation.name), operation, (smaller.asked, smaller.offer))
        try:
            larger = self._upscale(seat, NodeSource(small.id, small.key, smaller.made), smaller.sides, smaller.why)
        except ParameterError as exc:
            if not isinstance(first, ParameterError):
                self._compiling.note(seat.name, seat.id, f"{smaller.why} by resizing alone: {exc}")
            return None
        self._add(seat, small)
        return replace(self._made(seat, self._operation, larger), placement=expected.placement)

    def _from_larger(self, seat: Seat, resolved: Resolved, source: Source, times: float) -> Resolved:
        """The parameters with an enlarged picture in place of one that a bought model has made too small.

        What is the user's own, or is a clip, is only resized, and the plan says so.
        """
        info = source.info
        if isinstance(source, FileSource) or source.node_id in self._filmed:
            self._compiling.note(seat.name, seat.id, _resized(source, times))
            return resolved
        if source.node_id not in self._painted or info.width is None:
            return resolved
        why = f"{_text(info)} would be enlarged {times:.3g} times"
        try:
            larger = self._upscale(seat, source, {"width": math.ceil(info.width * times)}, why)
        except ParameterError as exc:
            self._compiling.note(seat.name, seat.id, f"{why} by resizing alone: {exc}")
            return resolved
        made = self._made(seat.before(UPSCALE), self._operation, larger)
        self._add(seat, made)
        return replace(resolved, inputs={**resolved.inputs, "image": NodeSource(made.id, made.key, made.outputs[0][1])})

    def _upscale(self, seat: Seat, source: NodeSource, sides: Mapping[str, int], why: str) -> Offered:
        params = self._operation.params.model_validate({"image": "image", "mode": "auto", **sides})
        # A model of the step's own is one of another operation.
        step = seat.step.model_copy(update={"model": None, "fallback": seat.step.fallback is True or None})
        asked, offer = self._offered(replace(seat, step=step), self._operation, Resolved(params, {"image": source}))
        return asked, replace(offer, why=f"{why}; {offer.why}")

    @property
    def _operation(self) -> Operation[Any]:
        found: Operation[Any] = self._compiling.request.operations[UPSCALE]
        return found

    def _offered(self, seat: Seat, operation: Operation[Any], resolved: Resolved) -> Offered:
        return self._compiling.offered(seat.name, seat.step, operation, resolved)

    def _made(self, seat: Seat, operation: Operation[Any], offered: Offered) -> Node:
        node = self._compiling.made(seat.id, seat.name, seat.step, operation, offered, seat.cell)
        if (operation.at_size and node.provider != LOCAL) or not self._painted.isdisjoint(node.upstream):
            self._painted.add(node.id)
        if node.provider != LOCAL and any(made.kind is Kind.VIDEO for _, made in node.outputs):
            self._filmed.add(node.id)
        return node

    def _add(self, seat: Seat, node: Node) -> None:
        """Only the last node of a step is delivered and has its words."""
        self._before.setdefault(seat.id, []).append(replace(node, deliver=False, words={}))
        self.added += 1


def smaller_for(
    operation: Operation[Any], resolved: Resolved, expected: Expectation, ask: Ask, first: Offered | ParameterError
) -> Smaller | None:
    """What to order where the model of this picture makes it too small, or none makes it as large; None where all is well.

    `first` is what came of asking for the whole size.
    """
    at_size, wanted = operation.at_size, _size(main_of(expected.outputs))
    if at_size is None or wanted is None or not _falls_short(first, wanted):
        return None
    for most in _most(first, wanted):
        size = _fitting(wanted, most)
        found = _asked(ask, replace(resolved, params=at_size(resolved.params, size))) if size else None
        made = found and _made(found[1])
        if found and size and made and enlarged(made, size) > 1 and (less := _fitting(wanted, made)):
            # Only that many pixels are its own.
            found = _asked(ask, replace(resolved, params=at_size(resolved.params, less)))
        if found and not _is_no_better(found[1].model, first):
            return Smaller(*found, wanted)
    return None


def too_small(
    operation: Operation[Any], resolved: Resolved, placements: Mapping[str, Any]
) -> tuple[Source, float] | None:
    """The picture or clip that a step enlarges, and how many times, where that is more than nobody sees."""
    source = resolved.inputs.get("image")
    if operation.enlarges is None or source is None:
        return None
    times = operation.enlarges(resolved.params, resolved.infos, placements)
    return (source, times) if times > MOST_RESIZED else None


def _falls_short(first: Offered | ParameterError, wanted: Pixels) -> bool:
    if isinstance(first, ParameterError):
        return any(problem.code in (LIMIT, "no_model_fits") for problem in first.found)
    made = _made(first[1])
    return first[1].outgrown or (made is not None and enlarged(made, wanted) > MOST_RESIZED)


def _is_no_better(model: Model, first: Offered | ParameterError) -> bool:
    """Whether the tier of what makes the whole size makes the smaller one, too."""
    if model.provider == LOCAL or isinstance(first, ParameterError):
        return model.provider == LOCAL
    return first[1].outgrown and model.tier == first[1].model.tier


def _most(first: Offered | ParameterError, wanted: Pixels) -> Iterator[Pixels]:
    """The largest sizes to try: what the chosen model makes, else shares of the wanted one."""
    made = None if isinstance(first, ParameterError) or first[1].outgrown else _made(first[1])
    if made is not None:
        yield made
        return
    for times in _SMALLER:
        yield wanted[0] // times, wanted[1] // times


def _asked(ask: Ask, resolved: Resolved) -> Offered | None:
    try:
        return ask(resolved)
    except ParameterError:
        return None


def _made(offer: Offer) -> Pixels | None:
    """What the vendor makes, where it is told a size."""
    main = main_of(offer.outputs)
    shape = shape_of(offer.model, main)
    if main is None or main.kind is not Kind.IMAGE or isinstance(shape, str) or not shape.width or not shape.height:
        return None
    return shape.width, shape.height


def _size(made: MediaInfo | None) -> Pixels | None:
    return size_of(made) if made is not None and made.kind is Kind.IMAGE else None


def _fitting(wanted: Pixels, most: Pixels) -> Pixels | None:
    """The largest size of the wanted shape within another one, from which whole pixels lead to the wanted size."""
    share = min(most[0] / wanted[0], most[1] / wanted[1])
    height = math.floor(wanted[1] * share)
    for down in range(height, max(0, height - _SIZES_TRIED), -1):
        size = (round(down * wanted[0] / wanted[1]), down)
        if size[0] and size[0] <= most[0] and _side(size, wanted):
            return size
    return None


def _side(size: Pixels, wanted: Pixels) -> dict[str, int] | None:
    if max(1, round(size[1] * wanted[0] / size[0])) == wanted[1]:
        return {"width": wanted[0]}
    if max(1, round(size[0] * wanted[1] / size[1])) == wanted[0]:
        return {"height": wanted[1]}
    return None


def _resized(source: Source, times: float) -> str:
    """What is said of pixels that nobody makes more of."""
    what = PurePosixPath(source.path).name if isinstance(source, FileSource) else "the clip"
    advice = "an upscale step before this one does that better"
    if source.info.kind is Kind.VIDEO:
        advice = "no model enlarges clips, so take a larger one"
    return f"{what} is {_text(source.info)} and is enlarged {times:.3g} times by resizing: {advice}"


def _text(made: MediaInfo) -> str:
    return f"{made.width} x {made.height}"
