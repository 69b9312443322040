"""A form for parameters, made from their JSON Schema: a control for each, and what was written in it as a JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from starlette.datastructures import FormData

from pressroom.campaign.document import read_document
from pressroom.campaign.dump import dump_document
from pressroom.campaign.paths import ASSET
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.media import Kind
from pressroom.domain.operation import PICKED, AssetSlot, Picked
from pressroom.reporting.format import words_of

_LONG: Final = 300  # from so many characters on a text has several lines
_NUMBERS: Final = ("integer", "number")


class Control(StrEnum):
    """How a value is entered. `structure` is written as YAML, `items` one on a line, `parts` in a field each."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    ASSET = "asset"
    ASSETS = "assets"
    ITEMS = "items"
    STRUCTURE = "structure"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a few that belong together, e.g. the left edge of a box."""

    name: str
    title: str
    help: str
    written: str
    number: bool
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter. `written` is what stands in its control, `default` what counts where nothing does.

    `id` is what its control is called in the form, `picked` how it is pointed out on a picture, `kinds` which media it takes.
    """

    name: str
    id: str
    title: str
    help: str
    control: Control
    required: bool
    written: str
    default: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    longest: int | None = None
    whole: bool = False
    problem: str = ""
    picked: Picked | None = None
    parts: tuple[Part, ...] = ()
    kinds: tuple[Kind, ...] = ()

    @property
    def media(self) -> list[str]:
        """The ids of assets that stand in it, without the word before them, and whatever else does."""
        return [each.removeprefix(ASSET) for each in _items(self.written)] if self.kinds else []


def fields_of(
    schema: Mapping[str, Any],
    slots: Mapping[str, AssetSlot],
    written: Mapping[str, str],
    problems: Mapping[str, str],
    suggested: Mapping[str, tuple[str, ...]] | None = None,
    prefix: str = "",
) -> list[Field]:
    """The schema's properties in their order. `slots` are of those that take files of the library, `suggested` are values to
    pick from where the schema names none; `prefix` stands before their names in the form.
    """
    required, more, kinds = schema.get("required", ()), suggested or {}, schema.get("$defs", {})
    return [
        _field(
            name,
            prefix + name,
            _resolved(part, kinds),
            slots.get(name),
            name in required,
            written.get(name),
            problems.get(name, ""),
            more.get(name),
        )
        for name, part in schema["properties"].items()
    ]


def written_in(form: FormData, schema: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """What stands in the form, by parameter; a switch that is off is not sent and says so by a field of its own."""
    found = {name: _text(form, prefix + name) for name in schema["properties"]}
    off = {name for name in map(str, form.getlist("shown")) if name not in form}
    return {name: text or ("false" if prefix + name in off else "") for name, text in found.items()}


def _text(form: FormData, name: str) -> str:
    """A value with fields for its parts is what stands in those, as YAML."""
    parts = {
        key.removeprefix(f"{name}."): str(value).strip()
        for key, value in form.multi_items()
        if key.startswith(f"{name}.")
    }
    if parts:
        given = {part: scalar(text) for part, text in parts.items() if text}
        return dump_document(given, inline=True).strip() if given else ""
    return str(form.get(name, "")).replace("\r\n", "\n").strip()


def scalar(text: str) -> Any:
    """A number where it is one; whatever else it is, is for the operation to judge."""
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text.replace(",", "."))
    except ValueError:
        return text


