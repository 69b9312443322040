"""Changes to assets, one or thousands in one transaction, and folders. Each can be asked for what it would do alone."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Any, Self

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from pressroom.api import models
from pressroom.api.asking import AssetsMarker, AssetsReader, AssetsWriter
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page_of
from pressroom.api.once import OnceRoute
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.domain.library import Use
from pressroom.library.editing import Edit
from pressroom.library.search_words import query_of
from pressroom.library.uses import MAX_DETAILS_BYTES
from pressroom.services import edit_assets as editing
from pressroom.services.purge_assets import purge_assets
from pressroom.services.selection import MOST_AT_ONCE, Selection
from pressroom.services.uses import record_use

router = APIRouter(prefix="/assets", tags=["assets"], route_class=OnceRoute, responses=documented(404, 409))
Words = Annotated[list[str], Field(min_length=1, max_length=100)]


class Chosen(Asked):
    """Which assets: by their ids, or all that a search finds. With `dry_run` the answer says what would be done."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    where: list[tuple[str, str]] = Field(
        default_factory=list, max_length=100, description="Names and values, as `/assets` takes them."
    )
    dry_run: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.ids) == bool(self.where):
            raise ValueError("give one of ids and where")
        return self

    @property
    def selection(self) -> Selection:
        return Selection(tuple(self.ids), query_of(self.where).which if self.where else None)


class Edited(Chosen):
    """What is to be changed; null leaves it. `metadata` is merged, a key set to null goes."""

    name: str | None = None
    filename: str | None = None
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    folder: str | None = None
    project: str | None = None
    category: str | None = None
    seo_keywords: list[str] | None = Field(None, max_length=1_000)
    metadata: dict[str, Any] | None = None
    is_public: bool | None = None
    agent_visible: bool | None = None

    @property
    def edit(self) -> Edit:
        given = self.model_dump(exclude={"ids", "where", "dry_run", "seo_keywords"})
        return Edit(**given, seo_keywords=None if self.seo_keywords is None else tuple(self.seo_keywords))


class Tagged(Chosen):
    tags: Annotated[list[str | int], Field(min_length=1, max_length=100, description="A number is its text.")]


class Favoured(Chosen):
    favourite: bool = True


class Rated(Chosen):
    rating: int | None = Field(ge=1, le=5, description="Null takes it back.")


class Moved(Chosen):
    folder: str = Field(max_length=1_000, description="Empty: the top.")


class MovedFolder(Asked):
    model_config = ConfigDict(extra="forbid")

    folder: str = Field(min_length=1, max_length=1_000)
    to: str = Field(max_length=1_000)


class NewUse(Asked):
    model_config = ConfigDict(extra="forbid")

    kind: Use
    key: str = Field("", max_length=255, description="The same key is the same use, however often it is told.")
    details: dict[str, Any] = Field(
        default_factory=dict, description=f"What else is known, such as platform and post: {MAX_DETAILS_BYTES:,} bytes."
    )


@router.post("/edit", response_model=models.Changed)
def edit(asked: Edited, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Change words, place and metadata."""
    return editing.edit_assets(principal, backend.context, asked.selection, asked.edit, dry_run=asked.dry_run).as_dict()


@router.post("/tag", response_model=models.Changed)
def tag(asked: Tagged, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Put tags on."""
    return editing.tag_assets(principal, backend.context, asked.selection, asked.tags, dry_run=asked.dry_run).as_dict()


@router.post("/untag", response_model=models.Changed)
def untag(asked: Tagged, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Take tags off; no rule puts them back."""
    return editing.untag_assets(
        principal, backend.context, asked.selection, asked.tags, dry_run=asked.dry_run
    ).as_dict()


@router.post("/favourite", response_model=models.Changed)
def favour(asked: Favoured, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Make them favourites of whoever asks, or no longer."""
    return editing.favour_assets(
        principal, backend.context, asked.selection, asked.favourite, dry_run=asked.dry_run
    ).as_dict()


@router.post("/rate", response_model=models.Changed)
def rate(asked: Rated, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Rate them, as whoever asks."""
    return editing.rate_assets(
        principal, backend.context, asked.selection, asked.rating, dry_run=asked.dry_run
    ).as_dict()


@router.post("/move", response_model=models.Changed)
def move(asked: Moved, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Put them into a folder, which need not be there before."""
    return editing.move_assets(
        principal, backend.context, asked.selection, asked.folder, dry_run=asked.dry_run
    ).as_dict()


@router.post("/archive", response_model=models.Changed)
def archive(asked: Chosen, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Take them out of searches that do not ask for what is archived."""
    return editing.archive_assets(principal, backend.context, asked.selection, dry_run=asked.dry_run).as_dict()


@router.post("/trash", response_model=models.Changed)
def trash(asked: Chosen, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Put them into the trash, from which they can be restored for 30 days unless the settings say otherwise."""
    return editing.trash_assets(principal, backend.context, asked.selection, dry_run=asked.dry_run).as_dict()


@router.post("/restore", response_model=models.Changed)
def restore(asked: Chosen, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Take them out of the trash or the archive."""
    return editing.restore_assets(principal, backend.context, asked.selection, dry_run=asked.dry_run).as_dict()


@router.post("/purge", response_model=models.Changed)
def purge(asked: Chosen, principal: AssetsWriter, backend: BackendOf) -> Any:
    """End those that are in the trash, for good; what a run that is under way uses is kept, and the answer says so."""
    return purge_assets(principal, backend.context, asked.selection, dry_run=asked.dry_run).as_dict()


@router.post("/{asset_id}/uses", response_model=models.Recorded)
def use(asset_id: str, asked: NewUse, principal: AssetsMarker, backend: BackendOf) -> Any:
    """Say that it was used: posted, sent, shown. What this server itself does with it is on record without."""
    new = record_use(principal, backend.context, asset_id, asked.kind, key=asked.key, details=asked.details)
    return {"recorded": new}


@router.get("/folders", response_model=PageOf[models.Folder])
def folders(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """Every folder that something lies in, by path."""
    found = editing.list_folders(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("path"), lambda each: {"path": each.path, "count": each.count})


@router.post("/folders/move", response_model=models.Count)
def move_folder(asked: MovedFolder, principal: AssetsWriter, backend: BackendOf) -> Any:
    """Rename a folder or move it, with all below it."""
    return {"count": editing.move_folder(principal, backend.context, asked.folder, asked.to)}
