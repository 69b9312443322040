"""Signing in by an identity provider: whose address it has verified is the person here who has that address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pressroom.domain.errors import NotAuthenticated, Permanent, Retryable
from pressroom.domain.identity import Role
from pressroom.ledger.accounts import account_id_of
from pressroom.oidc.attempt import Attempt
from pressroom.people import invitations, members, sessions
from pressroom.services.context import Context
from pressroom.services.invitations import join_by_address
from pressroom.services.sign_in import SignedIn, start_session

if TYPE_CHECKING:
    from pressroom.oidc.provider import Identity, IdentityProvider

_AGAIN = "begin again: sign in"


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brings back from the provider."""

    state: str
    code: str
    error: str
    issuer: str

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Return:
        return cls(*(query.get(name, "") for name in ("state", "code", "error", "iss")))


def address_of(context: Context, provider: IdentityProvider, attempt: Attempt, back: str) -> str:
    """Where the browser goes; `back` is the address of ours that it returns to."""
    return provider.address(attempt, back, context.now())


def sign_in_by(
    context: Context,
    provider: IdentityProvider,
    attempt: Attempt | None,
    returned: Return,
    back: str,
    *,
    user_agent: str = "",
) -> SignedIn:
    """A new session of whom the provider has seen.

    Raises NotAuthenticated for what is not of this browser's own attempt or cannot be trusted, and for who is nobody here;
    Retryable where the provider does not answer.
    """
    if attempt is None or not attempt.is_state(returned.state):
        raise NotAuthenticated("this was begun in another browser, or more than ten minutes ago", hint=_AGAIN)
    if returned.issuer and returned.issuer != provider.issuer:  # RFC 9207
        raise NotAuthenticated("this is the answer of another provider", hint=_AGAIN)
    if not returned.code:
        raise NotAuthenticated(f"{provider.name} says no: {context.recordable(returned.error)[:80]}", hint=_AGAIN)
    try:
        who = provider.identity(attempt, returned.code, back, context.now())
    except Permanent as exc:
        raise NotAuthenticated(exc.message, hint=exc.hint) from exc
    if not who.email or not who.verified:
        text = f"{provider.name} does not vouch for your e-mail address"
        raise NotAuthenticated(text, hint="have it verified there, then sign in again")
    email = members.checked_email(who.email)
    with context.database.write() as conn:
        person_id = _person(conn, context, email, who)
        found = None if person_id is None else start_session(conn, context, person_id, user_agent)
        if found is None:
            raise NotAuthenticated(
                f"{email} is a member of no account here", hint="ask an admin of the account to add you"
            )
    return replace(found, token=who.token)


def way_out_of(context: Context, provider: IdentityProvider, token: str, back: str) -> str:
    """Where the browser signs out at the provider as well; empty where it cannot, or nobody answers there."""
    try:
        return provider.way_out(token, back, context.now())
    except (Retryable, Permanent):
        return ""


def _person(conn: Connection, context: Context, email: str, who: Identity) -> int | None:
    """Who has the address; whoever is new joins the account of the settings, or by an invitation of the address."""
    settings, name = context.settings, who.name.strip()[: members.MAX_NAME_LENGTH]
    known = invitations.is_known(conn, email)
    if known and sessions.accounts_of(conn, members.person_id_of(conn, email)):
        return members.person_id_of(conn, email)
    # Who was a member once stays out until somebody adds them again.
    if not known and settings.oidc_account and settings.takes_in(email):
        account_id = account_id_of(conn, settings.oidc_account)
        members.add_member(conn, account_id, email, Role(settings.oidc_role), name, context.now())
        return members.person_id_of(conn, email)
    return join_by_address(conn, context, email, name)