def values_in(
    schema: Mapping[str, Any], slots: Mapping[str, AssetSlot], written: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The parameters that were given as JSON values, and what is wrong with those that are none."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields_of(schema, slots, written, {}):
        if not field.written or (field.written == field.default and not field.required):
            continue
        try:
            values[field.name] = _value(field)
        except (ValueError, Invalid):
            message, hint = f"{field.title}: {field.written[:80]!r} cannot be read", _SAYS.get(field.control, "")
            problems.append(Problem("parameter", message, hint, path=(field.name,)))
    return values, problems


_SAYS: Final = {Control.NUMBER: "write a number, e.g. 12.5", Control.STRUCTURE: "write it as in a campaign"}


def _field(
    name: str,
    control_id: str,
    part: Mapping[str, Any],
    slot: AssetSlot | None,
    required: bool,
    written: str | None,
    bad: str,
    suggested: tuple[str, ...] | None,
) -> Field:
    ways = [way for way in _ways(part) if way.get("type") != "null"]
    control = _control(ways, slot is not None)
    default = _shown(part.get("default"), control)
    text = default if written is None else written
    picked, parts = _picked(ways, text)
    control = Control.PARTS if parts else control
    numbers = [way for way in ways if way.get("type") in _NUMBERS]
    return Field(
        name=name,
        id=control_id,
        title=words_of(name),
        help=_plain(part),
        control=control,
        required=required,
        written=text,
        default=default,
        choices=suggested or tuple(dict.fromkeys(choice for way in ways for choice in _choices(way))),
        least=min((way["minimum"] for way in numbers if "minimum" in way), default=None),
        most=max((way["maximum"] for way in numbers if "maximum" in way), default=None),
        longest=max((way["maxLength"] for way in ways if "maxLength" in way), default=None),
        whole=bool(numbers) and all(way["type"] == "integer" for way in numbers),
        problem=bad,
        picked=picked,
        parts=parts,
        kinds=slot.kinds if slot else (),
    )


def _resolved(part: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """With what its references to kinds of values stand for."""
    if "$ref" in part:
        return {**kinds.get(str(part["$ref"]).rpartition("/")[2], {}), **part}
    return {**part, "anyOf": [_resolved(way, kinds) for way in part["anyOf"]]} if "anyOf" in part else dict(part)


def _picked(ways: list[dict[str, Any]], text: str) -> tuple[Picked | None, tuple[Part, ...]]:
    """How a value is pointed out on a picture, and its parts as they stand in the text; no parts where that is a list of them."""
    way = next((way for way in ways if PICKED in way), None)
    if way is None:
        return None, ()
    picked = Picked(way[PICKED])
    try:
        given = _read(text) if text else {}
    except Invalid:
        given = None
    if "properties" not in way or not isinstance(given, dict):
        return (picked if picked is Picked.MASK else None), ()
    return picked, tuple(_part(name, each, given.get(name)) for name, each in way["properties"].items())


def _part(name: str, part: Mapping[str, Any], value: Any) -> Part:
    number = part.get("type") in _NUMBERS
    return Part(
        name=name,
        title=words_of(name),
        help=_plain(part),
        written="" if value is None else str(value),
        number=number,
        least=part.get("minimum") if number else None,
        most=part.get("maximum") if number else None,
    )


def _ways(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The kinds of value that it takes; what stands beside the kinds counts for each."""
    beside = {name: part[name] for name in ("enum", "maxLength") if name in part}
    return [{**way, **beside} for way in part.get("anyOf", (part,))]


def _control(ways: list[dict[str, Any]], is_asset: bool) -> Control:
    types = {way.get("type") for way in ways}
    if is_asset:
        return Control.ASSETS if "array" in types else Control.ASSET
    if types == {"boolean"}:
        return Control.SWITCH
    if types and types <= set(_NUMBERS):
        return Control.NUMBER
    if types == {"array"} and all(way.get("items", {}).get("type") == "string" for way in ways):
        return Control.ITEMS
    if types != {"string"}:
        return Control.STRUCTURE
    if all(_choices(way) for way in ways):
        return Control.CHOICE
    return Control.LONG if any(way.get("maxLength", 0) >= _LONG for way in ways) else Control.TEXT


def _choices(way: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(each) for each in (*way.get("enum", ()), way.get("const")) if each is not None)


def _shown(default: Any, control: Control) -> str:
    """A default as it would be written; empty for none."""
    if default is None or default == [] or default == "":
        return ""
    if control in (Control.ITEMS, Control.ASSETS):
        return "\n".join(map(str, default))
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, (str, int, float)) else dump_document(default).strip()


def _value(field: Field) -> Any:
    text = field.written
    if field.control is Control.SWITCH:
        return text == "true"
    if field.control is Control.NUMBER:
        return int(text) if field.whole else float(text.replace(",", "."))
    if field.control in (Control.ASSETS, Control.ITEMS):
        return _items(text)
    return _read(text) if field.control in (Control.STRUCTURE, Control.PARTS) else text


def _read(text: str) -> Any:
    """A value as in a campaign: `9:16` and `no` are text. Raises Invalid for what a campaign may not hold either."""
    found = read_document(text, "")
    if found.problems:
        raise Invalid.of(found.problems)
    return found.value


def _items(text: str) -> list[str]:
    return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]


def _plain(part: Mapping[str, Any]) -> str:
    """What a field is for, without the marks of the documents."""
    return str(part.get("description", "")).replace("`", "")
