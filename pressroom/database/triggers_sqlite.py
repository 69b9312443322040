"""SQLite: the words of assets in an FTS5 table, and a note of every asset that changes."""

from __future__ import annotations

from typing import Final

from pressroom.database.search_parts import MIRRORED, OTHER_WORDS, TITLE_WORDS

_COLUMNS: Final = ", ".join([*TITLE_WORDS, *OTHER_WORDS, "owner"])
# Only names from this package enter these statements.
_PARTS: Final = {
    "tags": "coalesce((SELECT group_concat(t.tag, ' ') FROM asset_tag t WHERE t.asset_seq = a.seq), '')",
    "content": "coalesce((SELECT c.content FROM asset_content c WHERE c.asset_seq = a.seq), '')",
    "owner": "'o' || a.account_id || 'x'",
}
_VIEW: Final = ", ".join(f"{_PARTS.get(name, f'a.{name}')} AS {name}" for name in (*TITLE_WORDS, *OTHER_WORDS, "owner"))


def owner_word(account_id: int) -> str:
    """The word that every asset of an account has, and no other."""
    return f"o{account_id}x"


def _indexed(seq: str) -> str:
    """The words of an asset as they are now."""
    come = f"INSERT INTO asset_fts(rowid, {_COLUMNS}) SELECT seq, {_COLUMNS} FROM asset_text WHERE seq = {seq};"  # noqa: S608
    return f"DELETE FROM asset_fts WHERE rowid = {seq}; {come}"  # noqa: S608


_GONE: Final = "SELECT old.seq AS seq, old.account_id AS account_id"


def _of(seq: str) -> str:
    """The asset and its account, nothing where it has gone."""
    return f"SELECT seq, account_id FROM asset WHERE seq = {seq}"  # noqa: S608


def _noted(asset: str) -> str:
    number = "(SELECT coalesce(max(n.number), 0) + 1 FROM asset_change n WHERE n.account_id = a.account_id)"
    return (
        "INSERT INTO asset_change(asset_seq, account_id, number, mark) "  # noqa: S608
        f"SELECT a.seq, a.account_id, {number}, random() FROM ({asset}) a WHERE true "
        "ON CONFLICT (asset_seq) DO UPDATE SET number = excluded.number, mark = excluded.mark;"
    )


def _triggers() -> dict[str, str]:
    words = ", ".join([name for name in (*TITLE_WORDS, *OTHER_WORDS) if name not in _PARTS])
    gone = "DELETE FROM asset_fts WHERE rowid = old.seq;"
    found = {
        "asset_fts_insert": f"AFTER INSERT ON asset BEGIN {_indexed('new.seq')} {_noted(_of('new.seq'))} END",
        "asset_fts_delete": f"AFTER DELETE ON asset BEGIN {gone} {_noted(_GONE)} END",
        "asset_fts_update": f"AFTER UPDATE OF {words} ON asset BEGIN {_indexed('new.seq')} END",
        "asset_fts_change": f"AFTER UPDATE OF {', '.join(MIRRORED)} ON asset BEGIN {_noted(_of('new.seq'))} END",
    }
    for table, has_words in {
        "asset_tag": True,
        "asset_content": True,
        "collection_asset": False,
        "opinion": False,
    }.items():
        for verb, row in {"insert": "new", "update": "new", "delete": "old"}.items():
            words = _indexed(f"{row}.asset_seq") if has_words else ""
            note = _noted(_of(f"{row}.asset_seq"))
            found[f"asset_fts_{table}_{verb}"] = f"AFTER {verb.upper()} ON {table} BEGIN {words} {note} END"
    return found


_TRIGGERS: Final = _triggers()
TRIGGERS: Final = tuple(_TRIGGERS)
OBJECTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS asset_change (asset_seq INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, "
        "number INTEGER NOT NULL, mark INTEGER NOT NULL)"
    ),
    "CREATE INDEX IF NOT EXISTS asset_change_number ON asset_change (account_id, number)",
    f"CREATE VIEW IF NOT EXISTS asset_text AS SELECT a.seq, {_VIEW} FROM asset a",  # noqa: S608
    f"CREATE VIRTUAL TABLE IF NOT EXISTS asset_fts USING fts5({_COLUMNS})",
    *(f"CREATE TRIGGER IF NOT EXISTS {name} {body}" for name, body in _TRIGGERS.items()),
    *(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("op", "entry")
        for verb in ("UPDATE", "DELETE")
    ),
)
REFILL: Final = (
    "DELETE FROM asset_fts",
    f"INSERT INTO asset_fts(rowid, {_COLUMNS}) SELECT seq, {_COLUMNS} FROM asset_text",  # noqa: S608
)
