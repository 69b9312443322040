"""Public links: an address that shows something of an account to whoever has it, for as long and as often as was said.

A secret has 256 random bits, and only its SHA-256 is kept: a secret this long cannot be guessed from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, insert, or_, select, update

from pressroom.database.schema import account, collection, public_link
from pressroom.domain.errors import NotFound
from pressroom.domain.library import Right, Shared
from pressroom.domain.secret_text import secret_text
from pressroom.library.sharing import Target


@dataclass(frozen=True, slots=True)
class PublicLink:
    """`name` is what people call the target. `most_downloads` and `expires_at` are None where there is no limit."""

    id: int
    account: str
    target: Target
    name: str
    right: Right
    has_password: bool
    most_downloads: int | None
    downloads: int
    expires_at: datetime | None
    revoked_at: datetime | None
    created_by: str
    created_at: datetime

    def ended(self, now: datetime) -> str:
        """Why it opens nothing any more; empty while it does."""
        if self.revoked_at is not None:
            return "it was revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return f"it ended at {self.expires_at:%Y-%m-%d %H:%M}"
        return ""

    def as_dict(self) -> dict[str, Any]:
        times = {name: at and at.isoformat() for name in ("expires_at", "revoked_at") for at in [getattr(self, name)]}
        return {
            "id": self.id,
            "account": self.account,
            "kind": self.target.kind.value,
            "name": self.name,
            "right": self.right.value,
            "has_password": self.has_password,
            "most_downloads": self.most_downloads,
            "downloads": self.downloads,
            "created_by": self.created_by,
            "created_at": self.created_at.isoformat(),
            **times,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link opens, and until when; `password_hash` is argon2's, empty for no password."""

    right: Right
    password_hash: str = ""
    most_downloads: int | None = None
    expires_at: datetime | None = None


def add_link(conn: Connection, to: Target, terms: Terms, by: str, at: datetime, seed: bytes = b"") -> tuple[str, int]:
    """The secret, which is nowhere else, and the link's number. Made of the same `seed` twice it is the same link."""
    secret = secret_text(seed)
    made = select(public_link.c.id).where(public_link.c.hash == hash_of(secret))
    if seed and (before := conn.execute(made).scalar()) is not None:
        return secret, int(before)
    row = {
        "account_id": to.account_id,
        "kind": to.kind.value,
        "target": to.target,
        "hash": hash_of(secret),
        "password_hash": terms.password_hash,
        "access": terms.right.value,
        "most_downloads": terms.most_downloads,
        "expires_at": terms.expires_at,
        "created_by": by,
        "created_at": at,
    }
    return secret, int(conn.execute(insert(public_link).values(**row).returning(public_link.c.id)).scalar_one())


def links_of(conn: Connection, account_id: int) -> list[PublicLink]:
    """The account's links, the newest first."""
    rows = conn.execute(_links().where(public_link.c.account_id == account_id).order_by(public_link.c.id.desc()))
    return [_link(row) for row in rows]


def link_of(conn: Connection, account_id: int, number: int) -> PublicLink:
    """Raises NotFound when the account has none of this number."""
    query = _links().where(public_link.c.account_id == account_id, public_link.c.id == number)
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no link {number}", hint="`pressroom links list` shows them")
    return _link(row)


def link_with(conn: Connection, secret: str) -> tuple[PublicLink, str] | None:
    """The link with this secret and the hash of its password; None for one that there is not."""
    row = conn.execute(_links().where(public_link.c.hash == hash_of(secret))).one_or_none()
    return None if row is None else (_link(row), row.password_hash)


def revoke_link(conn: Connection, account_id: int, number: int, at: datetime) -> None:
    """At once; harmless when repeated. Raises NotFound as `link_of`."""
    link_of(conn, account_id, number)
    these = (public_link.c.id == number, public_link.c.revoked_at.is_(None))
    conn.execute(update(public_link).where(*these).values(revoked_at=at))


def count_download(conn: Connection, number: int, now: datetime) -> bool:
    """Whether the link allows another download now; counted with the question, so that no two take the last one."""
    unended = or_(public_link.c.expires_at.is_(None), public_link.c.expires_at > now)
    room = or_(public_link.c.most_downloads.is_(None), public_link.c.downloads < public_link.c.most_downloads)
    these = update(public_link).where(public_link.c.id == number, public_link.c.revoked_at.is_(None), unended, room)
    return conn.execute(these.values(downloads=public_link.c.downloads + 1)).rowcount > 0


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _links() -> Any:
    # Compared as text: the targets of other kinds are no numbers.
    named = (collection.c.account_id == public_link.c.account_id, cast(collection.c.id, Text) == public_link.c.target)
    name = select(collection.c.name).where(*named, public_link.c.kind == Shared.COLLECTION).scalar_subquery()
    owner = account.c.name.label("owner")
    return select(public_link, owner, name.label("shelf")).join(account, account.c.id == public_link.c.account_id)


def _link(row: Row[Any]) -> PublicLink:
    return PublicLink(
        id=row.id,
        account=row.owner,
        target=Target(row.account_id, Shared(row.kind), row.target),
        name=row.shelf or row.target,
        right=Right(row.access),
        has_password=bool(row.password_hash),
        most_downloads=row.most_downloads,
        downloads=row.downloads,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        created_by=row.created_by,
        created_at=row.created_at,
    )
