"""The page of operations and the gallery's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from docs.parts.markdown import code, default_text, or_dash, table
from pressroom.art.gallery import FAMILIES, TEMPLATES, members
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.domain.operation import Operation, asset_slots
from pressroom.operations import ALL

_TYPES: Final = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_HEX_COLOR: Final = "^#"


def operations() -> str:
    catalog = load_catalog()
    overview = table(
        ("operation", "makes", "what it does"),
        [(f"[`{item.name}`](#{item.name})", item.makes.value, item.summary) for item in ALL],
    )
    return "\n".join([overview, *(_operation(item, catalog) for item in ALL)])


def _operation(operation: Operation[Any], catalog: Catalog) -> str:
    models = ", ".join(f"`{model.name}`" for model in catalog.offers.get(operation.name, ()))
    facts = [f"Models: {models or 'none'}.", f"Version {operation.version}, task family `{operation.family}`."]
    if operation.chain:
        facts.append(
            f"`{operation.chain}` may list several sets of these: each takes what the one before has made, is a step of its "
            "own (`NAME_1`, `NAME_2`, …, `NAME`) and has its price."
        )
    if operation.only_sold:
        facts.append(f"Only sold: {operation.only_sold}.")
    if operation.brand:
        facts.append(f"Depends on the brand's {', '.join(sorted(operation.brand))}.")
    if operation.seeded:
        facts.append("Seeded: each take of `count` has a seed of its own.")
    return f"## {operation.name}\n\n{operation.summary} {' '.join(facts)}\n\n{_parameters(operation.params)}"


def _parameters(params: type[BaseModel]) -> str:
    schema = params.model_json_schema()
    slots = asset_slots(params)
    rows = []
    for name, field in schema["properties"].items():
        said = type_text(field, schema.get("$defs", {}))
        if name in slots:
            said = said.replace("text", " or ".join(kind.value for kind in slots[name].kinds))
        default = "**required**" if name in schema.get("required", ()) else default_text(field.get("default"))
        rows.append((f"`{name}`", said, default, field.get("description", "")))
    return table(("parameter", "type", "default", "meaning"), rows)


def type_text(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A JSON Schema type in words: `whole number, 1 to 8192`."""
    if "$ref" in field:
        return type_text(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in field:
        branches = [type_text(item, definitions) for item in field["anyOf"] if item.get("type") != "null"]
        return " or ".join(dict.fromkeys(branches))
    if "enum" in field or "const" in field:
        return ", ".join(code(value) for value in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        count = _range(field, "minItems", "maxItems")
        return f"list of {type_text(field.get('items', {}), definitions)}" + (f", {count} of them" if count else "")
    if field.get("type") == "object":
        parts = [f"`{name}`: {type_text(item, definitions)}" for name, item in field.get("properties", {}).items()]
        return f"mapping ({'; '.join(parts)})" if parts else "mapping"
    return _scalar(field)


def _scalar(field: Mapping[str, Any]) -> str:
    if str(field.get("pattern", "")).startswith(_HEX_COLOR):
        return "colour"
    bounds = _range(field, "minimum", "maximum") or _range(field, "exclusiveMinimum", "exclusiveMaximum", "above")
    if field.get("type") == "string":
        length = _range(field, "minLength", "maxLength")
        bounds = f"{length} characters" if length else ""
    return _TYPES.get(str(field.get("type")), "anything") + (f", {bounds}" if bounds else "")


def _range(field: Mapping[str, Any], low: str, high: str, word: str = "from") -> str:
    if low in field and high in field:
        return f"{field[low]} to {field[high]}"
    if low in field:
        return f"{word} {field[low]}"
    return f"up to {field[high]}" if high in field else ""


def templates() -> str:
    families = table(
        ("style", "templates", "what it is for", "words that choose it"),
        [
            (
                f"`{family.name}`",
                ", ".join(f"`{item.name}`" for item in members(family.name)),
                family.summary,
                ", ".join(sorted(family.words)[:12]) + " …",
            )
            for family in FAMILIES
        ],
    )
    rows = table(
        ("template", "what it looks like", "texts", "words that choose it"),
        [
            (f"`{item.name}`", item.summary, ", ".join(item.slots), or_dash(", ".join(sorted(item.words))))
            for item in TEMPLATES
        ],
    )
    return f"{families}\n{rows}"
