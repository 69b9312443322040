"""What is JSON to Python's parser and to nobody else, no text to a database, or one value given as several: refused once, before
any route looks at it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from pressroom.api.address import API
from pressroom.domain.printable import flaw_of

Place = tuple[str | int, ...]


async def require_sound(request: Request) -> None:
    """Raises RequestValidationError for half a surrogate pair, NUL and NaN in address or body: not every database takes them; and
    for a parameter that is given more than once though the document has one value for it: of several, which is meant?
    """
    found: list[tuple[Place, str]] = [
        (("query", name), "this is given more than once, and may be once") for name in _repeated(request)
    ]
    found += list(unsound(request.path_params, ("path",)))
    found += [each for name, value in request.query_params.multi_items() for each in unsound(value, ("query", name))]
    found += unsound(await _json_of(request), ("body",))
    if found:
        raise RequestValidationError([_error(place, why) for place, why in found])


def _repeated(request: Request) -> list[str]:
    given = Counter(name for name, _ in request.query_params.multi_items())
    several = [name for name, times in given.items() if times > 1]
    route = request.scope.get("route")
    if not several or not isinstance(route, APIRoute):
        return []
    operation = request.app.openapi()["paths"].get(f"{API}{route.path}", {}).get(request.method.lower(), {})
    asked = {each["name"]: each["schema"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    return [name for name in several if name in asked and asked[name].get("type") != "array"]


async def _json_of(request: Request) -> Any:
    """The body of a route that asks for one, which is read already; None where it is no JSON: the route says so."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return None
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None


def unsound(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every place below the value where it is no JSON, and why. Without recursion: a body may be nested deeply."""
    waiting: list[tuple[Any, Place]] = [(value, place)]
    while waiting:
        value, place = waiting.pop()
        if isinstance(value, str):
            if why := flaw_of(value):
                yield place, f"this {why}"
        elif isinstance(value, float):
            if not math.isfinite(value):
                yield place, "this is no number that JSON has"
        elif isinstance(value, dict):
            for name, item in value.items():
                if why := flaw_of(name):
                    yield place, f"a name in it {why}"
                else:
                    waiting.append((item, (*place, name)))
        elif isinstance(value, list):
            waiting.extend((item, (*place, number)) for number, item in enumerate(value))


def _error(place: Place, why: str) -> dict[str, Any]:
    return {"type": "unsound", "loc": place, "msg": why, "input": None}
