"""The library: an asset's record, its file, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, methodcaller
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from pressroom.api import models
from pressroom.api.asking import AssetsReader
from pressroom.api.backend import Backend, BackendOf
from pressroom.api.document import elsewhere, file_of_type
from pressroom.api.lists import USUAL, Cursor, Limit, NumberCursor, PageOf, page, page_of
from pressroom.api.problems import documented
from pressroom.database.counting import Count
from pressroom.domain.errors import NotFound
from pressroom.domain.library import Right, Use
from pressroom.domain.media import Asset
from pressroom.library.saved_searches import SavedSearch
from pressroom.library.search_words import NAMES, SHOWING, query_of
from pressroom.services.finding import delete_saved_search, save_search, saved_searches, search_assets
from pressroom.services.library import address_of, known_name, show_asset, trace_asset
from pressroom.services.marks import Marks, marks_of
from pressroom.services.previews import MIME, SIZES, preview_of
from pressroom.services.uses import count_uses, library_statistics, list_uses, list_versions, record_use

router = APIRouter(prefix="/assets", tags=["assets"], responses=documented(404))
# What an asset holds runs nowhere, whatever it is: a drawing may have scripts in it.
HARMLESS: Final = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
Side = Annotated[int, Query(description="Of its longest side, in pixels.", json_schema_extra={"enum": [*SIZES]})]
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


def _described() -> dict[str, Any]:
    """The filters and ways of showing, which have one list for command line, addresses and saved searches."""
    several = {"type": "array", "items": {"type": "string"}}
    return {
        "parameters": [
            {"name": name, "in": "query", "description": said, "schema": several, "explode": True}
            for name, said in {**NAMES, **SHOWING}.items()
        ]
    }


@router.get("", response_model=models.FoundAssets, openapi_extra=_described())
def find(principal: AssetsReader, backend: BackendOf, called: Request) -> Any:
    """The assets that fit all filters, by words, likeness and order, with counts where they are asked for."""
    found = search_assets(principal, backend.context, query_of(called.query_params.multi_items()))
    return found.as_dict(principal.account)


@router.get("/statistics")
def statistics(principal: AssetsReader, backend: BackendOf) -> dict[str, Any]:
    """How much the library holds, what it cost, and what of it is used."""
    return library_statistics(principal, backend.context).as_dict(principal.account)


@router.get("/searches", response_model=PageOf[models.SavedSearch])
def searches(principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """The saved searches of whoever asks."""
    found = saved_searches(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("name"), _search)


def _search(saved: SavedSearch) -> dict[str, Any]:
    return {"name": saved.name, "query": saved.query, "created_at": saved.created_at}


@router.put("/searches/{name}", status_code=204)
def save(
    name: str, query: Annotated[list[tuple[str, str]], Body()], principal: AssetsReader, backend: BackendOf
) -> None:
    """Keep a search under a name; names and values as `/assets` takes them."""
    save_search(principal, backend.context, name, query)


@router.delete("/searches/{name}", status_code=204)
def forget(name: str, principal: AssetsReader, backend: BackendOf) -> None:
    """Forget a saved search."""
    delete_saved_search(principal, backend.context, name)


@router.get("/{asset_id}", response_model=models.AssetView)
def asset(asset_id: str, principal: AssetsReader, backend: BackendOf) -> Any:
    """Everything recorded of an asset, by its id or SHA-256 or the beginning of either."""
    found = show_asset(principal, backend.context, asset_id)
    marks = marks_of(principal, backend.context, [found.id]).get(found.id, Marks())
    return {**found.as_dict(principal.account), **marks.as_dict()}


@router.get(
    "/{asset_id}/content", response_class=FileResponse, responses={**file_of_type(), **elsewhere(), **documented(410)}
)
def content(asset_id: str, called: Request, principal: AssetsReader, backend: BackendOf) -> Response:
    """The file itself, in ranges where they are asked for; from a bucket by an address that opens for a while.

    A use of it, a download, unless it is a part of the file that is asked for.
    """
    found = show_asset(principal, backend.context, asset_id, Right.USE)
    answer = file_of(backend, found)
    if "range" not in called.headers:
        record_use(principal, backend.context, found.id, Use.DOWNLOAD)
    return answer


@router.get("/{asset_id}/preview", response_class=FileResponse, responses={**file_of_type(MIME), **documented(410)})
def preview(asset_id: str, principal: AssetsReader, backend: BackendOf, side: Side = 640) -> Response:
    """A small picture of it, the same for ever; 404 for what shows nothing."""
    path = preview_of(principal, backend.context, asset_id, side)
    return FileResponse(path, media_type=MIME, headers={**HARMLESS, **_FOR_EVER})


def file_of(backend: Backend, found: Asset, headers: Mapping[str, str] = _FOR_EVER) -> Response:
    """The file of an asset to which whoever asks has the right. Raises NotFound where it is gone."""
    path = backend.context.store.local_path(found.sha256)
    if path is None and (address := address_of(backend.context, found)):
        return RedirectResponse(address, headers=dict(headers))
    if path is None:
        raise NotFound(f"the file of {found.id} is no longer in the store", hint="run its campaign again")
    told = {"ETag": f'"{found.sha256}"', **HARMLESS, **headers}
    return FileResponse(path, media_type=found.mime, headers=told, filename=known_name(found))


@router.get("/{asset_id}/uses", response_model=PageOf[models.AssetUse])
def uses(
    asset_id: str, principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: NumberCursor = ""
) -> Any:
    """Its uses, the newest first: who, when and for what."""
    found = list_uses(principal, backend.context, asset_id, limit + 1, int(cursor) if cursor else None)
    count = Count(sum(count_uses(principal, backend.context, asset_id).values()))
    return page(found, limit, count, attrgetter("id"), methodcaller("as_dict"))


@router.get("/{asset_id}/versions", response_model=PageOf[models.Version])
def versions(
    asset_id: str, principal: AssetsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = ""
) -> Any:
    """Every version of it, the oldest first, each with what changed."""
    found = list_versions(principal, backend.context, asset_id)
    return page_of(found, limit, cursor, attrgetter("number"), methodcaller("as_dict", principal.account))


@router.get("/{asset_id}/lineage", response_model=models.Lineage)
def lineage(asset_id: str, principal: AssetsReader, backend: BackendOf) -> Any:
    """What it was made from, and what was made of it."""
    found, kin = trace_asset(principal, backend.context, asset_id)
    owner = principal.account
    return {
        "asset": found.as_dict(owner),
        "made_from": [each.as_dict(owner) for each in kin.ancestors],
        "became": [each.as_dict(owner) for each in kin.descendants],
    }
