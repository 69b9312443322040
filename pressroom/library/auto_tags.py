"""Tags without a model: what a picture's record and its pixels say. Never at the cost of a run: they are caught up with later.

Each has its origin `rule` and how sure it is. A tag that a person took off does not come back, and what a person gave stays
theirs (see pressroom.library.tags).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import yaml
from sqlalchemy import Connection, select, update

from pressroom.database.engine import Database
from pressroom.database.schema import asset
from pressroom.domain.errors import PressroomError
from pressroom.domain.library import TagOrigin
from pressroom.domain.media import Asset, Kind, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.library.rows import assets_from
from pressroom.library.tags import Tag, suggest_tags
from pressroom.storage.base import ObjectStore

VERSION: Final = 1
MOST_PROMPT_WORDS: Final = 6
_LEAST_LETTERS: Final = 3
_SQUARE: Final = 0.02  # how far the sides of a square picture may differ
_CERTAIN, _SAID = 1.0, 0.6  # what is measured, and what a prompt asked for
_WORD: Final = re.compile(r"[^\W\d_]+")
_DATA: Final = Path(__file__).with_name("prompt_words.yaml")


def said_by_rules(
    path: Path | None, info: MediaInfo, limits: MediaLimits, *, prompt: str = "", placement: str = ""
) -> list[Tag]:
    """What is measured of a file, what its pixels show where it is a picture that is here, and the words of its prompt."""
    measured = [word for word in (_orientation(info), placement) if word]
    tags = [Tag(word, TagOrigin.RULE, _CERTAIN) for word in measured]
    if path is not None and info.kind is Kind.IMAGE:
        tags += _of_pixels(path, limits)
    return tags + [Tag(word, TagOrigin.RULE, _SAID) for word in _prompt_words(prompt)]


def put_auto_tags(conn: Connection, account_id: int, filed: Asset, tags: list[Tag]) -> None:
    """Keep what the rules say of an asset; from now on it counts as looked at."""
    seq = conn.execute(select(asset.c.seq).where(asset.c.id == filed.id, asset.c.account_id == account_id)).scalar()
    if seq is not None:  # it may have been purged meanwhile
        suggest_tags(conn, account_id, int(seq), tags)
        conn.execute(update(asset).where(asset.c.seq == seq).values(auto_tagged=VERSION))


def without_auto_tags(conn: Connection, account_id: int, most: int) -> list[Asset]:
    """The account's newest assets that no rule has looked at."""
    query = select(asset).where(asset.c.account_id == account_id, asset.c.auto_tagged == 0)
    return assets_from(conn, conn.execute(query.order_by(asset.c.seq.desc()).limit(most)).all())


def catch_up(database: Database, account_id: int, store: ObjectStore, limits: MediaLimits, *, most: int) -> int:
    """Tag the newest that were not yet, at most so many; returns how many that were. Many at a time share a transaction."""
    with database.read() as conn:
        waiting = without_auto_tags(conn, account_id, most)
    found = [(each, _looked_at(store, each, limits)) for each in waiting]
    if found:
        with database.write() as conn:
            for each, tags in found:
                put_auto_tags(conn, account_id, each, tags)
    return len(found)


def _looked_at(store: ObjectStore, filed: Asset, limits: MediaLimits) -> list[Tag]:
    info = MediaInfo(filed.kind, filed.mime, filed.width, filed.height)
    with TemporaryDirectory(prefix="pressroom-") as folder:
        path = _fetched(store, filed, Path(folder)) if filed.kind is Kind.IMAGE else None
        return said_by_rules(path, info, limits, prompt=filed.prompt, placement=filed.placement or "")


def _fetched(store: ObjectStore, filed: Asset, folder: Path) -> Path | None:
    """The file, None where the store has lost it."""
    path = store.local_path(filed.sha256)
    if path is None:
        path = folder / filed.sha256
        try:
            store.get(filed.sha256, path)
        except KeyError:
            return None
    return path


def _of_pixels(path: Path, limits: MediaLimits) -> list[Tag]:
    """Nothing of what cannot be opened."""
    from pressroom.media.files.images import open_image
    from pressroom.media.subject.traits import traits_of

    try:
        found = traits_of(open_image(path, limits))
    except (PressroomError, OSError):
        return []
    return [Tag(each.word, TagOrigin.RULE, each.confidence) for each in found]


def _orientation(info: MediaInfo) -> str:
    if not info.width or not info.height:
        return ""
    if abs(info.width - info.height) <= _SQUARE * max(info.width, info.height):
        return "square"
    return "landscape" if info.width > info.height else "portrait"


def _prompt_words(prompt: str) -> Iterator[str]:
    """The first words of it that say something, each once."""
    words = dict.fromkeys(word for word in map(str.lower, _WORD.findall(prompt)) if len(word) >= _LEAST_LETTERS)
    yield from [word for word in words if word not in _empty_words()][:MOST_PROMPT_WORDS]


@cache
def _empty_words() -> frozenset[str]:
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return frozenset(f"{data['stop']} {data['quality']}".split())
