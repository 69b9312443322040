"""Collections of assets: with a cover, an order and true counts."""

from __future__ import annotations

from operator import attrgetter, methodcaller
from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import AssetsReader, AssetsWriter
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page, page_of
from pressroom.api.once import OnceRoute
from pressroom.api.problems import documented
from pressroom.api.routes.changes import Chosen
from pressroom.database.counting import Count
from pressroom.domain.asked import Asked
from pressroom.domain.shelving import MAX_COLLECTION_LENGTH
from pressroom.services import collections
from pressroom.services.selection import MOST_AT_ONCE

router = APIRouter(prefix="/collections", tags=["collections"], route_class=OnceRoute, responses=documented(404, 409))


class NewCollection(Asked):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_COLLECTION_LENGTH)
    description: str = Field("", max_length=10_000)


class EditedCollection(Asked):
    """What is to be changed; null leaves it, an empty cover takes it off."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, min_length=1, max_length=MAX_COLLECTION_LENGTH)
    description: str | None = Field(None, max_length=10_000)
    cover: str | None = Field(None, max_length=64, description="Id of an asset on it.")


class Order(Asked):
    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)


@router.get("", response_model=PageOf[models.Collection])
def list_collections(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """All collections by name."""
    found = collections.list_collections(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("name"), methodcaller("as_dict"))


@router.post("", status_code=201, response_model=models.Collection)
def create(new: NewCollection, principal: AssetsWriter, backend: BackendOf) -> Any:
    """An empty collection."""
    return collections.create_collection(principal, backend.context, new.name, new.description).as_dict()


@router.get("/{name}", response_model=models.CollectionAssets)
def show(name: str, principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """A collection with its assets, in its order."""
    found, assets = collections.show_collection(principal, backend.context, name, limit + 1, cursor or None)
    shown = page(assets, limit, Count(found.count), attrgetter("id"), methodcaller("as_dict", principal.account))
    return {"collection": found.as_dict(), **shown}


@router.patch("/{name}", response_model=models.Collection)
def edit(name: str, change: EditedCollection, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Change its name, words or cover."""
    return collections.edit_collection(
        principal, backend.context, name, new_name=change.name, description=change.description, cover=change.cover
    ).as_dict()


@router.delete("/{name}", status_code=204)
def delete(name: str, principal: AssetsWriter, backend: BackendOf) -> None:
    """End a collection; its assets stay."""
    collections.delete_collection(principal, backend.context, name)


@router.post("/{name}/add", response_model=models.Changed)
def add(name: str, asked: Chosen, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Put assets on it, behind what lies there."""
    return collections.add_to_collection(
        principal, backend.context, name, asked.selection, dry_run=asked.dry_run
    ).as_dict()


@router.post("/{name}/remove", response_model=models.Changed)
def remove(name: str, asked: Chosen, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Take assets off it."""
    return collections.remove_from_collection(
        principal, backend.context, name, asked.selection, dry_run=asked.dry_run
    ).as_dict()


@router.put("/{name}/order", status_code=204)
def order(name: str, asked: Order, principal: AssetsWriter, backend: BackendOf) -> None:
    """Lay these first, in this order; the others follow as they lay."""
    collections.order_collection(principal, backend.context, name, asked.ids)
