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
from pressroom.domain.operation import Operation, form_schema
from pressroom.domain.suggest import did_you_mean
from pressroom.services.templates import Template, list_templates, template_of

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


@router.get("/templates", response_model=list[models.Template])
def templates(principal: RunsReader, backend: BackendOf) -> Any:
    """What to begin with: campaigns that are ready to run, and designs in which pictures are drawn."""
    return [_template(row) for row in list_templates()]


@router.get("/templates/{name}", response_model=models.TemplateView, responses=documented(404))
def template(name: str, principal: RunsReader, backend: BackendOf) -> Any:
    """One template, with the JSON Schema of the `parameters` that a generation by it takes."""
    found = template_of(name)
    return {**_template(found), "parameters": found.parameters(backend.context.operations)}


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


def _template(row: Template) -> dict[str, Any]:
    return {"name": row.name, "kind": row.kind, "summary": row.summary, "operation": row.operation, "group": row.group}


def _operation(row: Operation[Any]) -> models.Operation:
    schema = form_schema(row)
    return models.Operation(name=row.name, summary=row.summary, version=row.version, parameters=schema)
