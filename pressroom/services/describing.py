"""What a description says of a picture for people who do not see it is kept with the picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from pressroom.library.assets import get_asset
from pressroom.library.editing import Edit, edit_assets

DESCRIBES = "describe_image"


def keep_alt_text(conn: Connection, account_id: int, pictures: Sequence[str], description: Path) -> None:
    """Give the pictures, by their asset ids, the description's alternative text; one that somebody has given stays."""
    alt_text = str(json.loads(description.read_bytes()).get("alt_text", "")).strip()
    for picture in pictures:
        if alt_text and not get_asset(conn, account_id, picture).alt_text:
            edit_assets(conn, account_id, [picture], Edit(alt_text=alt_text))
