"""What is wrong with a campaign beyond the types of its values: names that lead nowhere, circles, parameters.

Works on the plain values of the document, so that these mistakes are found together with wrong types.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from pydantic import ValidationError

from pressroom.campaign.dimensions import Opened, dependency_order
from pressroom.campaign.expressions import Expression, compile_expression, has_expression, texts
from pressroom.campaign.expressions.evaluate import Missing, kind_of, look_up
from pressroom.campaign.models import BrandSpec
from pressroom.campaign.paths import OUTSIDE_HINT, leaves_folder, outside
from pressroom.campaign.validation_messages import Path, dotted, problems_of
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.operation import Operation, asset_slots
from pressroom.domain.suggest import did_you_mean, nearest

EVALUATED: Final = ("with", "for_each", "count", "when", "title", "description", "alt_text", "tags", "collection")
PLACEMENT_PARAMETERS: Final = ("placement", "placements")


@dataclass(slots=True)
class _Step:
    """What is known of one step: its values, its expressions by path, and the steps it refers to (with one place each)."""

    name: str
    values: Mapping[str, Any]
    expressions: dict[Path, Expression] = field(default_factory=dict)
    refers: dict[str, Path] = field(default_factory=dict)
    sure: bool = True  # False where a reference to a step may be wrong, so that its dimensions are not known

    @property
    def path(self) -> Path:
        return ("steps", self.name)


class Checker:
    """All checks over one document."""

    def __init__(
        self,
        values: Mapping[str, Any],
        operations: Mapping[str, Operation[Any]],
        placements: Collection[str] | None,
    ) -> None:
        self.values = values
        self.operations = operations
        self.placements = placements
        self.inputs = _mapping(values.get("inputs"))
        self.brand = {**BrandSpec().model_dump(), **_mapping(values.get("brand"))}
        steps = _mapping(values.get("steps"))
        self.steps = {name: _Step(name, step) for name, step in steps.items() if isinstance(step, Mapping)}
        self.names = list(steps)

    def problems(self) -> Iterator[Problem]:
        yield from self._outside_steps()
        yield from self._deployed_inputs()
        for step in self.steps.values():
            yield from self._compile(step)
            yield from self._references(step)
            yield from self._operation(step)
            yield from _literals(step)
        yield from self._dimensions()

    def _outside_steps(self) -> Iterator[Problem]:
        for title, value in self.values.items():
            if title != "steps":
                for path, _ in texts(value, (title,)):
                    hint = "expressions belong into the with, for_each, count and when of a step"
                    yield Problem("expression", f"{{{{ }}}} is not evaluated in {title}", hint, path=path)

    def _deployed_inputs(self) -> Iterator[Problem]:
        deploy = _mapping(self.values.get("deploy"))
        given: list[tuple[Path, Any]] = [(("deploy", "inputs"), deploy.get("inputs"))]
        schedules = deploy.get("schedules")
        for number, schedule in enumerate(schedules if isinstance(schedules, list) else ()):
            given.append((("deploy", "schedules", number, "inputs"), _mapping(schedule).get("inputs")))
        for path, values in given:
            for name in _mapping(values):
                if name not in self.inputs:
                    yield self._unknown_input(name, (*path, name))

    def _unknown_input(self, name: str, path: Path) -> Problem:
        message = f"the campaign has no input {name!r}"
        return Problem("unknown_input", message, did_you_mean(name, self.inputs), path=path)

    # expressions

    def _compile(self, step: _Step) -> Iterator[Problem]:
        for part, value in step.values.items():
            for path, text in texts(value, (*step.path, part)):
                if part not in EVALUATED:
                    hint = f"{{{{ }}}} may stand in {', '.join(EVALUATED)}"
                    yield Problem("expression", f"{{{{ }}}} is not evaluated in {part}", hint, path=path)
                    continue
                try:
                    step.expressions[path] = compile_expression(text)
                except Invalid as exc:
                    step.sure = step.sure and part != "with"
                    yield Problem("expression", exc.problems[0].message, exc.problems[0].hint, path=path)

    def _references(self, step: _Step) -> Iterator[Problem]:
        for path, expression in step.expressions.items():
            for root, name in sorted(expression.references):
                if root == "inputs" and name not in self.inputs:
                    yield self._unknown_input(name, path)
                elif root == "steps":
                    yield from self._step_reference(step, path, name)
            yield from self._brand(path, expression)

    def _brand(self, path: Path, expression: Expression) -> Iterator[Problem]:
        for keys in sorted(expression.paths):
            value: Any = self.brand
            if keys[0] == "brand":
                try:
                    for number, key in enumerate(keys[1:], 1):
                        value = look_up(value, key, ".".join(keys[:number]))
                except Missing as exc:
                    yield Problem("unknown_brand", exc.message, exc.hint, path=path)

    def _step_reference(self, step: _Step, path: Path, name: str) -> Iterator[Problem]:
        if path[2] != "with":
            message = f"steps.{name} may only be used in with, not in {path[2]}"
            yield Problem("step_reference", message, "what a step makes is not known while planning", path=path)
        elif name not in self.names:
            step.sure = False
            others = [other for other in self.names if other != step.name]
            yield Problem("unknown_step", f"there is no step {name!r}", did_you_mean(name, others), path=path)
        elif name == step.name:
            step.sure = False
            yield Problem(
                "cycle", f"step {name!r} refers to itself", "refer to the step whose result it needs", path=path
            )
        else:
            step.refers.setdefault(name, path)

    # parameters

    def _operation(self, step: _Step) -> Iterator[Problem]:
        uses = step.values.get("uses")
        if not isinstance(uses, str) or has_expression(uses):
            return
        operation = self.operations.get(uses)
        if operation is None:
            hint = did_you_mean(uses, self.operations)
            yield Problem("unknown_operation", f"unknown operation {uses!r}", hint, path=(*step.path, "uses"))
            return
        given = step.values.get("with")
        if given is None or isinstance(given, Mapping):
            yield from self._parameters(step, operation, given or {})

    def _parameters(self, step: _Step, operation: Operation[Any], given: Mapping[str, Any]) -> Iterator[Problem]:
        under = (*step.path, "with")
        fields = operation.params.model_fields
        for item in _parameter_problems(operation, given):
            yield replace(item, path=(*under, *item.path))
        for name in PLACEMENT_PARAMETERS:
            if name in given and name in fields:
                yield from self._placements((*under, name), given[name])

    def _placements(self, path: Path, value: Any) -> Iterator[Problem]:
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._placements((*path, number), item)
        elif isinstance(value, str) and not has_expression(value):
            known = self._placement_names()
            pattern = any(mark in value for mark in "*?[")
            if value not in known and not (pattern and any(fnmatchcase(name, value) for name in known)):
                message = f"no placement matches {value!r}" if pattern else f"there is no placement {value!r}"
                hint = f"{did_you_mean(value, known)} (pressroom placements lists all)"
                yield Problem("unknown_placement", message, hint, path=path)

    def _placement_names(self) -> Collection[str]:
        if self.placements is None:
            # Only a campaign that names placements pays for reading their table.
            from pressroom.catalog.load import load_catalog

            self.placements = load_catalog().placements
        return self.placements

    # dimensions

    def _dimensions(self) -> Iterator[Problem]:
        needs = {name: [other for other in step.refers if other in self.steps] for name, step in self.steps.items()}
        order, circles = dependency_order(needs)
        for circle in circles:
            first = self.steps[circle[0]]
            message = f"steps refer to each other in a circle: {' -> '.join((*circle, circle[0]))}"
            hint = "one of them must do without the other's result"
            yield Problem("cycle", message, hint, path=first.refers[circle[1]])
        opened: dict[str, Opened] = {}
        for name in order:
            step = self.steps[name]
            opened[name] = Opened.of(step.values, {other: opened.get(other) for other in needs[name]}, sure=step.sure)
            yield from (replace(problem, path=(*step.path, *problem.path)) for problem in opened[name].wrong)
            yield from _each(step, opened[name])


def _each(step: _Step, opened: Opened) -> Iterator[Problem]:
    if not opened.known:
        return
    for path, expression in step.expressions.items():
        inside = opened.at(path[2:])
        for root, name in sorted(expression.required):
            if root == "each" and name not in inside:
                hint = did_you_mean(name, inside) if inside else "open a dimension with for_each, feed or count"
                if name in opened.gathered:
                    hint = f"gather collects {name!r} into one list"
                yield Problem("unknown_dimension", f"no dimension {name!r} is open here", hint, path=path)


def _literals(step: _Step) -> Iterator[Problem]:
    """Values that must be a constant of one kind, or an expression."""
    count = step.values.get("count", 1)
    if isinstance(count, bool) or (isinstance(count, int) and count < 1) or _plain_text(count):
        message = f"count must be a whole number from 1 up, or an expression, got {count!r:.80}"
        yield Problem("value", message, path=(*step.path, "count"))
    when = step.values.get("when", True)
    if _plain_text(when):
        message = f"when must be true, false or an expression, got {when!r:.80}"
        yield Problem("value", message, "e.g. '{{ inputs.price > 10 }}'", path=(*step.path, "when"))
    for name, values in _mapping(step.values.get("for_each")).items():
        path = (*step.path, "for_each", name)
        expression = step.expressions.get(path)
        if _plain_text(values) or values == [] or (expression is not None and not expression.whole):
            shown = "an empty list" if values == [] else repr(values)[:80]
            message = f"for_each.{name} must be a list of values, or one expression that gives a list, got {shown}"
            yield Problem("value", message, path=path)


def _plain_text(value: Any) -> bool:
    return isinstance(value, str) and not has_expression(value)


def _parameter_problems(operation: Operation[Any], given: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the parameters that are known now; those with expressions are checked while planning."""
    fields = operation.params.model_fields
    skipped = {name for name, value in given.items() if next(texts(value), None)}
    for name in given:
        if name not in fields:
            close = nearest(name, fields)
            # The parameter that was meant is not missing as well.
            skipped |= {close} if close else set()
            hint = f"did you mean {close!r}? " if close else ""
            message = f"{operation.name} has no parameter {name!r}"
            yield Problem(
                "unknown_parameter", message, f"{hint}allowed: {', '.join(fields)}", path=(name,), on_key=True
            )
    literal, found = _with_assets(
        operation, {name: given[name] for name in given if name in fields and name not in skipped}
    )
    yield from found
    yield from _validate(operation, literal, skipped | {str(item.path[0]) for item in found})


