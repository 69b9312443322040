"""Changing what people say of assets, and where these stand. Every function takes many assets of one account."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset
from pressroom.domain.content_hash import canonical
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.library import AssetState, Category
from pressroom.domain.media import Asset
from pressroom.domain.suggest import did_you_mean
from pressroom.library.folders import checked_folder
from pressroom.library.rows import numbers_of

MAX_METADATA_BYTES: Final = 16 * 1024
MAX_KEYWORDS: Final = 50
# Characters; the longest texts that forms and feeds of shops and platforms take, with room to spare.
MAX_LENGTHS: Final[Mapping[str, int]] = {
    "name": 500,
    "filename": 255,
    "project": 200,
    "title": 500,
    "description": 20_000,
    "alt_text": 2_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to be changed of assets; None leaves it.

    `metadata` is merged: a key set to None goes (RFC 7396, on the first level).
    """

    name: str | None = None
    filename: str | None = None
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    folder: str | None = None
    project: str | None = None
    category: Category | str | None = None
    seo_keywords: tuple[str, ...] | None = None
    metadata: Mapping[str, Any] | None = None
    is_public: bool | None = None
    agent_visible: bool | None = None

    def values(self) -> dict[str, Any]:
        """What is given, checked. Raises Invalid with every problem at once."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        given = {name: value for name, value in given.items() if value is not None}
        if not given:
            raise Invalid(
                "nothing is to be changed", hint=f"give one of {', '.join(each.name for each in fields(self))}"
            )
        problems = [problem for name, value in given.items() for problem in _problems(name, value)]
        if problems:
            raise Invalid.of(problems)
        if self.folder is not None:
            given["folder"] = checked_folder(self.folder)
        if self.category is not None:
            given["category"] = Category(self.category).value
        if self.seo_keywords is not None:
            words = (" ".join(word.split()) for word in self.seo_keywords)
            given["seo_keywords"] = canonical(list(dict.fromkeys(filter(None, words)))).decode()
        return given


def edit_assets(conn: Connection, account_id: int, asset_ids: Iterable[str], edit: Edit) -> int:
    """Change the assets; returns how many there are. Raises Invalid for values that cannot be, or a missing asset."""
    values = edit.values()
    numbers = list(numbers_of(conn, account_id, asset_ids).values())
    added = values.pop("metadata", None)
    if values:
        conn.execute(update(asset).where(in_values(asset.c.seq, numbers)).values(**values))
    if added is not None:
        _merge_metadata(conn, numbers, added)
    return len(numbers)


def set_state(
    conn: Connection, account_id: int, asset_ids: Iterable[str], state: AssetState, at: datetime | None = None
) -> int:
    """Bring assets into a state; returns how many were in another. `at` is when they were put into the trash."""
    these = in_values(asset.c.seq, numbers_of(conn, account_id, asset_ids).values())
    others = update(asset).where(these, asset.c.state != state)
    return conn.execute(others.values(state=state.value, trashed_at=at)).rowcount


def leave_trash(conn: Connection, account_id: int, assets: Iterable[Asset]) -> None:
    """What a run has come to is not cleared away with what was thrown away before."""
    trashed = [each.id for each in assets if each.state is AssetState.TRASHED]
    if trashed:
        set_state(conn, account_id, trashed, AssetState.READY)


def _merge_metadata(conn: Connection, numbers: list[int], added: Mapping[str, Any]) -> None:
    rows = conn.execute(select(asset.c.seq, asset.c.id, asset.c.metadata).where(in_values(asset.c.seq, numbers))).all()
    merged = []
    for seq, asset_id, before in rows:
        kept = {name: value for name, value in {**json.loads(before), **added}.items() if value is not None}
        text = canonical(kept)
        if len(text) > MAX_METADATA_BYTES:
            message = f"the metadata of {asset_id} would have {len(text):,} bytes"
            raise Invalid.of([Problem("usage", message, f"at most {MAX_METADATA_BYTES:,}")])
        merged.append({"number": seq, "text": text.decode()})
    conn.execute(update(asset).where(asset.c.seq == bindparam("number")).values(metadata=bindparam("text")), merged)


def _problems(name: str, value: Any) -> Iterable[Problem]:
    most = MAX_LENGTHS.get(name)
    if most is not None and len(value) > most:
        yield Problem("usage", f"{name} has {len(value):,} characters", f"at most {most:,}")
    if name == "filename" and not _is_file_name(value):
        yield Problem("usage", f"{value[:80]!r} is no file name", "leave out / and \\ and what cannot be printed")
    if name == "category" and value not in list(Category):
        yield Problem("usage", f"there is no category {value!r}", did_you_mean(value, Category, "categories"))
    if name == "seo_keywords" and (
        len(value) > MAX_KEYWORDS or any(len(word) > MAX_LENGTHS["project"] for word in value)
    ):
        yield Problem("usage", f"these are {len(value)} keywords, or one is very long", f"at most {MAX_KEYWORDS}")


def _is_file_name(text: str) -> bool:
    plain = unicodedata.normalize("NFC", text)
    return plain.isprintable() and not {"/", "\\"} & set(plain) and plain.strip(". ") == plain and bool(plain)
