"""Small pictures of assets, by the SHA-256 of the file that they show: browsers keep them for ever."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse, Response

from pressroom.api.backend import BackendOf
from pressroom.services.previews import MIME, preview_of
from pressroom.web.visitor import AssetsReader

router = APIRouter()
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/previews/{sha256}-{side}.webp")
def preview(backend: BackendOf, visitor: AssetsReader, sha256: Sha256, side: int) -> Response:
    path = preview_of(visitor.principal, backend.context, sha256, side)
    return FileResponse(path, media_type=MIME, headers={"Cache-Control": "private, max-age=31536000, immutable"})
