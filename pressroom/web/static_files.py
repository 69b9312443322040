"""Style, scripts and what was vendored, under names that change with their bytes: browsers keep them for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from pressroom.domain.media import mime_of

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": mime_of("svg"),
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
_DIGITS: Final = 12

router = APIRouter()


@lru_cache(maxsize=1)
def _files() -> Mapping[str, Path]:
    """Public name -> file: `style.css` is served as `style.<first digits of its SHA-256>.css`."""
    files = (path for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES)
    return {f"{path.stem}.{_digest(path)}{path.suffix}": path for path in files}


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    return {path.name: name for name, path in _files().items()}


def static_url(name: str) -> str:
    """Where a page finds the file. Raises KeyError for one that does not exist."""
    return f"/static/{_names()[name]}"


@router.get("/static/{name}")
def static_file(name: str) -> Response:
    path = _files().get(name)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"Cache-Control": FOR_EVER})


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
