"""Conversations of a vendor's file, without any network: a script of answers is fed in, what was asked comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pressroom.catalog.load import load_catalog
from pressroom.catalog.models import Model
from pressroom.domain.media_limits import MediaLimits
from pressroom.operations import OPERATIONS
from pressroom.providers.api import Purchase, Talk
from pressroom.providers.base import Order
from pressroom.providers.http.messages import Request, Response
from pressroom.providers.translation import translated

T = TypeVar("T")


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    found = {"content-type": "application/json", **(headers or {})}
    return Response(status, found, body if isinstance(body, bytes) else json.dumps(body).encode())


def held(talk: Talk[T], *answers: Response) -> tuple[list[Request], T]:
    """Every request, and what the conversation comes to; there has to be exactly one answer for each."""
    asked = [next(talk)]
    for number, given in enumerate(answers, 1):
        try:
            asked.append(talk.send(given))
        except StopIteration as end:
            assert number == len(answers), "it ended before all answers were given"
            return asked, end.value
    raise AssertionError(f"it goes on: {asked[-1].method} {asked[-1].path}")


def model(name: str) -> Model:
    return load_catalog().models[name]


def purchase(name: str, order: Order, callback_url: str = "") -> Purchase:
    """An order from the catalog's model of this name, as the seam hands it to a vendor."""
    return translated(order, OPERATIONS[order.operation], model(name), Path(), MediaLimits(), callback_url)
