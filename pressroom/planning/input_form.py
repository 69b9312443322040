"""A campaign's inputs as JSON Schema: what a form shows of them, and what an API refuses before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pressroom.campaign.models import InputSpec
from pressroom.campaign.paths import ASSET
from pressroom.planning.inputs import items_of, kind_of_input

REFERENCE: Final = {"type": "string", "pattern": rf"^({ASSET}|https://).+"}
_PATH: Final = {"type": "string", "minLength": 1}


def input_form(inputs: Mapping[str, InputSpec], given: Mapping[str, Any], *, paths: bool) -> dict[str, Any]:
    """The schema of an object of inputs, in their order. `given` stand in for the defaults.

    `paths` says that media may be named by a path of a disk, too. What has neither default nor value is required.
    """
    properties = {
        name: _property(position, name, spec, given.get(name, spec.default), paths)
        for position, (name, spec) in enumerate(inputs.items())
    }
    required = [name for name, spec in inputs.items() if given.get(name, spec.default) is None]
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needed}


def _property(position: int, name: str, spec: InputSpec, default: Any, paths: bool) -> dict[str, Any]:
    kind = kind_of_input(spec)
    about = [harmless_markdown(spec.description)] if spec.description else []
    if kind is not None:
        a_path = ", an https address, or a path that the workers see." if paths else " or an https address."
        about.append(f"{str(kind).capitalize()}: asset:ID{a_path}")
    return {
        "title": name.replace("_", " ").capitalize(),
        **({"description": " ".join(about)} if about else {}),
        **_type(spec, paths),
        **({} if default is None else {"default": plain_value(default, spec)}),
        "position": position,
    }


def _type(spec: InputSpec, paths: bool) -> dict[str, Any]:
    media = _PATH if paths else REFERENCE
    if spec.type in ("list", "folder"):
        if spec.type == "folder" and paths:
            return media
        items = media if kind_of_input(spec) else {"number": {"type": "number"}, "object": {}}.get(spec.of, _PATH)
        return {"type": "array", "items": items, **_bounds(spec, "minItems", "maxItems", int)}
    if spec.type == "number":
        return {"type": "number", **_bounds(spec, "minimum", "maximum", float)}
    if spec.type == "choice":
        return {"type": "string", "enum": list(spec.choices)}
    return media if kind_of_input(spec) else {"type": "string", "maxLength": spec.max_length}


def _bounds(spec: InputSpec, least: str, most: str, number: type) -> dict[str, Any]:
    return {name: number(value) for name, value in ((least, spec.min), (most, spec.max)) if value is not None}


def plain_value(value: Any, spec: InputSpec) -> Any:
    """The value of an input as JSON has it: texts stay as they were written."""
    if spec.type == "number":
        return value
    if spec.type == "list":
        return [item if spec.of in ("number", "object") else str(item) for item in items_of(value, spec)]
    return str(value)


def harmless_markdown(text: str) -> str:
    """The text where descriptions are read as Markdown: pages take `<campaign>` for HTML and show nothing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
