"""Signing in: one answer for whatever is wrong, sessions that end when they should, and nothing to steal in the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import SCOPES_OF, Role
from pressroom.people import attempts, members, passwords
from pressroom.services import people, sign_in
from pressroom.services.context import Context
from tests.support.callers import EDITOR, OPERATOR, VIEWER, member, with_members
from tests.support.studio import Studio

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PASSWORD = "my grey kettle sings at six"
NETWORK = "192.0.2.7"
DAY = timedelta(days=1)


@pytest.fixture
def house(studio: Studio) -> Context:
    """Members of every role; the editor has a password that cost little to make."""
    context = at(with_members(studio).context, NOW)
    with context.database.write() as conn:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        passwords.keep_password(conn, members.person_id_of(conn, EDITOR), weak, NOW)
    return context


def at(context: Context, now: datetime) -> Context:
    return replace(context, now=lambda: now)


def entered(context: Context, email: str = EDITOR, password: str = PASSWORD) -> sign_in.SignedIn:
    return sign_in.sign_in(context, email, password, network=NETWORK, user_agent="a browser")


def test_a_session_acts_with_what_its_role_may_do_today(house: Context) -> None:
    session = entered(house, "Editor@Example.com ")
    other = entered(house)

    assert sign_in.principal_of(house, session.secret) == session.principal == member(EDITOR)
    assert session.secret != other.secret
    assert session.secret not in repr(session)


def test_rows_hold_no_secret_and_a_weak_hash_is_made_anew(house: Context) -> None:
    session = entered(house)
    link = sign_in.password_link(OPERATOR, house, VIEWER)

    with house.database.read() as conn:
        tables = ("session", "person_password", "password_link", "sign_in_failure")
        rows = repr([tuple(row) for table in tables for row in conn.execute(text(f"SELECT * FROM {table}"))])
        kept = passwords.find_password(conn, EDITOR)
    assert not [secret for secret in (session.secret, link, PASSWORD, EDITOR) if secret in rows]
    assert kept is not None
    assert not passwords.is_outdated(kept[1])


def test_whatever_is_wrong_the_words_are_the_same(house: Context) -> None:
    said = set()
    for email, password in ((EDITOR, "wrong"), (VIEWER, PASSWORD), ("nobody@example.com", PASSWORD), ("", "")):
        with pytest.raises(Refused) as refused:
            entered(house, email, password)
        said.add(str(refused.value))
    people.set_disabled(OPERATOR, house, EDITOR, disabled=True)
    with pytest.raises(Refused) as refused:
        entered(house)

    assert said == {str(refused.value)}


def test_sessions_end_by_time_by_hand_and_with_the_role(house: Context) -> None:
    def stands(now: datetime, secret: str) -> bool:
        return sign_in.principal_of(at(house, now), secret) is not None

    idle, used, left = (entered(house).secret for _ in range(3))
    assert all(stands(NOW + 6 * DAY * step, used) for step in range(5))
    assert not stands(NOW + 7 * DAY, idle)
    assert not stands(NOW + 30 * DAY, used)
    sign_in.sign_out(house, left)
    assert not stands(NOW, left)

    session = entered(house)
    assert sign_in.sign_out_everywhere(session.principal, house) == 3
    session = entered(house)
    people.change_role(OPERATOR, house, EDITOR, Role.VIEWER)
    assert not stands(NOW, session.secret)
    again = entered(house)
    assert again.principal.scopes == SCOPES_OF[Role.VIEWER]
    people.remove_member(OPERATOR, house, EDITOR)
    assert not stands(NOW, again.secret)


def test_after_too_many_failures_the_right_password_waits_too(house: Context) -> None:
    with house.database.write() as conn:
        for _ in range(attempts.MOST_OF_A_PERSON):
            attempts.note_attempt(conn, EDITOR, "198.51.100.1", NOW)

    with pytest.raises(Refused) as refused:
        entered(at(house, NOW + timedelta(minutes=1)))

    assert ([problem.code for problem in refused.value.problems], refused.value.fields["retry_after"]) == (
        ["rate"],
        14 * 60,
    )
    later = at(house, NOW + attempts.WITHIN)
    assert entered(later).principal.user == EDITOR


def test_a_network_is_slowed_down_whomever_it_tries(house: Context) -> None:
    with house.database.write() as conn:
        for number in range(attempts.MOST_OF_A_NETWORK):
            attempts.note_attempt(conn, f"guess{number}@example.com", NETWORK, NOW)

    with pytest.raises(Refused, match="too many"):
        entered(house)
    assert sign_in.sign_in(house, EDITOR, PASSWORD, network="203.0.113.9").principal.user == EDITOR


def test_a_link_sets_a_password_once_and_ends_sessions(house: Context) -> None:
    session, link = entered(house), sign_in.password_link(OPERATOR, house, EDITOR)
    with pytest.raises(Invalid, match="12 to 256 characters"):
        sign_in.use_link(house, link, "short")

    assert sign_in.owner_of_link(house, link) == EDITOR
    sign_in.use_link(house, link, "another kettle entirely")

    assert sign_in.principal_of(house, session.secret) is None
    assert entered(house, EDITOR, "another kettle entirely").principal == member(EDITOR)
    for void in (link, "no such link"):
        with pytest.raises(Invalid, match="this link is void"):
            sign_in.use_link(house, void, PASSWORD)
    late = sign_in.password_link(OPERATOR, house, VIEWER)
    with pytest.raises(Invalid, match="this link is void"):
        sign_in.owner_of_link(at(house, NOW + 7 * DAY), late)


def test_only_the_operator_sets_others_passwords_and_oneself_with_the_old_one(house: Context) -> None:
    for act in (sign_in.password_link, lambda *who: sign_in.set_password(*who, PASSWORD)):
        with pytest.raises(Refused, match="whoever runs this installation"):
            act(member("admin@example.com"), house, VIEWER)
    with pytest.raises(Refused, match="not your present password"):
        sign_in.change_password(member(EDITOR), house, "wrong", "a new and longer one")

    sign_in.change_password(member(EDITOR), house, PASSWORD, "a new and longer one")

    assert entered(house, EDITOR, "a new and longer one").principal == member(EDITOR)


def test_a_home_needs_no_signing_in_until_somebody_has_a_password(studio: Studio) -> None:
    assert not sign_in.needs_sign_in(with_members(studio).context)

    sign_in.set_password(OPERATOR, studio.context, EDITOR, PASSWORD)

    assert sign_in.needs_sign_in(studio.context)
