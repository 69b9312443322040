"""A step's `with`, evaluated for one variant: validated parameters, and the sources behind its asset parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from pressroom.campaign.expressions import Expression, compile_expression, has_expression, references_in
from pressroom.campaign.validation_messages import problems_of
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.media import MediaInfo
from pressroom.domain.operation import AssetSlot, Operation, Params, asset_slots
from pressroom.planning.plan import Files, FileSource, NodeSource, Source
from pressroom.planning.variants import Cell, Placed


@dataclass(frozen=True, slots=True)
class Resolved:
    """Validated parameters of one node and what its asset parameters stand for."""

    params: Params
    inputs: Mapping[str, Source]

    @property
    def infos(self) -> dict[str, MediaInfo]:
        return {name: source.info for name, source in self.inputs.items()}


class ParameterError(Exception):
    """Everything wrong with the parameters of one node. The paths begin in its step: `("with", "width")`."""

    def __init__(self, *found: Problem) -> None:
        super().__init__(found[0].message)
        self.found = found


class Template:
    """A step's `with`, prepared once: constants stay, expressions are evaluated for each variant."""

    def __init__(self, operation: Operation[Any], values: Mapping[str, Any]) -> None:
        self.operation = operation
        self.slots = asset_slots(operation.params)
        self.prepared = {name: _prepare(value) for name, value in values.items()}
        self._dimensions = {name: frozenset(references_in(value, "each")) for name, value in values.items()}
        self._refers = {name for name, value in values.items() if references_in(value, "steps")}

    def depends_on(self, parameter: str, dimension: str) -> bool:
        """Whether another value of the dimension could mend the parameter; "" stands for all of them together."""
        if parameter not in self._dimensions:
            return bool(self._refers) or any(dimension in found for found in self._dimensions.values())
        return dimension in self._dimensions[parameter]

    def resolve(self, cell: Cell, scope: Mapping[str, Any], files: Files) -> Resolved:
        """Raises ParameterError naming the parameter that is wrong."""
        inputs: dict[str, Source] = {}
        values: dict[str, Any] = {}
        wrong: list[Problem] = []
        for name, prepared in self.prepared.items():
            slot = self.slots.get(name)
            try:
                if slot is None:
                    values[name] = _evaluate(prepared, scope)
                else:
                    values[name] = _assets(name, slot, prepared, scope, cell, files, inputs)
            except Invalid as exc:
                wrong.append(_wrong(name, exc.problems[0].message, exc.problems[0].hint))
            except ParameterError as exc:
                wrong += exc.found
        if wrong:
            raise ParameterError(*wrong)
        try:
            return Resolved(self.operation.params.model_validate(values), inputs)
        except ValidationError as exc:
            found = problems_of(exc, values, self.operation.params)
            raise ParameterError(*map(_of_parameter, found)) from exc


def _prepare(value: Any) -> Any:
    """The value with every text that holds an expression compiled."""
    if isinstance(value, str):
        return compile_expression(value) if has_expression(value) else value
    if isinstance(value, Mapping):
        return {key: _prepare(item) for key, item in value.items()}
    return [_prepare(item) for item in value] if isinstance(value, list | tuple) else value


def _evaluate(prepared: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(prepared, Expression):
        return prepared.evaluate(scope)
    if isinstance(prepared, dict):
        return {key: _evaluate(item, scope) for key, item in prepared.items()}
    return [_evaluate(item, scope) for item in prepared] if isinstance(prepared, list) else prepared


def _assets(
    name: str,
    slot: AssetSlot,
    prepared: Any,
    scope: Mapping[str, Any],
    cell: Cell,
    files: Files,
    inputs: dict[str, Source],
) -> Any:
    """Put the sources behind an asset parameter into `inputs`; returns the names that stand for them."""
    value = _references(prepared, scope, cell)
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, list):
        inputs[name] = _source(name, slot, value, files)
        return name
    for number, item in enumerate(value):
        inputs[f"{name}[{number}]"] = _source(name, slot, item, files)
    return [f"{name}[{number}]" for number in range(len(value))]


def _references(prepared: Any, scope: Mapping[str, Any], cell: Cell) -> Any:
    """Evaluate, with whole references to steps replaced by their nodes; nested lists become one."""
    if isinstance(prepared, list):
        flat: list[Any] = []
        for item in prepared:
            value = _references(item, scope, cell)
            flat.extend(value) if isinstance(value, list) else flat.append(value)
        return flat
    if isinstance(prepared, Expression) and prepared.step_reference is not None:
        found = cell.refs[prepared.step_reference]
        return list(found) if isinstance(found, tuple) else found
    value = _evaluate(prepared, scope)
    return list(value) if isinstance(value, tuple) else value


def _source(name: str, slot: AssetSlot, value: Any, files: Files) -> Source:
    allowed = " or ".join(slot.kinds)
    if isinstance(value, Placed):
        node = value.node
        if all(label for label, _ in node.outputs):
            message = f"step {node.step!r} makes one file per placement, so it cannot be an input"
            raise ParameterError(_wrong(name, message, "refer to the step before it"))
        info = node.outputs[0][1]
        if info.kind not in slot.kinds:
            raise ParameterError(_wrong(name, f"step {node.step!r} makes {info.kind}, {name} takes {allowed}"))
        return NodeSource(node.id, node.key, info)
    if not isinstance(value, str) or not value:
        raise ParameterError(_wrong(name, f"{value!r} is no media file", "give a path, an input or {{ steps.NAME }}"))
    facts = files.media(value)
    if facts.info is None:
        raise ParameterError(_wrong(name, facts.problem))
    if facts.info.kind not in slot.kinds:
        raise ParameterError(_wrong(name, f"{facts.path or value} is {facts.info.kind}, {name} takes {allowed}"))
    return facts.source(value)


def notes_of(step: str, inputs: Mapping[str, Source]) -> Iterator[Problem]:
    """What was left out of the files of a step when they were read: it refuses nothing."""
    for name, source in inputs.items():
        if isinstance(source, FileSource):
            for note in source.info.notes:
                path = ("steps", step, "with", name.partition("[")[0])
                yield Problem("file_note", f"{source.path}: {note}", path=path, fatal=False)


def _wrong(parameter: str, message: str, hint: str = "") -> Problem:
    return Problem("parameter", message, hint, path=("with", parameter))


def _of_parameter(problem: Problem) -> Problem:
    """At the parameter: a list may have been flattened, so deeper places are not those of the campaign."""
    return replace(problem, code="parameter", path=("with", *problem.path[:1]), on_key=False)
