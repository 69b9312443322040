"""Members of an account. A person may be a member of several; none of them learns of the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from pressroom.database.dialect import insert_new
from pressroom.database.schema import account, membership, person
from pressroom.domain.errors import Invalid, NotFound, Refused
from pressroom.domain.identity import Role
from pressroom.domain.suggest import did_you_mean

MAX_EMAIL_LENGTH: Final = 254
MAX_NAME_LENGTH: Final = 200
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one account. `name` is what this account calls the person; a disabled one can use no token."""

    email: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "name": self.name,
            "role": self.role.value,
            "since": self.created_at.isoformat(),
            "disabled": self.disabled_at is not None,
        }


def checked_email(email: str) -> str:
    """In lower case: an address is one person. Raises Invalid for what is no address."""
    found = email.strip().lower()
    if len(found) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(found):
        raise Invalid(f"not an e-mail address: {email[:MAX_EMAIL_LENGTH]!r}", hint="write it like ann@example.com")
    return found


def checked_role(role: str) -> Role:
    """Raises Invalid with the nearest role."""
    try:
        return Role(role)
    except ValueError as exc:
        raise Invalid(f"there is no role {role!r}", hint=did_you_mean(role, Role, "roles")) from exc


def checked_name(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH:
        raise Invalid(f"a name has at most {MAX_NAME_LENGTH} characters, this one has {len(name)}")
    return name


def lock_members(conn: Connection, account_id: int) -> None:
    """Until the commit nobody else changes this account's members: two removals must not each see the other's owner."""
    conn.execute(select(account.c.id).where(account.c.id == account_id).with_for_update())


def members_of(conn: Connection, account_id: int) -> list[Member]:
    """Everybody in the account, by address."""
    return [_member(row) for row in conn.execute(_members(account_id).order_by(person.c.email))]


def find_member(conn: Connection, account_id: int, email: str) -> Member | None:
    row = conn.execute(_members(account_id).where(person.c.email == email)).one_or_none()
    return None if row is None else _member(row)


def member_of(conn: Connection, account_id: int, email: str) -> Member:
    """Raises Invalid when there is no such member; the words are the same whether or not others know the person."""
    found = find_member(conn, account_id, email)
    if found is None:
        known = [member.email for member in members_of(conn, account_id)]
        raise NotFound(f"{email!r} is no member of this account", hint=did_you_mean(email, known, "members"))
    return found


def add_member(conn: Connection, account_id: int, email: str, role: Role, name: str, now: datetime) -> None:
    """Raises Refused for who is a member already."""
    conn.execute(insert_new(conn, person).values(email=email, created_at=now))
    values = {"account_id": account_id, "person_id": person_id_of(conn, email), "role": role, "name": name}
    added = insert_new(conn, membership).values(**values, created_at=now).returning(membership.c.role)
    if conn.execute(added).first() is None:
        raise Refused(f"{email} is a member of this account already", hint="change the role: pressroom users role")


def set_role(conn: Connection, account_id: int, email: str, role: Role) -> None:
    conn.execute(membership.update().where(*_one(conn, account_id, email)).values(role=role))


def remove_member(conn: Connection, account_id: int, email: str) -> None:
    conn.execute(membership.delete().where(*_one(conn, account_id, email)))


def owners_besides(conn: Connection, account_id: int, email: str) -> int:
    """How many other owners there are who are not disabled."""
    others = (membership.c.role == Role.OWNER, person.c.email != email, person.c.disabled_at.is_(None))
    query = select(func.count()).select_from(membership.join(person))
    count: int = conn.execute(query.where(membership.c.account_id == account_id, *others)).scalar_one()
    return count


def set_disabled(conn: Connection, email: str, at: datetime | None) -> None:
    """Everywhere at once: no token of the person is good while it is set."""
    conn.execute(person.update().where(person.c.email == email).values(disabled_at=at))


def person_id_of(conn: Connection, email: str) -> int:
    number: int = conn.execute(select(person.c.id).where(person.c.email == email)).scalar_one()
    return number


def _members(account_id: int) -> Select[Any]:
    columns = (person.c.email, membership.c.name, membership.c.role, membership.c.created_at, person.c.disabled_at)
    return select(*columns).join_from(membership, person).where(membership.c.account_id == account_id)


def _one(conn: Connection, account_id: int, email: str) -> tuple[Any, Any]:
    return membership.c.account_id == account_id, membership.c.person_id == person_id_of(conn, email)


def _member(row: Any) -> Member:
    return Member(row.email, row.name, Role(row.role), row.created_at, row.disabled_at)
