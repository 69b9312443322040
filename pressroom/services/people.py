"""Members of an account: who may act for it, as what.

Whoever runs this installation may do everything; an admin manages members; owners alone make, change and remove owners,
and an account that has an owner keeps one.
"""

from __future__ import annotations

from sqlalchemy import Connection

from pressroom.domain.errors import Refused
from pressroom.domain.identity import Principal, Role, Scope
from pressroom.ledger.accounts import account_id_of
from pressroom.people import invitations, members, passwords, sessions, tokens
from pressroom.people.members import Member
from pressroom.services.context import Context


def list_members(principal: Principal, context: Context) -> list[Member]:
    """Everybody in the account, by address."""
    principal.require(Scope.ADMIN)
    with context.database.read() as conn:
        return members.members_of(conn, account_id_of(conn, principal.account))


def add_member(principal: Principal, context: Context, email: str, role: str, *, name: str = "") -> Member:
    """Let a person act for the account; nothing is sent to anybody. Raises Refused for who is a member already."""
    principal.require(Scope.ADMIN)
    email, wanted, name = members.checked_email(email), members.checked_role(role), members.checked_name(name)
    with context.database.write() as conn:
        account_id = _locked(conn, principal)
        _may_touch(conn, principal, account_id, wanted)
        if invitations.is_guest(conn, email):
            _forget_guest(conn, email)
        members.add_member(conn, account_id, email, wanted, name, context.now())
        return members.member_of(conn, account_id, email)


def put_member(principal: Principal, context: Context, email: str, role: str, *, name: str = "") -> Member:
    """A member of this role, who is one from now on or was one before; done twice it is done once."""
    principal.require(Scope.ADMIN)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        known = members.find_member(conn, account_id, members.checked_email(email)) is not None
    return (
        change_role(principal, context, email, role)
        if known
        else add_member(principal, context, email, role, name=name)
    )


def change_role(principal: Principal, context: Context, email: str, role: str) -> Member:
    """Make a member something else; sessions end with the role. Raises Refused where the account would have no owner left."""
    principal.require(Scope.ADMIN)
    wanted = members.checked_role(role)
    with context.database.write() as conn:
        account_id = _locked(conn, principal)
        member = members.member_of(conn, account_id, members.checked_email(email))
        _may_touch(conn, principal, account_id, member.role, wanted)
        if wanted is not Role.OWNER:
            _keep_an_owner(conn, account_id, member)
        members.set_role(conn, account_id, member.email, wanted)
        if wanted is not member.role:
            sessions.end_sessions_of(conn, members.person_id_of(conn, member.email), account_id)
        return members.member_of(conn, account_id, member.email)


def remove_member(principal: Principal, context: Context, email: str) -> Member:
    """End a membership, its sessions and its tokens. Raises Refused where the account would have no owner left."""
    principal.require(Scope.ADMIN)
    with context.database.write() as conn:
        account_id = _locked(conn, principal)
        member = members.member_of(conn, account_id, members.checked_email(email))
        _may_touch(conn, principal, account_id, member.role)
        _keep_an_owner(conn, account_id, member)
        person_id = members.person_id_of(conn, member.email)
        tokens.revoke_tokens_of(conn, account_id, person_id, context.now())
        sessions.end_sessions_of(conn, person_id, account_id)
        members.remove_member(conn, account_id, member.email)
        return member


def set_disabled(principal: Principal, context: Context, email: str, *, disabled: bool) -> Member:
    """Shut a member out of every account, or let in again: no token of a disabled person is good."""
    principal.require_operator("disabling people")
    with context.database.write() as conn:
        account_id = _locked(conn, principal)
        member = members.member_of(conn, account_id, members.checked_email(email))
        members.set_disabled(conn, member.email, context.now() if disabled else None)
        return members.member_of(conn, account_id, member.email)


def _forget_guest(conn: Connection, email: str) -> None:
    """Who was invited by somebody's link proved nothing but that: a member's password is set anew, by a link for members."""
    person_id = members.person_id_of(conn, email)
    passwords.drop_password(conn, person_id)
    sessions.end_sessions_of(conn, person_id)


def _locked(conn: Connection, principal: Principal) -> int:
    account_id = account_id_of(conn, principal.account)
    members.lock_members(conn, account_id)
    return account_id


def _may_touch(conn: Connection, principal: Principal, account_id: int, *roles: Role) -> None:
    if principal.operates or Role.OWNER not in roles:
        return
    acting = members.find_member(conn, account_id, principal.user)
    if acting is None or acting.role is not Role.OWNER:
        raise Refused("only an owner makes, changes or removes an owner", hint="ask an owner of the account")


def _keep_an_owner(conn: Connection, account_id: int, member: Member) -> None:
    if member.role is Role.OWNER and not members.owners_besides(conn, account_id, member.email):
        raise Refused(f"{member.email} is the last owner of this account", hint="make another member an owner first")
