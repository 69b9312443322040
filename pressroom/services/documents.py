"""Stored campaigns: kept, listed and shown for one account."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, or_, select

from pressroom.campaign.document import MAX_DOCUMENT_BYTES
from pressroom.database.counting import Count, counted
from pressroom.database.schema import campaign_document
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.ledger.accounts import account_id_of, ensure_account
from pressroom.services.context import Context
from pressroom.sources.stored import Document, no_document

MAX_NAME_CHARACTERS = 63
MAX_LISTED = 1_000


def store_document(principal: Principal, context: Context, name: str, text: str) -> Document:
    """Keep a campaign's text under a name. The newest version of a name is not stored again; an unsound text is kept too,
    because people save what they have not finished.
    """
    _check(name, text)
    settings = context.settings
    with context.database.write() as conn:
        account_id = ensure_account(conn, principal.account, micros(settings.grant_credits), settings.plan)
    sha256 = text_digest(text)
    with context.database.write() as conn:
        newest = _newest(conn, account_id, name)
        if newest is not None and newest.sha256 == sha256:
            return _document(newest)
        found = Document(f"d{secrets.token_hex(10)}", name, text, sha256, context.now())
        conn.execute(
            insert(campaign_document).values(
                id=found.id, account_id=account_id, name=name, text=text, sha256=sha256, created_at=found.created_at
            )
        )
    return found


def list_documents(
    principal: Principal, context: Context, name: str = "", limit: int = 100, before: str = ""
) -> list[Document]:
    """The account's documents, the newest first, those after the one of the id `before`; with a name all versions of that one.

    Raises Invalid where the account has none of this id.
    """
    with context.database.read() as conn:
        query = _mine(conn, principal)
        if before:
            query = query.where(_after(conn, query, before))
        query = _named(query, name)
        return [_document(row) for row in conn.execute(query.limit(min(limit, MAX_LISTED)))]


def count_documents(principal: Principal, context: Context, name: str = "") -> Count:
    """How many documents `list_documents` has in all."""
    with context.database.read() as conn:
        return counted(conn, _named(_mine(conn, principal), name).order_by(None))


def _named(query: Select[Any], name: str) -> Select[Any]:
    return query.where(campaign_document.c.name == name) if name else query


def show_document(principal: Principal, context: Context, name: str) -> Document:
    """The document with this id, or the newest of this name. Raises Invalid when the account has none."""
    with context.database.read() as conn:
        query = _mine(conn, principal)
        by_id = conn.execute(query.where(campaign_document.c.id == name)).first()
        row = by_id or conn.execute(query.where(campaign_document.c.name == name).limit(1)).first()
    if row is None:
        raise no_document(name)
    return _document(row)


def _check(name: str, text: str) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME_CHARACTERS:
        raise Invalid(f"a stored campaign needs a name of 1 to {MAX_NAME_CHARACTERS} characters, got {len(name)}")
    if "\0" in name or "\0" in text:
        raise Invalid("a stored campaign may not hold a NUL character")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_DOCUMENT_BYTES:
        raise Invalid(f"the document has {size:,} bytes, the limit is {MAX_DOCUMENT_BYTES:,}", hint="use a feed")


def _mine(conn: Connection, principal: Principal) -> Select[Any]:
    table = campaign_document
    mine = table.c.account_id == account_id_of(conn, principal.account)
    return select(table).where(mine).order_by(table.c.created_at.desc(), table.c.id)


def _after(conn: Connection, mine: Select[Any], name: str) -> ColumnElement[bool]:
    table = campaign_document
    last = conn.execute(mine.where(table.c.id == name)).first()
    if last is None:
        raise Invalid.of([Problem("usage", f"no stored campaign {name[:80]!r} to go on after", "begin anew")])
    same = and_(table.c.created_at == last.created_at, table.c.id > last.id)
    return or_(table.c.created_at < last.created_at, same)


def _newest(conn: Connection, account_id: int, name: str) -> Row[Any] | None:
    table = campaign_document
    query = select(table).where(table.c.account_id == account_id, table.c.name == name)
    return conn.execute(query.order_by(table.c.created_at.desc()).limit(1)).first()


def _document(row: Row[Any]) -> Document:
    return Document(row.id, row.name, row.text, row.sha256, row.created_at)