def _with_assets(operation: Operation[Any], values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values with names in place of media files, as the operation will see them."""
    found: list[Problem] = []
    for name in asset_slots(operation.params).keys() & values.keys():
        value = values[name]
        if isinstance(value, str) and value:
            values[name] = name
        elif isinstance(value, list) and all(
            isinstance(item, str | None) for item in value
        ):  # empty ones are told apart
            values[name] = [f"{name}[{number}]" for number in range(len(value))]
        elif value is not None:
            shown = kind_of(value) if isinstance(value, Mapping | list) else repr(value)
            message = f"{name} must be a media file, got {shown}"
            found.append(Problem("value", message, "give a path, {{ inputs.NAME }} or {{ steps.NAME }}", path=(name,)))
            del values[name]
    return values, found


def _validate(operation: Operation[Any], literal: dict[str, Any], skipped: set[str]) -> Iterator[Problem]:
    """What the operation says of the values that are known now; the rest is checked while planning."""
    try:
        operation.params.model_validate(literal)
    except ValidationError as exc:
        for item in problems_of(exc, literal, operation.params):
            whole = not item.path
            if not (whole and skipped) and not (item.path and item.path[0] in skipped):
                yield item


def empty_items(value: Any, path: Path = ()) -> Iterator[Problem]:
    """List items in which nothing is written: a dash without a value, null, an empty text."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from empty_items(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            here = (*path, number)
            if item is None or (isinstance(item, str) and not item.strip()):
                yield Problem("empty_item", f"{dotted(here)} is empty", "write a value, or delete the item", path=here)
            else:
                yield from empty_items(item, here)


def doubtful_words(words: Mapping[Path, str]) -> Iterator[Problem]:
    """`True` among values of no set type: whether the word is meant or the truth cannot be known, and it would print as true."""
    for path, written in words.items():
        if path[2:3] in (("for_each",), ("default",)):
            hint = f'write {written.lower()}, or "{written}" for the word'
            yield Problem("value", f"{dotted(path)}: {written} may be a word or true/false", hint, path=path)


def paths_outside(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Feeds, the logo and font files that lead out of the campaign's folder as they are written."""
    for path, name in _named_files(values):
        if isinstance(name, str) and leaves_folder(name):
            yield Problem("outside", f"{dotted(path)}: {outside(name)}", OUTSIDE_HINT, path=path)


def _named_files(values: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    brand = _mapping(values.get("brand"))
    yield ("brand", "logo"), brand.get("logo")
    for role, font in _mapping(brand.get("fonts")).items():
        yield ("brand", "fonts", role), font
    for step, content in _mapping(values.get("steps")).items():
        feed = _mapping(content).get("feed")
        yield ("steps", step, "feed"), feed
        for dimension, name in _mapping(feed).items():
            yield ("steps", step, "feed", dimension), name


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
