"""What a gateway between us and a simulated vendor answers in place of the status of a job."""

from __future__ import annotations

from typing import Final

from fastapi.responses import HTMLResponse, Response

from pressroom.simulator.world import Dropped

_STATUSES: Final = {"status_busy": 429, "status_refused": 409, "status_error": 500, "forgotten": 404}


def in_place_of_a_status(fault: str) -> Response:
    """Raises Dropped where the connection is to break."""
    if fault == "status_lost":
        raise Dropped
    headers = {"Retry-After": "1"} if fault == "status_busy" else None
    return HTMLResponse("<html>bad gateway</html>", _STATUSES.get(fault, 200), headers)
