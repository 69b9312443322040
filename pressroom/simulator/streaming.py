"""Answers that come as events, one after the other (`text/event-stream`), for clients that ask for them so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.responses import Response
from fastapi.sse import EventSourceResponse

EVENTS = EventSourceResponse.media_type


def events(bodies: Iterable[Mapping[str, Any]]) -> Response:
    """Each as an event of its own, named by its `type` where it has one."""
    return Response("".join(map(_event, bodies)).encode(), media_type=EVENTS)


def _event(body: Mapping[str, Any]) -> str:
    name = f"event: {body['type']}\n" if "type" in body else ""
    return f"{name}data: {json.dumps(body, ensure_ascii=False)}\n\n"
