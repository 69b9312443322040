"""How every simulated vendor takes an order: faults first, then what its schema refuses, then it is sold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastapi.responses import Response
from PIL import Image

from pressroom.catalog.models import Model
from pressroom.domain.errors import Permanent
from pressroom.simulator.at_once import made_within
from pressroom.simulator.books import Sold
from pressroom.simulator.calls import Call
from pressroom.simulator.workshop import known_fields
from pressroom.simulator.world import Dropped, World

MOST_SIDE: Final = 4_096


def _named() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Manners:
    """A vendor's answers: to an order by its fault (`missing`: there is no such model), to one that its schema refuses, to one
    that it takes; how it names its orders, and how it calls the address that one came with.
    """

    refused: Callable[[str], Response]
    invalid: Callable[[str], Response]
    taken: Callable[[Sold], Response]
    name: Callable[[], str] = field(default=_named)
    call: Callable[[Sold], Call] | None = None


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
    if manners.call is not None and facts.get("webhook"):
        world.calls.expect(manners.call(sold), world.latency_seconds, world.faults.draw(vendor, "call"))
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
    if wrong := wrong_sides(fields.get(sizing.size)):
        return f"input.{sizing.size}: {wrong}"
    if (
        sizing.size
        and not isinstance(fields.get(sizing.size), dict)
        and str(fields.get(sizing.size, next(iter(sizing.makes)))) not in sizing.makes
    ):
        return f"input.{sizing.size}: must be one of {', '.join(sizing.makes)}"
    if (
        sizing.short_sides
        and str(fields.get(sizing.resolution, next(iter(sizing.short_sides)))) not in sizing.short_sides
    ):
        return f"input.{sizing.resolution}: must be one of {', '.join(sizing.short_sides)}"
    try:
        files = world.files_of(row, fields)
    except Permanent as exc:
        return str(exc)
    return mask_problem(files)


def wrong_sides(size: Any) -> str:
    """What is wrong with a size that is given by its sides, as fal's clients may; empty for all others."""
    if not isinstance(size, dict):
        return ""
    sides = [size.get("width"), size.get("height")]
    whole = all(isinstance(side, int) and not isinstance(side, bool) and 0 < side <= MOST_SIDE for side in sides)
    return "" if whole and len(size) == 2 else f"width and height must be whole numbers up to {MOST_SIDE}"


def mask_problem(files: Mapping[str, Path]) -> str:
    """Whether a mask is as large as its picture."""
    if "mask" not in files:
        return ""
    with Image.open(files["image"]) as picture, Image.open(files["mask"]) as mask:
        return "" if picture.size == mask.size else "mask must have the size of the image"
