"""What a table definition cannot say: full-text search and the append-only guards, per dialect.

Every statement may run again on a database that has them: SQLite's batch migrations drop triggers without a word, so
they are restored after each migration.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

_TEXTS: Final = ("title", "description", "alt_text", "prompt")
# One letter for each filter that is kept as words beside the texts; tags come from their own table.
FILTER_MARKS: Final = {"campaign": "c", "step": "s", "run_id": "r", "kind": "k", "tag": "t"}
OWNER_MARK: Final = "o"
SHELF_MARK: Final = "m"


def filter_word(mark: str, account_id: int, value: str = "") -> str:
    """The word that stands for a filter of an account: no word of another account's is ever read for it."""
    return f"{mark}{account_id}x{value.encode().hex()}"


def _word(row: str, name: str) -> str:
    """The same in SQL."""
    return f"'{FILTER_MARKS[name]}'||{row}account_id||'x'||lower(hex({row}{name}))"


def _tag_words(row: str, but: str = "1") -> str:
    """The words of the asset's tags, in one order, of those for which `but` holds."""
    words = f"group_concat({_word('t.', 'tag')}, ' ')"
    return f"coalesce((SELECT {words} FROM asset_tag t WHERE t.asset_seq = {row}seq AND {but}), '')"  # noqa: S608


def _shelf_words(row: str, but: str = "1") -> str:
    """The same of the collections that it lies in."""
    words = f"group_concat('{SHELF_MARK}'||{row}account_id||'x'||lower(hex(m.collection_id)), ' ')"
    return f"coalesce((SELECT {words} FROM collection_asset m WHERE m.asset_seq = {row}seq AND {but}), '')"  # noqa: S608


def _filter_words(row: str, tags: str = "", shelves: str = "") -> str:
    """A common word within one campaign stays fast (50 -> 1.4 ms), and so does any pair of filters."""
    columns = [_word(row, name) for name in FILTER_MARKS if name != "tag"]
    owner = f"'{OWNER_MARK}'||{row}account_id||'x'"
    return " || ' ' || ".join([owner, *columns, tags or _tag_words(row), shelves or _shelf_words(row)])


def _values(row: str, **extra: str) -> str:
    words = _filter_words(row, **extra)
    return ", ".join([f"{row}seq", *(f"{row}{name}" for name in _TEXTS), words])


_COLUMNS: Final = ", ".join([*_TEXTS, "flt"])
# Only names from this file enter these statements.
_INSERT: Final = f"INSERT INTO asset_fts(rowid, {_COLUMNS}) VALUES ({_values('new.')});"  # noqa: S608
_DELETE: Final = f"INSERT INTO asset_fts(asset_fts, rowid, {_COLUMNS}) VALUES ('delete', {_values('old.')});"  # noqa: S608


def _changed(row: str, **before: str) -> str:
    """The asset out of the index with its filter words as they were `before`, and in again with those it has now."""
    gone = f"SELECT 'delete', {_values('a.', **before)} FROM asset a WHERE a.seq = {row}asset_seq"  # noqa: S608
    come = f"SELECT {_values('a.')} FROM asset a WHERE a.seq = {row}asset_seq"  # noqa: S608
    return (
        f"INSERT INTO asset_fts(asset_fts, rowid, {_COLUMNS}) {gone}; INSERT INTO asset_fts(rowid, {_COLUMNS}) {come};"
    )


_UNTAGGED: Final = _tag_words("a.", "t.tag <> new.tag")
_TAGGED: Final = f"{_tag_words('a.')}||' '||{_word('old.', 'tag')}"
_UNSHELVED: Final = _shelf_words("a.", "m.collection_id <> new.collection_id")
_SHELVED: Final = f"{_shelf_words('a.')}||' {SHELF_MARK}'||a.account_id||'x'||lower(hex(old.collection_id))"
_INDEXED: Final = ", ".join([*_TEXTS, "account_id", "campaign", "step", "run_id", "kind"])
_SQLITE_TRIGGERS: Final = {
    "asset_fts_insert": f"AFTER INSERT ON asset BEGIN {_INSERT} END",
    "asset_fts_delete": f"AFTER DELETE ON asset BEGIN {_DELETE} END",
    "asset_fts_update": f"AFTER UPDATE OF {_INDEXED} ON asset BEGIN {_DELETE} {_INSERT} END",
    "asset_fts_tag": f"AFTER INSERT ON asset_tag BEGIN {_changed('new.', tags=_UNTAGGED)} END",
    "asset_fts_untag": f"AFTER DELETE ON asset_tag BEGIN {_changed('old.', tags=_TAGGED)} END",
    "asset_fts_shelve": f"AFTER INSERT ON collection_asset BEGIN {_changed('new.', shelves=_UNSHELVED)} END",
    "asset_fts_unshelve": f"AFTER DELETE ON collection_asset BEGIN {_changed('old.', shelves=_SHELVED)} END",
}
SQLITE_TRIGGERS: Final = tuple(_SQLITE_TRIGGERS)
SQLITE_SEARCH: Final = (
    (
        f"CREATE VIEW IF NOT EXISTS asset_text AS SELECT seq, {', '.join(_TEXTS)}, "  # noqa: S608
        f"{_filter_words('asset.')} AS flt FROM asset"
    ),
    f"CREATE VIRTUAL TABLE IF NOT EXISTS asset_fts USING fts5({_COLUMNS}, content='asset_text', content_rowid='seq')",
    *(f"CREATE TRIGGER IF NOT EXISTS {name} {body}" for name, body in _SQLITE_TRIGGERS.items()),
)
SQLITE_GUARDS: Final = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in ("op", "entry")
    for verb in ("UPDATE", "DELETE")
)

# Punctuation becomes blanks, so that both databases see the same words ("x.com" would be one word to PostgreSQL).
_PG_DOCUMENT: Final = "regexp_replace(left(" + " || ' ' || ".join(_TEXTS) + r", 100000), '[!-/:-@\[-`{-~]+', ' ', 'g')"
# Filters that SQLite finds by their words in the full-text index.
_PG_FILTERS: Final = ("kind", "step")
POSTGRESQL_OBJECTS: Final = (
    # A tsvector may not pass 1 MB, so only the beginning of absurdly long texts is searchable.
    (
        "ALTER TABLE asset ADD COLUMN IF NOT EXISTS tsv tsvector "
        f"GENERATED ALWAYS AS (to_tsvector('simple', {_PG_DOCUMENT})) STORED"
    ),
    "CREATE INDEX IF NOT EXISTS asset_tsv ON asset USING gin (tsv)",
    # With the default statistics a rare word is taken for a common one: 75 ms instead of 4 ms at a million rows.
    "ALTER TABLE asset ALTER COLUMN tsv SET STATISTICS 1000",
    *(f"CREATE INDEX IF NOT EXISTS asset_by_{name} ON asset (account_id, {name}, seq)" for name in _PG_FILTERS),
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
    complete = conn.exec_driver_sql(query).scalar_one() == len(SQLITE_TRIGGERS)
    _execute(conn, SQLITE_SEARCH + SQLITE_GUARDS)
    if not complete:
        conn.exec_driver_sql("INSERT INTO asset_fts(asset_fts) VALUES ('rebuild')")


def _execute(conn: Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        conn.exec_driver_sql(statement)


def is_object(name: str | None) -> bool:
    """Whether a table, column or index of this name is ours but not in the metadata: migrations leave it alone."""
    return name is not None and (
        name.startswith(("asset_fts", "asset_by_")) or name in ("asset_text", "tsv", "asset_tsv")
    )
