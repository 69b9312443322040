"""What others share with who looks: their assets as guests see them, beside one's own library and never in it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from pressroom.api.backend import BackendOf
from pressroom.domain.errors import NotFound
from pressroom.services.previews import MIME, preview_of
from pressroom.services.shared_assets import shared_assets, shared_with
from pressroom.web.rendering import page
from pressroom.web.visitor import AssetsReader

router = APIRouter()
_A_PAGE: Final = 60
_OF_EACH: Final = 12


@router.get("/library/shared")
def shared_page(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    """The newest of each share; all of one, by pages, where the address says which and behind what."""
    shares = shared_with(visitor.principal, backend.context)
    asked = request.query_params.get("share", "")
    if asked and (not asked.isdecimal() or int(asked) >= len(shares)):
        raise NotFound("this is not shared with you any more", hint="look at what is: /library/shared")
    picked = [(int(asked), shares[int(asked)])] if asked else list(enumerate(shares))
    limit, after = (_A_PAGE if asked else _OF_EACH), request.query_params.get("after") or None
    found = [
        (number, share, shared_assets(visitor.principal, backend.context, share, limit + 1, after))
        for number, share in picked
    ]
    return page(request, visitor, "shared.html.j2", found=found, limit=limit, asked=asked)


@router.get("/assets/{name}/preview-{side}.webp")
def preview(backend: BackendOf, visitor: AssetsReader, name: str, side: int) -> Response:
    """By the asset's id: what is shared with somebody is nobody's of their own, by its bytes."""
    path = preview_of(visitor.principal, backend.context, name, side)
    return FileResponse(path, media_type=MIME, headers={"Cache-Control": "private, no-cache"})
