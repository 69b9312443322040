"""One asset: what it shows, where it comes from, what became of it, and its file."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from pressroom.api.backend import BackendOf
from pressroom.domain.errors import NotFound
from pressroom.domain.library import Right, Use
from pressroom.domain.media import PROVENANCE, Asset, Kind, suffix_for
from pressroom.services.asset_overview import overview_of_asset
from pressroom.services.library import find_similar, known_name, opened_media, show_asset
from pressroom.services.previews import has_preview
from pressroom.services.shared_assets import see_asset
from pressroom.services.uses import record_use
from pressroom.web.headers import FILE_POLICY
from pressroom.web.lineage_graph import graph_of
from pressroom.web.rendering import page
from pressroom.web.visitor import AssetsReader

router = APIRouter()
_MOST_RELATIVES: Final = 100  # on each side
_MOST_ALIKE: Final = 12
_TEXT_BYTES: Final = 100_000
_SHOWN: Final = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.AUDIO})  # what a browser opens within a page


@router.get("/assets/{name}")
def asset_page(request: Request, backend: BackendOf, visitor: AssetsReader, name: str) -> Response:
    """The account's own with all that is known of it, or one that is shared, as guests see it."""
    try:
        found = overview_of_asset(visitor.principal, backend.context, name, relatives=_MOST_RELATIVES)
    except NotFound:
        return _of_others(request, backend, visitor, name)
    asset, lineage = found.asset, found.lineage
    record_use(visitor.principal, backend.context, asset.id, Use.VIEW)
    return page(
        request,
        visitor,
        "asset.html.j2",
        asset=asset,
        found=found,
        source=next((each for each in lineage.ancestors if each.kind is asset.kind), None),
        graph=graph_of(lineage) if lineage.edges else None,
        text=_text(backend, visitor, asset) if asset.kind is Kind.TEXT else None,
        provenance=asset.details.get(PROVENANCE) or {},
        details=_pretty({key: value for key, value in asset.details.items() if key != PROVENANCE}),
        params=_pretty(asset.params),
    )


def _of_others(request: Request, backend: BackendOf, visitor: AssetsReader, name: str) -> Response:
    """Raises NotFound, in the same words, for what is not shared and for what there is not."""
    seen = see_asset(visitor.principal, backend.context, name)
    record_use(visitor.principal, backend.context, seen.asset.id, Use.VIEW)
    may = {f"may_{right}": _may(backend, visitor, seen.asset, right) for right in (Right.USE, Right.EDIT)}
    return page(request, visitor, "guest_asset.html.j2", asset=seen.asset, owner=seen.account, **may)


def _may(backend: BackendOf, visitor: AssetsReader, asset: Asset, right: Right) -> bool:
    with suppress(NotFound):
        return bool(see_asset(visitor.principal, backend.context, asset.id, right))
    return False


@router.get("/assets/{name}/similar")
def similar_part(request: Request, backend: BackendOf, visitor: AssetsReader, name: str) -> Response:
    """What resembles it, for the part of the page that asks once the page is there."""
    asset = show_asset(visitor.principal, backend.context, name)
    found = find_similar(visitor.principal, backend.context, asset.id, limit=_MOST_ALIKE)
    alike = [*found.answer.duplicates, *found.answer.nearest]
    return page(request, visitor, "similar.html.j2", asset=asset, alike=alike, waiting=found.waiting)


@router.get("/assets/{name}/beside/{other}")
def compared(request: Request, backend: BackendOf, visitor: AssetsReader, name: str, other: str) -> Response:
    """Two pictures, one over the other behind a slider, or beside it where nothing moves."""
    both = [show_asset(visitor.principal, backend.context, each) for each in (name, other)]
    for each in both:
        if not has_preview(each):
            raise NotFound(f"{each.id} shows no picture", hint="compare pictures, videos or documents")
    return page(request, visitor, "compare.html.j2", asset=both[0], other=both[1])


@router.get("/assets/{name}/file")
def asset_file(request: Request, backend: BackendOf, visitor: AssetsReader, name: str) -> Response:
    """The original. Whatever it holds, it runs nothing: it is shown in a sandbox, or saved."""
    asset = show_asset(visitor.principal, backend.context, name)
    inline = asset.kind in _SHOWN and "download" not in request.query_params
    if not inline:
        record_use(visitor.principal, backend.context, asset.id, Use.DOWNLOAD)
    with ExitStack() as stack:
        media = stack.enter_context(opened_media(visitor.principal, backend.context, asset.id))
        kept = stack.pop_all()
    return FileResponse(
        media.path.resolve(),
        media_type=asset.mime,
        status_code=HTTPStatus.OK,
        headers={
            "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(file_name(asset))}",
            "Content-Security-Policy": FILE_POLICY,
            "Cache-Control": "private, max-age=31536000, immutable",
        },
        background=BackgroundTask(kept.close),
    )


def file_name(asset: Asset) -> str:
    name, suffix = known_name(asset), suffix_for(asset.mime)
    return name if Path(name).suffix else f"{name}{suffix}"


def _text(backend: BackendOf, visitor: AssetsReader, asset: Asset) -> str:
    with opened_media(visitor.principal, backend.context, asset.id) as media, media.path.open("rb") as file:
        return file.read(_TEXT_BYTES).decode("utf-8", "replace")


def _pretty(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2, default=str) if values else ""
