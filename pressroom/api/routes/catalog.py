"""What the catalog has: operations, models with their prices, placements."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pressroom.api import models
from pressroom.api.asking import RunsReader
from pressroom.api.backend import BackendOf
from pressroom.api.problems import documented
from pressroom.catalog.search import models_of, placements_of
from pressroom.domain.errors import NotFound
from pressroom.domain.operation import Operation
from pressroom.domain.suggest import did_you_mean

router = APIRouter(tags=["catalog"])
Words = Annotated[str, Query(max_length=200, description="Words, each the beginning of one in the row; empty: all.")]


@router.get("/operations")
def operations(principal: RunsReader, backend: BackendOf) -> list[models.Operation]:
    """Everything that can be done to media."""
    return [_operation(row) for row in backend.context.operations.values()]


@router.get("/operations/{name}", responses=documented(404))
def operation(name: str, principal: RunsReader, backend: BackendOf) -> models.Operation:
    """One operation, with the JSON Schema of its parameters."""
    known = backend.context.operations
    if name not in known:
        raise NotFound(f"there is no operation {name[:80]!r}", hint=did_you_mean(name, known, "operations"))
    return _operation(known[name])


@router.get("/models")
def list_models(principal: RunsReader, backend: BackendOf, q: Words = "") -> list[dict[str, Any]]:
    """What can be bought or computed: models with tier, limits and prices."""
    return [row.model_dump(mode="json") for row in models_of(backend.context.catalog, q)]


@router.get("/placements")
def list_placements(principal: RunsReader, backend: BackendOf, q: Words = "") -> list[dict[str, Any]]:
    """Where media can go: sizes, formats and limits of each place, with their source and date."""
    return [row.model_dump(mode="json") for row in placements_of(backend.context.catalog, q)]


@router.get("/pricing")
def pricing(backend: BackendOf) -> list[dict[str, Any]]:
    """What each model costs. Public."""
    kept = {"name", "provider", "operation", "tier", "prices", "source", "as_of"}
    rows = backend.context.catalog.models.values()
    return [{**row.model_dump(mode="json", include=kept), "name": row.name} for row in rows]


def _operation(row: Operation[Any]) -> models.Operation:
    schema = row.params.model_json_schema()
    return models.Operation(name=row.name, summary=row.summary, version=row.version, parameters=schema)
