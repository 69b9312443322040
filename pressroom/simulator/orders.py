"""How every simulated vendor takes an order: faults first, then what its schema refuses, then it is sold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.responses import Response
from PIL import Image

from pressroom.catalog.models import Model
from pressroom.domain.errors import Permanent
from pressroom.simulator.at_once import made_within
from pressroom.simulator.books import Sold
from pressroom.simulator.workshop import known_fields
from pressroom.simulator.world import Dropped, World


def _named() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Manners:
    """A vendor's answers: to an order by its fault (`missing`: there is no such model), to one that its schema refuses, to one
    that it takes; and how it names its orders.
    """

    refused: Callable[[str], Response]
    invalid: Callable[[str], Response]
    taken: Callable[[Sold], Response]
    name: Callable[[], str] = field(default=_named)


_BEFORE = frozenset({"busy", "unavailable", "error", "key", "credit", "moderated", "invalid"})


async def place(
    world: World,
    vendor: str,
    row: Model | None,
    fields: Any,
    manners: Manners,
    facts: Mapping[str, Any],
    wait_seconds: float = 0,
) -> Response:
    """The answer to an order; one that is taken may be waited for so long before it is answered."""
    fault = world.faults.draw(vendor, "order")
    if fault in _BEFORE:
        return manners.refused(fault)
    if fault == "lost_order":
        raise Dropped
    if row is None:
        return manners.refused("missing")
    if wrong := wrong_in(world, row, fields):
        return manners.invalid(wrong)
    sold = world.take(vendor, row, fields, manners.name(), facts)
    if fault == "lost_answer":
        raise Dropped
    if fault == "error_taken":
        return manners.refused("error")
    return manners.taken(await made_within(world, sold, wait_seconds) if wait_seconds else sold)


def wrong_in(world: World, row: Model, fields: Any) -> str:
    """What of an input the model's schema refuses."""
    if not isinstance(fields, dict):
        return "input is required"
    if strange := sorted(set(fields) - known_fields(row)):
        return f"Additional property {strange[0]} is not allowed"
    if missing := world.workshop.missing(row, fields):
        return f"{missing[0]} is required"
    sizing = row.sizing
    if sizing.size and str(fields.get(sizing.size, next(iter(sizing.makes)))) not in sizing.makes:
        return f"input.{sizing.size}: must be one of {', '.join(sizing.makes)}"
    try:
        files = world.files_of(row, fields)
    except Permanent as exc:
        return str(exc)
    return mask_problem(files)


def mask_problem(files: Mapping[str, Path]) -> str:
    """Whether a mask is as large as its picture."""
    if "mask" not in files:
        return ""
    with Image.open(files["image"]) as picture, Image.open(files["mask"]) as mask:
        return "" if picture.size == mask.size else "mask must have the size of the image"
