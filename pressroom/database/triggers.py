"""What a table definition cannot say: full-text search and the append-only guards, per dialect.

Every statement may run again on a database that has them: SQLite's batch migrations drop triggers without a word, so
they are restored after each migration.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

_TEXTS: Final = ("title", "description", "alt_text", "prompt")
_MARKED: Final = {"c": "campaign", "s": "step", "r": "run_id"}


def _filter_tokens(row: str) -> str:
    """Owner, campaign, step, run and kind as words: a common word within one campaign stays fast (50 -> 1.4 ms)."""
    marked = " || ' ' || ".join(f"'{mark}'||lower(hex({row}{name}))" for mark, name in _MARKED.items())
    return f"'o'||{row}account_id||' k'||{row}kind||' '||{marked}"


def _values(row: str) -> str:
    return ", ".join([f"{row}seq", *(f"{row}{name}" for name in _TEXTS), _filter_tokens(row)])


_COLUMNS: Final = ", ".join([*_TEXTS, "flt"])
# Only names from this file enter these statements.
_INSERT: Final = f"INSERT INTO asset_fts(rowid, {_COLUMNS}) VALUES ({_values('new.')});"  # noqa: S608
_DELETE: Final = f"INSERT INTO asset_fts(asset_fts, rowid, {_COLUMNS}) VALUES ('delete', {_values('old.')});"  # noqa: S608

SQLITE_SEARCH: Final = (
    f"CREATE VIEW IF NOT EXISTS asset_text AS SELECT seq, {', '.join(_TEXTS)}, {_filter_tokens('')} AS flt FROM asset",  # noqa: S608
    f"CREATE VIRTUAL TABLE IF NOT EXISTS asset_fts USING fts5({_COLUMNS}, content='asset_text', content_rowid='seq')",
    f"CREATE TRIGGER IF NOT EXISTS asset_fts_insert AFTER INSERT ON asset BEGIN {_INSERT} END",
    f"CREATE TRIGGER IF NOT EXISTS asset_fts_delete AFTER DELETE ON asset BEGIN {_DELETE} END",
    (
        "CREATE TRIGGER IF NOT EXISTS asset_fts_update AFTER UPDATE OF "
        f"{', '.join(_TEXTS)}, account_id, campaign, step, run_id, kind ON asset BEGIN {_DELETE} {_INSERT} END"
    ),
)
SQLITE_GUARDS: Final = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in ("op", "entry")
    for verb in ("UPDATE", "DELETE")
)

# Punctuation becomes blanks, so that both databases see the same words ("x.com" would be one word to PostgreSQL).
_PG_DOCUMENT: Final = "regexp_replace(left(" + " || ' ' || ".join(_TEXTS) + r", 100000), '[!-/:-@\[-`{-~]+', ' ', 'g')"
POSTGRESQL_OBJECTS: Final = (
    # A tsvector may not pass 1 MB, so only the beginning of absurdly long texts is searchable.
    (
        "ALTER TABLE asset ADD COLUMN IF NOT EXISTS tsv tsvector "
        f"GENERATED ALWAYS AS (to_tsvector('simple', {_PG_DOCUMENT})) STORED"
    ),
    "CREATE INDEX IF NOT EXISTS asset_tsv ON asset USING gin (tsv)",
    # With the default statistics a rare word is taken for a common one: 75 ms instead of 4 ms at a million rows.
    "ALTER TABLE asset ALTER COLUMN tsv SET STATISTICS 1000",
    (
        "CREATE OR REPLACE FUNCTION pressroom_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    ),
    *(
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION pressroom_append_only()"
        for table in ("op", "entry")
    ),
)


def ensure_objects(conn: Connection) -> None:
    """Create what is missing; the index is filled again when its triggers had gone."""
    if conn.dialect.name == "postgresql":
        _execute(conn, POSTGRESQL_OBJECTS)
        return
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'asset_fts_%'"
    complete = conn.exec_driver_sql(query).scalar_one() == 3
    _execute(conn, SQLITE_SEARCH + SQLITE_GUARDS)
    if not complete:
        conn.exec_driver_sql("INSERT INTO asset_fts(asset_fts) VALUES ('rebuild')")


def _execute(conn: Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        conn.exec_driver_sql(statement)


def is_object(name: str | None) -> bool:
    """Whether a table, column or index of this name is ours but not in the metadata: migrations leave it alone."""
    return name is not None and (name.startswith("asset_fts") or name in ("asset_text", "tsv", "asset_tsv"))
