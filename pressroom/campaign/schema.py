"""The campaign format as JSON Schema (draft 2020-12), so that editors complete and check campaign files."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from pressroom.campaign.checks import PLACEMENT_PARAMETERS
from pressroom.campaign.models import Campaign
from pressroom.domain.operation import Operation, asset_slots

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION: Final = {"$ref": "#/$defs/Expression"}
PLACEMENT: Final = {"$ref": "#/$defs/Placement"}

_DEFINITIONS: Final = {
    "Expression": {
        "type": "string",
        "pattern": r"\{\{",
        "description": "An expression over inputs, brand, each and steps, e.g. {{ inputs.product }} or {{ steps.cutout }}.",
        "examples": ["{{ inputs.product }}", "{{ steps.cutout }}", "{{ each.scene }}", "{{ brand.colors.primary }}"],
    },
    "Whole": {"type": "string", "pattern": r"^\s*\{\{[\s\S]*\}\}\s*$", "description": "Exactly one expression."},
}
_EXAMPLE: Final = {
    "pressroom": 1,
    "name": "spring-launch",
    "inputs": {"product": {"type": "image", "default": "product.jpg"}},
    "steps": {
        "cutout": {"uses": "remove_background", "with": {"image": "{{ inputs.product }}"}},
        "posts": {
            "uses": "resize",
            "with": {"image": "{{ steps.cutout }}", "placements": ["instagram.feed_square", "x.post_image_landscape"]},
        },
    },
}


def campaign_schema(
    operations: Mapping[str, Operation[Any]] | None = None, placements: Collection[str] | None = None
) -> dict[str, Any]:
    """The schema for these operations and placements; by default those that are shipped."""
    if operations is None:
        from pressroom.operations import OPERATIONS

        operations = OPERATIONS
    if placements is None:
        from pressroom.catalog.load import load_catalog

        placements = load_catalog().placements
    schema = _untitled(Campaign.model_json_schema(by_alias=True))
    definitions = schema["$defs"] | _DEFINITIONS | {"Placement": _placement(placements)}
    definitions["Step"] = _step(definitions["Step"], operations, definitions)
    _loosen(schema, definitions)
    head = {
        "$schema": DRAFT,
        "title": "Pressroom campaign",
        "description": "A campaign: inputs, brand, budget, policy, steps.",
    }
    return {**head, **schema, "description": head["description"], "$defs": definitions, "examples": [_EXAMPLE]}


def schema_text() -> str:
    """The shipped schema as it is written to docs/campaign.schema.json."""
    return json.dumps(campaign_schema(), indent=2, ensure_ascii=False) + "\n"


def _loosen(schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    """What the loader accepts besides the models themselves: a brand file, a feed without a name."""
    brand = schema["properties"]["brand"]
    file = {"type": "string", "pattern": r"\.ya?ml$", "description": "A brand file, relative to the campaign."}
    schema["properties"]["brand"] = {
        "description": "The brand kit, or the path of a YAML file that has it.",
        "anyOf": [{"$ref": brand["$ref"]} if "$ref" in brand else brand, file],
    }
    properties = definitions["Step"]["properties"]
    feed = properties["feed"]
    mapping = {key: value for key, value in feed.items() if key not in ("description", "default")}
    path = {"type": "string", "description": "Path of the file; its rows are each.row."}
    properties["feed"] = {"description": feed["description"], "anyOf": [path, {**mapping, "maxProperties": 1}]}
    properties["count"] = {
        "description": properties["count"]["description"],
        "default": 1,
        "anyOf": [{"type": "integer", "minimum": 1}, {"$ref": "#/$defs/Whole"}],
    }
    properties["when"] = {
        "description": properties["when"]["description"],
        "default": True,
        "anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/Whole"}],
    }
    properties["for_each"]["additionalProperties"] = {
        "anyOf": [{"type": "array", "minItems": 1}, {"$ref": "#/$defs/Whole"}]
    }


def _placement(names: Collection[str]) -> dict[str, Any]:
    return {
        "description": "One platform slot, or a pattern such as instagram.* for several.",
        "anyOf": [{"enum": list(names)}, {"type": "string", "pattern": r"[*?\[]"}],
    }


def _step(
    step: dict[str, Any], operations: Mapping[str, Operation[Any]], definitions: dict[str, Any]
) -> dict[str, Any]:
    """The step, with `with` described for each operation."""
    cases = []
    for name, operation in operations.items():
        definitions[f"{name}.with"] = _parameters(operation, definitions)
        required = {"required": ["with"]} if definitions[f"{name}.with"].get("required") else {}
        case = {"properties": {"with": {"$ref": f"#/$defs/{name}.with"}}, **required}
        cases.append({"if": {"properties": {"uses": {"const": name}}, "required": ["uses"]}, "then": case})
    summaries = [f"- {name}: {operation.summary}" for name, operation in operations.items()]
    uses = {
        "type": "string",
        "enum": list(operations),
        "description": "\n".join(["The operation.", *summaries]),
    }
    properties = {**step["properties"], "uses": uses}
    return {**step, "properties": properties, **({"allOf": cases} if cases else {})}


def _parameters(operation: Operation[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """An operation's parameters, where every value may be an expression as well."""
    template = f"#/$defs/{operation.name}.{{model}}"
    schema = _untitled(operation.params.model_json_schema(by_alias=True, ref_template=template))
    for title, definition in schema.pop("$defs", {}).items():
        definitions[f"{operation.name}.{title}"] = _open(definition)
    properties = schema.get("properties", {})
    for name in PLACEMENT_PARAMETERS:
        if name in properties:
            properties[name] = _with_placements(properties[name])
    slots = asset_slots(operation.params)
    opened = {
        name: _asset(value, slots[name].kinds) if name in slots else _or_expression(value)
        for name, value in properties.items()
    }
    schema = {**schema, "description": operation.summary, "properties": opened}
    return _chained(schema, operation.chain) if operation.chain else schema


