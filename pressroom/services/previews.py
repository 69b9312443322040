"""Small pictures of assets for pages: made once for the same bytes, kept in the home's cache, never the original."""

from __future__ import annotations

import secrets
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from pressroom.domain.errors import NotFound, PressroomError
from pressroom.domain.identity import Principal
from pressroom.domain.library import Right
from pressroom.domain.media import PICTURED, Asset, mime_of
from pressroom.services.access import Visitor
from pressroom.services.context import Context
from pressroom.services.library import opened_media, show_asset

# Longest side in pixels -> most bytes: a card, twice as fine for dense screens, and one that fills a page.
SMALLEST: Final = 160  # for pages of others, which hold the picture itself
SIZES: Final = {SMALLEST: 8_000, 320: 40_000, 640: 120_000, 1600: 600_000}
MIME: Final = mime_of("webp")
_at_once: Final = BoundedSemaphore(2)  # each may hold a whole frame


def has_preview(asset: Asset) -> bool:
    return asset.kind in PICTURED


def preview_of(who: Principal | Visitor, context: Context, name: str, side: int) -> Path:
    """A WebP file that shows the asset, for whoever may see it. `name` as for `show_asset`, `side` one of SIZES.

    Raises NotFound for another size and for a file that shows nothing or cannot be opened.
    """
    asset = show_asset(who, context, name)
    if side not in SIZES or not has_preview(asset):
        raise NotFound(f"there is no preview of {asset.id} with {side} pixels")
    kept = context.previews / asset.sha256[:2] / f"{asset.sha256}-{side}.webp"
    if not kept.is_file():
        _make(who, context, asset, side, kept)
    return kept


def _make(who: Principal | Visitor, context: Context, asset: Asset, side: int, kept: Path) -> None:
    import pyvips  # pixel libraries load slowly

    from pressroom.reporting.thumbnails import small_picture, webp_within

    try:
        with _at_once, opened_media(who, context, asset.id, Right.VIEW) as media:
            tools = context.ffmpeg, context.settings.limits
            picture = small_picture(media.path, asset.kind, asset.duration_seconds, side, *tools)
            data = webp_within(picture, SIZES[side])
    except (PressroomError, pyvips.Error, OSError) as exc:
        raise NotFound(f"{asset.id} cannot be shown", hint="its file is damaged or no longer in the store") from exc
    kept.parent.mkdir(parents=True, exist_ok=True)
    temporary = kept.with_name(f".{kept.name}.{secrets.token_hex(4)}")
    temporary.write_bytes(data)
    temporary.replace(kept)
