"""Public links of an account: made, listed, revoked, and opened by whoever has one."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, NotAuthenticated, NotFound, refusal
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right
from pressroom.ledger.accounts import account_id_of
from pressroom.library import links, sharing
from pressroom.library.links import PublicLink, Terms
from pressroom.people import attempts, passwords
from pressroom.services.access import Visitor
from pressroom.services.context import Context
from pressroom.services.sharing import checked_kind, checked_right

LEAST_PASSWORD: Final = 8
_ASK: Final = "ask who gave it to you"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link with its secret, which is never shown again."""

    secret: str
    link: PublicLink

    def __repr__(self) -> str:
        return f"NewLink({self.link.id})"  # a secret is in no log

    def as_dict(self) -> dict[str, Any]:
        return {**self.link.as_dict(), "secret": self.secret}


def create_link(
    principal: Principal,
    context: Context,
    kind: str,
    name: str,
    *,
    right: str = Right.VIEW,
    password: str = "",
    most_downloads: int | None = None,
    expires_at: datetime | None = None,
    seed: bytes = b"",
) -> NewLink:
    """A link to an asset, a folder or a collection; of the same `seed` it is one. Raises Invalid for terms that cannot be."""
    principal.require(Scope.ASSETS_WRITE)
    terms = _terms(context, right, password, most_downloads, expires_at)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        target = sharing.target_of(conn, account_id, checked_kind(kind), name)
        secret, number = links.add_link(conn, target, terms, principal.user, context.now(), seed)
        return NewLink(secret, links.link_of(conn, account_id, number))


def list_links(principal: Principal, context: Context) -> list[PublicLink]:
    """The account's links, the newest first, with those that open nothing any more."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return links.links_of(conn, account_id_of(conn, principal.account))


def revoke_link(principal: Principal, context: Context, number: int) -> PublicLink:
    """End a link at once; harmless when repeated."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        links.revoke_link(conn, account_id, number, context.now())
        return links.link_of(conn, account_id, number)


def open_link(context: Context, secret: str, password: str = "", network: str = "", unlocked: str = "") -> Visitor:
    """Who has the link, as somebody that `pressroom.services.access` knows. `network` is the address that asks, `unlocked` what
    `unlock_link` has given.

    Raises NotFound for a link that there is not, Refused with the code `gone` for one that has ended, NotAuthenticated for a
    password that is wanted and not given or wrong, Refused with the code `rate` after too many wrong ones.
    """
    link, password_hash = _good_link(context, secret)
    if password_hash and not hmac.compare_digest(_key(secret, password_hash), unlocked.encode("utf-8", "replace")):
        _check_password(context, link, password_hash, password, network)
    return Visitor(link.id, link.target, link.right)


def unlock_link(context: Context, secret: str, password: str, network: str = "") -> str:
    """What opens the link from now on without its password, for whoever has given that. Raises as `open_link`."""
    link, password_hash = _good_link(context, secret)
    if password_hash:
        _check_password(context, link, password_hash, password, network)
    return _key(secret, password_hash).decode()


def link_of_visitor(context: Context, visitor: Visitor) -> PublicLink:
    """The terms of the link that a visitor holds."""
    with context.database.read() as conn:
        return links.link_of(conn, visitor.target.account_id, visitor.link)


def _good_link(context: Context, secret: str) -> tuple[PublicLink, str]:
    """The link and the hash of its password. Raises NotFound where there is none, Refused (`gone`) for one that has ended."""
    with context.database.read() as conn:
        found = links.link_with(conn, secret)
    if found is None:
        raise NotFound("there is no such link", hint=_ASK)
    if why := found[0].ended(context.now()):
        raise refusal("gone", f"this link opens nothing any more: {why}", _ASK)
    return found


def _key(secret: str, password_hash: str) -> bytes:
    """Nobody makes it who has the link alone, and another password makes another."""
    return hmac.new(password_hash.encode(), secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest().encode()


def take_download(conn: Connection, context: Context, visitor: Visitor) -> None:
    """Count a download of a link. Raises Refused with the code `gone` when it allows no more."""
    if not links.count_download(conn, visitor.link, context.now()):
        raise refusal("gone", "this link allows no more downloads", _ASK)


def _terms(
    context: Context, right: str, password: str, most_downloads: int | None, expires_at: datetime | None
) -> Terms:
    allowed = checked_right(right)
    if allowed is Right.EDIT:
        raise Invalid("nobody edits by a link", hint="share it with an address, or give the right view or use")
    if password and not LEAST_PASSWORD <= len(password) <= passwords.MAX_LENGTH:
        raise Invalid(
            f"a link's password has {LEAST_PASSWORD} to {passwords.MAX_LENGTH} characters, not {len(password)}"
        )
    if most_downloads is not None and most_downloads < 1:
        raise Invalid(f"a link allows at least one download, not {most_downloads}")
    if expires_at is not None and expires_at <= context.now():
        raise Invalid(f"a link cannot end in the past: {expires_at.isoformat()}")
    return Terms(allowed, passwords.hash_of(password) if password else "", most_downloads, expires_at)


def _check_password(context: Context, link: PublicLink, password_hash: str, password: str, network: str) -> None:
    who = f"link:{link.id}"
    if not password:
        raise NotAuthenticated("this link wants a password", hint=_ASK)
    with context.database.write() as conn:
        _require_patience(conn, who, network, context.now())
        attempt = attempts.note_attempt(conn, who, network, context.now())
    if not passwords.is_password(password_hash, password):
        raise NotAuthenticated("this is not the link's password", hint=_ASK)
    with context.database.write() as conn:
        attempts.forget(conn, who, attempt)


def _require_patience(conn: Connection, who: str, network: str, now: datetime) -> None:
    seconds = attempts.seconds_to_wait(conn, who, network, now)
    if seconds:
        raise refusal("rate", "too many wrong passwords", f"try again in {seconds} seconds", retry_after=seconds)
