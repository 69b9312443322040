"""The words in text assets, kept beside their records to be found and shown; the bytes stay as they were brought."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from pressroom.database.dialect import insert_new
from pressroom.database.schema import asset_content
from pressroom.domain.media import FONT_MIME, Kind, MediaInfo
from pressroom.library.rows import number_of

MOST_BYTES: Final = 1_000_000  # of a file, from its beginning; what comes behind is not found by its words
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FALLBACK: Final = "windows-1252"  # of what is no UTF-8: every byte but five stands for a character


@dataclass(frozen=True, slots=True)
class Content:
    """`charset` is what the file's bytes are read as."""

    text: str
    charset: str


def content_in(path: Path, info: MediaInfo) -> Content | None:
    """The words in a text file; None for other kinds, for fonts, and for bytes that are no text."""
    if info.kind is not Kind.TEXT or info.mime == FONT_MIME:
        return None
    with path.open("rb") as file:
        data = file.read(MOST_BYTES)
    marked = next((charset for mark, charset in _MARKS if data.startswith(mark)), "")
    for charset in (marked,) if marked else ("utf-8", _FALLBACK):
        try:
            # A character that the limit cut in two is left out, and nothing else.
            text = codecs.getincrementaldecoder(charset)().decode(data, final=len(data) < MOST_BYTES)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else Content(text, charset.removesuffix("-sig"))
    return None


def keep_content(conn: Connection, account_id: int, asset_id: str, content: Content) -> None:
    """Keep the words of an asset; harmless when they are kept already. Raises NotFound when there is no such asset."""
    row = {"asset_seq": number_of(conn, account_id, asset_id), "charset": content.charset, "content": content.text}
    conn.execute(insert_new(conn, asset_content).values(**row))


def content_of(conn: Connection, account_id: int, asset_id: str) -> Content | None:
    """The words of an asset, None where there are none. Raises NotFound when there is no such asset."""
    query = select(asset_content.c.content, asset_content.c.charset)
    row = conn.execute(query.where(asset_content.c.asset_seq == number_of(conn, account_id, asset_id))).one_or_none()
    return None if row is None else Content(*row)
