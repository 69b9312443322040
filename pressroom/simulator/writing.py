"""How simulated vendors read and write: an answer of the form that a JSON Schema asks for."""

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
_ALT_TEXT, _TEXTS = "alt_text", "texts"


def row_of(world: World, vendor: str, name: str, schema: Mapping[str, Any]) -> Model | None:
    """The catalog's row of a model that answers so: describing a picture, or writing."""
    operation = "describe_image" if _ALT_TEXT in schema.get("properties", {}) else "write_text"
    rows = world.workshop.catalog.offers.get(operation, ())
    return next((row for row in rows if (row.provider, row.id) == (vendor, name)), None)


def taken(
    world: World, row: Model, prompt: str, pictures: list[str], schema: Mapping[str, Any], name: str, out: str
) -> Sold:
    """The order, with the tokens that it is billed by; `out` is what the row calls those of words that are written."""
    theirs = next(iter(row.parameters.values())).removesuffix("[]")
    counts = {"in": max(1, len(prompt) // 4) + len(pictures) * _PICTURE_TOKENS, out: OUT_TOKENS}
    facts = {"counts": counts, "usd_micros": token_bill(row, counts) or 0, "params": _params(row, prompt, schema)}
    return world.take(row.provider, row, {theirs: pictures} if pictures else {}, name, facts)


def answer_of(sold: Sold, row: Model) -> str:
    """What the model says."""
    text = sold.files[0].read_text(encoding="utf-8")
    return text if row.operation == "describe_image" else json.dumps({_TEXTS: json.loads(text)}, ensure_ascii=False)


def _params(row: Model, prompt: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the local drawing goes by: the last paragraph is what the matter is about."""
    matter, properties = prompt.rpartition("\n\n")[2], schema["properties"]
    if row.operation == "describe_image":
        return {"max_characters": properties[_ALT_TEXT]["maxLength"], "tags": properties["tags"]["maxItems"]}
    texts = properties[_TEXTS]
    return {
        "prompt": matter,
        "count": texts["maxItems"],
        "max_characters": texts["items"].get("maxLength"),
        "format": "json",
    }
