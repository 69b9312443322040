"""What a bought description says of a picture is kept with the picture: its words for people who do not see it, and its tags."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from pressroom.domain.library import TagOrigin
from pressroom.domain.shelving import MAX_TAG_LENGTH
from pressroom.library.assets import get_asset
from pressroom.library.editing import Edit, edit_assets
from pressroom.library.rows import number_of
from pressroom.library.tags import Tag, suggest_tags

DESCRIBES = "describe_image"
MODEL_CONFIDENCE = 0.8  # vendors do not say how sure they are of each tag


def keep_description(conn: Connection, account_id: int, pictures: Sequence[str], description: Path) -> None:
    """Give the pictures, by their asset ids, the description's alternative text and tags; what somebody has given stays."""
    said = json.loads(description.read_bytes())
    alt_text = str(said.get("alt_text", "")).strip()
    words = [str(word).strip()[:MAX_TAG_LENGTH] for word in said.get("tags") or ()]
    tags = [Tag(word, TagOrigin.MODEL, MODEL_CONFIDENCE) for word in dict.fromkeys(words) if word]
    for picture in pictures:
        suggest_tags(conn, account_id, number_of(conn, account_id, picture), tags)
        if alt_text and not get_asset(conn, account_id, picture).alt_text:
            edit_assets(conn, account_id, [picture], Edit(alt_text=alt_text))
