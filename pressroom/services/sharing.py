"""Sharing an account's assets, folders and collections with people by their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.library import Right, Shared, Use
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.library import sharing
from pressroom.library.sharing import Share, Target
from pressroom.library.uses import record_use
from pressroom.people import invitations
from pressroom.people.members import checked_email
from pressroom.services.context import Context


@dataclass(frozen=True, slots=True)
class Given:
    """A share, and the secret of an invitation where nobody signs in with its address yet; it is never shown again."""

    share: Share
    invitation: str = ""

    def __repr__(self) -> str:
        return f"Given({self.share!r})"  # a secret is in no log

    def as_dict(self) -> dict[str, Any]:
        return {**self.share.as_dict(), "invitation": self.invitation or None}


def share(
    principal: Principal,
    context: Context,
    kind: str,
    name: str,
    email: str,
    right: str = Right.VIEW,
    *,
    seed: bytes = b"",
) -> Given:
    """Let somebody see, use or edit an asset, a folder or a collection; sharing again changes the right.

    `seed`: 32 bytes of which an invitation is made. Raises Invalid for what is no kind, right or address, NotFound for what the
    account does not have.
    """
    principal.require(Scope.ASSETS_WRITE)
    email, allowed = checked_email(email), checked_right(right)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        target = sharing.target_of(conn, account_id, checked_kind(kind), name)
        sharing.give(conn, target, email, allowed, principal.user, context.now())
        if target.kind is Shared.ASSET:
            details = {"with": email, "right": allowed.value}
            record_use(conn, account_id, name, Use.SHARE, principal.user, context.now(), details=details)
        known = invitations.is_known(conn, email)
        secret = "" if known else _invited(conn, context, principal, account_id, email, seed)
        return Given(_share(conn, account_id, target, email), secret)


def unshare(principal: Principal, context: Context, kind: str, name: str, email: str) -> None:
    """Take a share back, at once, and the invitation where nothing else is shared with that address."""
    principal.require(Scope.ASSETS_WRITE)
    email = checked_email(email)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        sharing.take_back(conn, sharing.target_of(conn, account_id, checked_kind(kind), name), email)
        if not any(each.email == email for each in sharing.shares_by(conn, account_id)):
            invitations.withdraw(conn, account_id, email)


def list_shares(principal: Principal, context: Context) -> list[Share]:
    """What the account shares, the newest first."""
    principal.require(Scope.ASSETS_READ)
    with context.database.read() as conn:
        return sharing.shares_by(conn, account_id_of(conn, principal.account))


def checked_kind(kind: str) -> Shared:
    if kind not in list(Shared):
        raise Invalid.of([Problem("usage", f"{kind!r} cannot be shared", did_you_mean(kind, Shared, "kinds"))])
    return Shared(kind)


def checked_right(right: str) -> Right:
    if right not in list(Right):
        raise Invalid.of([Problem("usage", f"there is no right {right!r}", did_you_mean(right, Right, "rights"))])
    return Right(right)


def _invited(conn: Connection, context: Context, principal: Principal, account_id: int, email: str, seed: bytes) -> str:
    now = context.now()
    until = now + timedelta(days=context.settings.invitation_days)
    return invitations.invite(conn, account_id, email, principal.user, now, until, seed)


def _share(conn: Connection, account_id: int, target: Target, email: str) -> Share:
    found = (each for each in sharing.shares_by(conn, account_id) if (each.target, each.email) == (target, email))
    return next(found)
