"""Stored campaigns, each version kept."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import RunsReader, RunsWriter
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page
from pressroom.api.once import OnceRoute
from pressroom.api.problems import documented
from pressroom.campaign.document import MAX_DOCUMENT_BYTES
from pressroom.domain.asked import Asked
from pressroom.services.documents import (
    MAX_NAME_CHARACTERS,
    count_documents,
    list_documents,
    show_document,
    store_document,
)
from pressroom.sources.stored import Document

router = APIRouter(route_class=OnceRoute, prefix="/campaigns", tags=["campaigns"])


class NewCampaign(Asked):
    """A campaign's text under a name; the newest of a name is what runs."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARACTERS)
    text: str = Field(max_length=MAX_DOCUMENT_BYTES, description="YAML.")


@router.get("", response_model=PageOf[models.Campaign])
def campaigns(
    principal: RunsReader,
    backend: BackendOf,
    limit: Limit = USUAL,
    cursor: Cursor = "",
    name: Annotated[str, Query(max_length=MAX_NAME_CHARACTERS, description="All versions of this one.")] = "",
) -> Any:
    """The account's campaigns, the newest first."""
    found = list_documents(principal, backend.context, name, limit + 1, cursor)
    count = count_documents(principal, backend.context, name)
    return page(found, limit, count, attrgetter("id"), _answer)


@router.post("", status_code=201, response_model=models.Campaign)
def store(new: NewCampaign, principal: RunsWriter, backend: BackendOf) -> Any:
    """Keep a version, sound or not; the same text twice is one version."""
    return _answer(store_document(principal, backend.context, new.name, new.text))


@router.get("/{name}", response_model=models.CampaignText, responses=documented(404))
def campaign(name: str, principal: RunsReader, backend: BackendOf) -> Any:
    """A version by its id, or the newest of a name."""
    found = show_document(principal, backend.context, name)
    return {**_answer(found), "text": found.text}


def _answer(found: Document) -> dict[str, Any]:
    return {"id": found.id, "name": found.name, "sha256": found.sha256, "created_at": found.created_at}
