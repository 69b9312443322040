"""How an account looks, as files: its colours as a style sheet, its logo as a small picture. Anybody may have them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse, Response

from pressroom.api.backend import BackendOf
from pressroom.domain.branding import Scheme
from pressroom.services.branding import ground_below, ink_on, logo_file
from pressroom.services.previews import MIME
from pressroom.web.static_files import FOR_EVER, TYPES

router = APIRouter()
Digits = Annotated[str, Path(pattern="^[0-9a-f]{6}$")]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/brand/{light}-{dark}.css")
def colours(light: Digits, dark: Digits) -> Response:
    """The address says both accents, so that the sheet never changes."""
    sheet = f":root{{{_rules(light, Scheme.LIGHT)}}}@media (prefers-color-scheme:dark){{:root{{{_rules(dark, Scheme.DARK)}}}}}"
    return Response(sheet, media_type=TYPES[".css"], headers={"Cache-Control": FOR_EVER})


@router.get("/brand/{sha256}.webp")
def logo(backend: BackendOf, sha256: Sha256) -> Response:
    path = logo_file(backend.context, sha256)
    return FileResponse(path, media_type=MIME, headers={"Cache-Control": FOR_EVER})


def _rules(digits: str, scheme: Scheme) -> str:
    accent = f"#{digits}"
    return f"--accent:{accent};--accent-ink:{ink_on(accent)};--accent-well:{ground_below(accent, scheme)}"
