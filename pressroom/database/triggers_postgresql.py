"""PostgreSQL: the words of assets in a table of their own, and a note of every asset that changes."""

from __future__ import annotations

from typing import Final

from pressroom.database.search_parts import MIRRORED, OTHER_WORDS, TITLE_WORDS

# A tsvector may not pass 1 MB, so only the beginning of absurdly long texts is searchable.
_MOST_CHARACTERS: Final = 100_000
# Stands between two texts while they are put together, so that no phrase reaches from one into the next.
_BETWEEN: Final = "xbetweenx"
_PARTS: Final = {
    "tags": "coalesce((SELECT string_agg(t.tag, ' ') FROM asset_tag t WHERE t.asset_seq = a.seq), '')",
    "content": "coalesce((SELECT c.content FROM asset_content c WHERE c.asset_seq = a.seq), '')",
}
_WORDS: Final = ", ".join(name for name in (*TITLE_WORDS, *OTHER_WORDS) if name not in _PARTS)


def owner_word(account_id: int) -> str:
    """What every asset of an account has and no other, and nobody can type."""
    return f"@{account_id}"


def _vector(names: tuple[str, ...]) -> str:
    """Punctuation becomes blanks, so that both databases see the same words ("x.com" would be one word here)."""
    joined = f" || ' {_BETWEEN} ' || ".join(_PARTS.get(name, f"a.{name}") for name in names)
    return rf"to_tsvector('simple', regexp_replace(left({joined}, {_MOST_CHARACTERS}), '[!-/:-@\[-`{{-~]+', ' ', 'g'))"


_DOCUMENT: Final = (
    f"ts_delete(setweight({_vector(TITLE_WORDS)}, 'A') || {_vector(OTHER_WORDS)}, '{_BETWEEN}') "
    "|| array_to_tsvector(ARRAY['@' || a.account_id])"
)
_INDEXED: Final = f"SELECT a.seq, a.account_id, {_DOCUMENT} FROM asset a"  # noqa: S608
# Functions of triggers. Old notes of an asset go unless somebody else is at them: a note never waits for another's.
_FUNCTIONS: Final = {
    "pressroom_index_text(which bigint) RETURNS void": (
        f"INSERT INTO asset_text (seq, account_id, tsv) {_INDEXED} WHERE a.seq = which "
        "ON CONFLICT (seq) DO UPDATE SET tsv = excluded.tsv;"
    ),
    "pressroom_note_change(which bigint, owner bigint) RETURNS void": (
        "DELETE FROM asset_change WHERE number IN "
        "(SELECT number FROM asset_change WHERE asset_seq = which FOR UPDATE SKIP LOCKED); "
        "INSERT INTO asset_change (asset_seq, account_id) VALUES (which, owner);"
    ),
    "pressroom_asset_changed() RETURNS trigger": (
        "IF TG_OP = 'DELETE' THEN DELETE FROM asset_text WHERE seq = OLD.seq; "
        "PERFORM pressroom_note_change(OLD.seq, OLD.account_id); "
        "ELSE PERFORM pressroom_note_change(NEW.seq, NEW.account_id); END IF; RETURN NULL;"
    ),
    "pressroom_asset_worded() RETURNS trigger": "PERFORM pressroom_index_text(NEW.seq); RETURN NULL;",
    "pressroom_beside_worded() RETURNS trigger": (
        "IF TG_OP = 'DELETE' THEN PERFORM pressroom_index_text(OLD.asset_seq); "
        "ELSE PERFORM pressroom_index_text(NEW.asset_seq); END IF; RETURN NULL;"
    ),
    "pressroom_beside_changed() RETURNS trigger": (
        "IF TG_OP = 'DELETE' THEN PERFORM pressroom_note_change(seq, account_id) FROM asset WHERE seq = OLD.asset_seq; "
        "ELSE PERFORM pressroom_note_change(seq, account_id) FROM asset WHERE seq = NEW.asset_seq; END IF; RETURN NULL;"
    ),
    "pressroom_append_only() RETURNS trigger": ("RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';"),
}
_BESIDE: Final = "AFTER INSERT OR UPDATE OR DELETE ON"
_TRIGGERS: Final = {
    "asset_changed": ("asset", f"AFTER INSERT OR UPDATE OF {', '.join(MIRRORED)} OR DELETE ON", "asset_changed"),
    "asset_worded": ("asset", f"AFTER INSERT OR UPDATE OF {_WORDS} ON", "asset_worded"),
    "asset_tag_worded": ("asset_tag", _BESIDE, "beside_worded"),
    "asset_tag_changed": ("asset_tag", _BESIDE, "beside_changed"),
    "asset_content_worded": ("asset_content", _BESIDE, "beside_worded"),
    "asset_content_changed": ("asset_content", _BESIDE, "beside_changed"),
    "collection_asset_changed": ("collection_asset", _BESIDE, "beside_changed"),
    "opinion_changed": ("opinion", _BESIDE, "beside_changed"),
    **{f"{table}_append_only": (table, "BEFORE UPDATE OR DELETE ON", "append_only") for table in ("op", "entry")},
}
OBJECTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS asset_change (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "asset_seq bigint NOT NULL, account_id bigint NOT NULL, xid bigint NOT NULL DEFAULT txid_current(), "
        "mark bigint NOT NULL DEFAULT (random() * 9e15)::bigint)"
    ),
    "CREATE INDEX IF NOT EXISTS asset_change_asset ON asset_change (asset_seq)",
    "CREATE INDEX IF NOT EXISTS asset_change_number ON asset_change (account_id, number)",
    "CREATE INDEX IF NOT EXISTS asset_change_xid ON asset_change (account_id, xid)",
    "CREATE TABLE IF NOT EXISTS asset_text (seq bigint PRIMARY KEY, account_id bigint NOT NULL, tsv tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS asset_text_tsv ON asset_text USING gin (tsv)",
    # With the default statistics a rare word is taken for a common one: 75 ms instead of 4 ms at a million rows.
    "ALTER TABLE asset_text ALTER COLUMN tsv SET STATISTICS 1000",
    *(
        f"CREATE OR REPLACE FUNCTION {head} LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        for head, body in _FUNCTIONS.items()
    ),
    *(
        f"CREATE OR REPLACE TRIGGER {name} {event} {table} FOR EACH ROW EXECUTE FUNCTION pressroom_{function}()"
        for name, (table, event, function) in _TRIGGERS.items()
    ),
)
TRIGGERS: Final = tuple((name, table) for name, (table, _, function) in _TRIGGERS.items() if function != "append_only")
REFILL: Final = f"INSERT INTO asset_text (seq, account_id, tsv) {_INDEXED} ON CONFLICT (seq) DO NOTHING"