def _chained(schema: dict[str, Any], chain: str) -> dict[str, Any]:
    """What a single one needs may stand in the items of its chain instead."""
    one = {name: value for name, value in schema["properties"].items() if name != "image"}
    items = {"type": "object", "properties": one, "additionalProperties": False}
    listed = {
        "type": "array",
        "minItems": 1,
        "items": items,
        "description": "Several, each for what the one before made.",
    }
    needed = [name for name in schema.get("required", ()) if name != "image"]
    either = [{"required": needed}, {"required": [chain]}]
    return {**schema, "properties": {**schema["properties"], chain: listed}, "required": ["image"], "anyOf": either}


def _asset(schema: dict[str, Any], kinds: Collection[str]) -> dict[str, Any]:
    """A path, an input or a step; a list parameter takes one expression for the whole list too."""
    what = f"Takes {' or '.join(kinds)}: a path, {{{{ inputs.NAME }}}} or {{{{ steps.NAME }}}}."
    described = {**schema, "description": f"{schema.get('description', '')} {what}".strip()}
    return described if schema.get("type") == "string" else _or_expression(described)


def _with_placements(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "array":
        return {**schema, "items": PLACEMENT}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_placements(option) for option in schema["anyOf"]]}
    return (
        PLACEMENT | {key: schema[key] for key in ("description", "default") if key in schema}
        if schema.get("type") == "string"
        else schema
    )


def _or_expression(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema or an expression, at every depth; plain text already allows one."""
    inner = _open(schema)
    if inner.get("type") == "string" and not inner.keys() & {
        "enum",
        "const",
        "pattern",
        "format",
        "maxLength",
        "minLength",
    }:
        return inner
    notes: dict[str, Any] = {key: inner.pop(key) for key in ("description", "default", "examples") if key in inner}
    options = inner["anyOf"] if inner.keys() == {"anyOf"} else [inner]
    return {**notes, "anyOf": [*options, EXPRESSION]}


def _open(schema: dict[str, Any]) -> dict[str, Any]:
    """Allow expressions in what a mapping or list holds."""
    found = dict(schema)
    if isinstance(found.get("items"), dict):
        found["items"] = _or_expression(found["items"])
    if isinstance(found.get("additionalProperties"), dict):
        found["additionalProperties"] = _or_expression(found["additionalProperties"])
    if "prefixItems" in found:
        found["prefixItems"] = [_or_expression(item) for item in found["prefixItems"]]
    if "properties" in found:
        found["properties"] = {name: _or_expression(value) for name, value in found["properties"].items()}
    for choice in ("anyOf", "oneOf"):
        if choice in found:
            found[choice] = [_open(option) for option in found[choice]]
    return found


def _untitled(schema: Any) -> Any:
    """Without the titles that only repeat each name, and with names of free keys checked rather than passed over."""
    if isinstance(schema, dict):
        if len(patterns := schema.get("patternProperties", {})) == 1:
            ((pattern, value),) = patterns.items()
            rest = {key: item for key, item in schema.items() if key != "patternProperties"}
            schema = {**rest, "propertyNames": {"pattern": pattern}, "additionalProperties": value}
        return {key: _untitled(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    return [_untitled(item) for item in schema] if isinstance(schema, list) else schema
