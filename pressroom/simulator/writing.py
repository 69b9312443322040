"""How simulated vendors read and write: an answer of the form that a JSON Schema asks for, or plain words without one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pressroom.catalog.models import Model
from pressroom.providers.reading import token_bill
from pressroom.simulator.books import Sold
from pressroom.simulator.world import World

OUT_TOKENS: Final = 120  # of any answer
_PICTURE_TOKENS: Final = 1_000
_TOKEN_CHARACTERS: Final = 4
_LEAST_ALT_TEXT, _FEW_TAGS = 125, 5
_ALT_TEXT, _TEXTS = "alt_text", "texts"


def row_of(world: World, vendor: str, name: str, schema: Mapping[str, Any]) -> Model | None:
    """The catalog's row of a model that answers so: describing a picture, or writing."""
    operation = "describe_image" if _ALT_TEXT in schema.get("properties", {}) else "write_text"
    rows = world.workshop.catalog.offers.get(operation, ())
    return next((row for row in rows if (row.provider, row.id) == (vendor, name)), None)


def taken(
    world: World,
    row: Model,
    prompt: str,
    pictures: list[str],
    schema: Mapping[str, Any],
    name: str,
    out: str,
    most: int | None = None,
) -> Sold:
    """The order, with the tokens that it is billed by.

    `out` is what the row calls those of words, `most` how many of them it may write.
    """
    theirs = next(iter(row.parameters.values())).removesuffix("[]")
    counts = {
        "in": max(1, len(prompt) // _TOKEN_CHARACTERS) + len(pictures) * _PICTURE_TOKENS,
        out: min(OUT_TOKENS, most or OUT_TOKENS),
    }
    facts = {"counts": counts, "usd_micros": token_bill(row, counts) or 0, "params": _params(row, prompt, schema)}
    facts |= {"schema": schema, "most": most}
    return world.take(row.provider, row, {theirs: pictures} if pictures else {}, name, facts)


def answer_of(sold: Sold, row: Model) -> tuple[str, bool]:
    """What the model says, and whether it had more to say than it may."""
    text, schema, most = sold.files[0].read_text(encoding="utf-8"), sold.facts["schema"], sold.facts["most"]
    if row.operation != "describe_image":
        texts = json.loads(text)
        whole = {_TEXTS: texts} if _TEXTS in schema.get("properties", {}) else _filled(schema, texts[0])
        text = json.dumps(whole, ensure_ascii=False) if schema else "\n".join(texts)
    limit = len(text) if most is None else most * _TOKEN_CHARACTERS
    return text[:limit], len(text) > limit


def _filled(schema: Mapping[str, Any], words: str) -> Any:
    """The least that a schema takes, with these words as its texts."""
    kind = str(schema.get("type", "string")).lower()
    if kind == "object":
        return {name: _filled(inner, words) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [_filled(schema.get("items", {}), words)] * max(1, int(schema.get("minItems", 1)))
    return {"integer": 1, "number": 1, "boolean": True}.get(kind, words)


def _params(row: Model, prompt: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the local drawing goes by: the last paragraph is what the matter is about."""
    matter, properties = prompt.rpartition("\n\n")[2], schema.get("properties", {})
    if row.operation == "describe_image":
        most, tags = properties.get(_ALT_TEXT, {}).get("maxLength"), properties.get("tags", {}).get("maxItems")
        return {"max_characters": most or _LEAST_ALT_TEXT, "tags": tags or _FEW_TAGS}
    texts = properties.get(_TEXTS, {})
    return {
        "prompt": matter,
        "count": texts.get("maxItems", 1),
        "max_characters": texts.get("items", {}).get("maxLength"),
        "format": "json",
    }
