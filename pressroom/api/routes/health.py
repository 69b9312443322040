"""Whether the server lives, and whether all that it needs does."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from pressroom.api import models
from pressroom.api.backend import BackendOf
from pressroom.services.readiness import OK

router = APIRouter(tags=["health"])
PATHS: Final = ("/healthz", "/readyz")


@router.get("/healthz")
def healthz() -> models.Health:
    """This process answers."""
    return models.Health(status="ok")


@router.get("/readyz", responses={503: {"model": models.Readiness}})
def readyz(backend: BackendOf, response: Response) -> models.Readiness:
    """Database and store answer, and Prefect where a server of it is configured; each part is `ok` or `down`."""
    parts = backend.readiness.ask()
    ready = all(said == OK for said in parts.values())
    response.status_code = 200 if ready else 503
    return models.Readiness(ready=ready, parts=parts)
