"""Database URLs: which database they name, and which are supported."""

from __future__ import annotations

import re
from pathlib import Path

from pressroom.domain.errors import Invalid

_SQLITE = re.compile(r"^sqlite(?:\+pysqlite)?:///(?P<path>[^?]+)(?:\?.*)?$")
EXAMPLES = "use sqlite:////absolute/path.db or postgresql+psycopg://user@host:5432/name"


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database. Raises Invalid for a SQLite that has no file."""
    if not url.startswith("sqlite"):
        return None
    match = _SQLITE.match(url)
    if match is None or match["path"] == ":memory:" or match["path"].startswith("file:"):
        raise Invalid("the SQLite database needs a plain file: several processes share it", hint=EXAMPLES)
    return Path(match["path"])


def checked(url: str) -> str:
    """The URL with its driver named. Raises Invalid (without showing the URL) for databases that are not supported."""
    if sqlite_path(url) is not None:
        return url
    scheme = url.partition("://")[0]
    if scheme in ("postgresql", "postgres"):
        return "postgresql+psycopg" + url[len(scheme) :]
    if scheme != "postgresql+psycopg":
        raise Invalid("the database URL is neither SQLite nor PostgreSQL", hint=EXAMPLES)
    return url
