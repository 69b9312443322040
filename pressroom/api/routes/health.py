"""Whether the server lives, and whether all that it needs does."""

from __future__ import annotations

from fastapi import APIRouter, Response

from pressroom.api import models
from pressroom.api.backend import BackendOf
from pressroom.services.readiness import readiness

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> models.Health:
    """This process answers."""
    return models.Health(status="ok")


@router.get("/readyz", responses={503: {"model": models.Readiness}})
def readyz(backend: BackendOf, response: Response) -> models.Readiness:
    """Database, store and Prefect answer, where each is configured."""
    parts = readiness(backend.context)
    ready = all(said == "ok" for said in parts.values())
    response.status_code = 200 if ready else 503
    return models.Readiness(ready=ready, parts=parts)
