"""The library: an asset's record, its file, and where it came from."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, RedirectResponse, Response

from pressroom.api import models
from pressroom.api.asking import AssetsReader
from pressroom.api.backend import BackendOf
from pressroom.api.problems import documented
from pressroom.domain.errors import NotFound
from pressroom.services.library import known_name, link_to_asset, show_asset, trace_asset

router = APIRouter(prefix="/assets", tags=["assets"], responses=documented(404))
# What an asset holds runs nowhere, whatever it is: a drawing may have scripts in it.
_HARMLESS: Final = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


@router.get("/{asset_id}", response_model=models.Asset)
def asset(asset_id: str, principal: AssetsReader, backend: BackendOf) -> Any:
    """Everything recorded of an asset, by its id or SHA-256 or the beginning of either."""
    return show_asset(principal, backend.context, asset_id).as_dict(principal.account)


@router.get("/{asset_id}/content", response_class=FileResponse, responses=documented(410))
def content(asset_id: str, principal: AssetsReader, backend: BackendOf) -> Response:
    """The file itself, in ranges where they are asked for; from a bucket by an address that opens for a while."""
    found = show_asset(principal, backend.context, asset_id)
    path = backend.context.store.local_path(found.sha256)
    if path is None and backend.context.settings.store.startswith("s3://"):
        return RedirectResponse(link_to_asset(principal, backend.context, found.id))
    if path is None:
        raise NotFound(f"the file of {found.id} is no longer in the store", hint="run its campaign again")
    headers = {"ETag": f'"{found.sha256}"', "Cache-Control": "private, max-age=31536000, immutable", **_HARMLESS}
    return FileResponse(path, media_type=found.mime, headers=headers, filename=known_name(found))


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
