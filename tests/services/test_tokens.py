from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from pressroom.domain.errors import Invalid, NotFound, Refused
from pressroom.domain.identity import ALL_SCOPES, READING, SCOPES_OF, Principal, Role, Scope
from pressroom.services import people, tokens
from pressroom.services.accounts import open_account
from tests.support.callers import ADMIN, EDITOR, OPERATOR, OWNER, VIEWER, member, with_members
from tests.support.studio import Studio

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def house(studio: Studio) -> Studio:
    """The studio with a member of each role, at noon."""
    return with_members(at(studio, NOW))


def at(studio: Studio, now: datetime) -> Studio:
    return replace(studio, context=replace(studio.context, now=lambda: now))


def secret_of(house: Studio, user: str = "", *scopes: str, expires_at: datetime | None = None) -> str:
    made = tokens.create_token(OPERATOR, house.context, "t", scopes=scopes, user=user, expires_at=expires_at)
    return made.secret


def refused(house: Studio, secret: str, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as error:
        tokens.authenticate(house.context, secret, now)
    return str(error.value)


def test_a_token_stands_for_its_account_and_member(house: Studio) -> None:
    secret = secret_of(house, EDITOR, "runs:write", "assets:read")

    found = tokens.authenticate(house.context, secret, NOW)

    assert found == Principal("default", EDITOR, frozenset({Scope.RUNS_WRITE, Scope.ASSETS_READ}))


def test_a_token_of_nobody_is_known_by_its_prefix_and_is_not_the_operator(house: Studio) -> None:
    secret = secret_of(house, "", "admin")

    found = tokens.authenticate(house.context, secret, NOW)

    assert (found.user, found.operates) == (secret[:12], False)


def test_a_secret_is_256_bits_in_letters_and_digits_and_never_the_same(house: Studio) -> None:
    secrets = {secret_of(house) for _ in range(20)}

    assert len(secrets) == 20
    assert all(re.fullmatch(r"prt_[0-9A-Za-z]{43}", secret) for secret in secrets)


def test_the_secret_is_kept_nowhere(house: Studio) -> None:
    made = tokens.create_token(OPERATOR, house.context, "t")

    with house.context.database.read() as conn:
        rows = [tuple(row) for row in conn.execute(text("SELECT * FROM token"))]
    assert made.secret[12:] not in repr(rows) + repr(made) + repr(tokens.list_tokens(OPERATOR, house.context))


def test_a_token_that_says_nothing_else_can_only_read(house: Studio) -> None:
    assert tokens.authenticate(house.context, secret_of(house, OWNER), NOW).scopes == READING


def test_whatever_is_wrong_with_a_token_the_words_are_the_same(house: Studio) -> None:
    revoked, removed, disabled = (secret_of(house, user) for user in (OWNER, VIEWER, EDITOR))
    expired = secret_of(house, "", expires_at=NOW + SECOND)
    tokens.revoke_token(OPERATOR, house.context, revoked[:12])
    people.remove_member(OPERATOR, house.context, VIEWER)
    people.set_disabled(OPERATOR, house.context, EDITOR, disabled=True)
    good = secret_of(house)
    forged = good[:-1] + ("a" if good[-1] != "a" else "b")

    wrong = [revoked, removed, disabled, forged, "prt_" + "0" * 43, "", "prt_", good + "x", good.upper(), "\udcff"]
    texts = {refused(house, secret) for secret in wrong} | {refused(house, expired, NOW + SECOND)}

    assert texts == {"this token is not valid: ask an admin of the account for a new one"}


def test_a_token_is_good_until_the_moment_it_expires(house: Studio) -> None:
    secret = secret_of(house, "", expires_at=NOW + SECOND)

    assert tokens.authenticate(house.context, secret, NOW).account == "default"
    refused(house, secret, NOW + SECOND)


def test_a_token_cannot_begin_in_the_past(house: Studio) -> None:
    with pytest.raises(Invalid, match="cannot expire in the past"):
        secret_of(house, "", expires_at=NOW)


def test_a_role_that_shrinks_takes_the_tokens_scopes_with_it(house: Studio) -> None:
    secret = secret_of(house, EDITOR, "runs:write", "runs:read")

    people.change_role(OPERATOR, house.context, EDITOR, "viewer")

    assert tokens.authenticate(house.context, secret, NOW).scopes == {Scope.RUNS_READ}


def test_a_member_who_comes_back_does_not_bring_old_tokens(house: Studio) -> None:
    secret = secret_of(house, VIEWER)
    people.remove_member(OPERATOR, house.context, VIEWER)

    people.add_member(OPERATOR, house.context, VIEWER, "viewer")

    refused(house, secret)


def test_who_is_let_in_again_may_use_the_token_again(house: Studio) -> None:
    secret = secret_of(house, VIEWER)
    for disabled in (True, False):
        people.set_disabled(OPERATOR, house.context, VIEWER, disabled=disabled)

    assert tokens.authenticate(house.context, secret, NOW).user == VIEWER


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope", Scope)
def test_no_token_has_more_than_its_members_role(house: Studio, role: Role, scope: Scope) -> None:
    email = f"{role.value}@example.com"
    if scope in SCOPES_OF[role]:
        assert tokens.authenticate(house.context, secret_of(house, email, scope), NOW).scopes == {scope}
        return
    with pytest.raises(Refused, match=f"{email} as {role.value} does not have {scope.value}"):
        secret_of(house, email, scope)


def test_nobody_makes_a_token_that_may_more_than_oneself(house: Studio) -> None:
    narrow = replace(member(OWNER), scopes=frozenset({Scope.ADMIN, Scope.RUNS_READ}))

    with pytest.raises(Refused, match=f"{OWNER} does not have runs:write"):
        tokens.create_token(narrow, house.context, "wide", scopes=["runs:write"])


def test_members_make_see_and_revoke_their_own_tokens_and_no_others(house: Studio) -> None:
    viewer = member(VIEWER)
    mine = tokens.create_token(viewer, house.context, "mine", user=VIEWER)
    theirs = tokens.create_token(member(ADMIN), house.context, "theirs", user=EDITOR)
    nobodys = tokens.create_token(OPERATOR, house.context, "robot")

    assert [each.name for each in tokens.list_tokens(viewer, house.context)] == ["mine"]
    assert [each.name for each in tokens.list_tokens(member(ADMIN), house.context)] == ["robot", "theirs", "mine"]
    for made in (theirs, nobodys):
        with pytest.raises(Refused, match="needs the scope 'admin'"):
            tokens.revoke_token(viewer, house.context, made.token.prefix)
    for user in ("", EDITOR):
        with pytest.raises(Refused, match="needs the scope 'admin'"):
            tokens.create_token(viewer, house.context, "more", user=user)
    assert tokens.revoke_token(viewer, house.context, mine.token.prefix).revoked_at == NOW
    refused(house, mine.secret)


def test_nothing_can_be_done_to_a_token_that_was_revoked(house: Studio) -> None:
    prefix = secret_of(house)[:12]
    tokens.revoke_token(OPERATOR, house.context, prefix)

    later = at(house, NOW + SECOND).context
    for act in (tokens.revoke_token, partial(tokens.change_caps, changes={"cap_run": 5.0})):
        with pytest.raises(NotFound, match=f"token {prefix} was revoked on"):
            act(OPERATOR, later, prefix)
    assert [token.revoked_at for token in tokens.list_tokens(OPERATOR, later) if token.prefix == prefix] == [NOW]


def test_the_last_use_is_kept_at_most_once_a_minute(house: Studio) -> None:
    secret = secret_of(house)
    seen = []
    for after in (0, 59, 60, 61):
        tokens.authenticate(house.context, secret, NOW + after * SECOND)
        seen.append(tokens.list_tokens(OPERATOR, house.context)[0].last_used_at)

    assert seen == [NOW, NOW, NOW + 60 * SECOND, NOW + 60 * SECOND]


def test_a_token_of_another_account_cannot_be_seen_or_revoked(house: Studio) -> None:
    rival = Principal("rival")
    open_account(rival, house.context)
    theirs = tokens.create_token(rival, house.context, "theirs", scopes=[scope.value for scope in ALL_SCOPES])

    assert tokens.list_tokens(OPERATOR, house.context) == []
    answers = set()
    for prefix in (theirs.token.prefix, "prt_00000000", theirs.secret):
        with pytest.raises(Invalid) as error:
            tokens.revoke_token(OPERATOR, house.context, prefix)
        answers.add(str(error.value))
    assert answers == {"this account has no token with that prefix: `pressroom tokens list` names them"}
    assert tokens.authenticate(house.context, theirs.secret, NOW).account == "rival"


def test_a_token_for_who_is_no_member_is_invalid(house: Studio) -> None:
    with pytest.raises(Invalid, match="no member of this account"):
        secret_of(house, "stranger@example.com")


def test_a_misspelt_scope_is_answered_with_the_nearest(house: Studio) -> None:
    with pytest.raises(Invalid, match=r"there is no scope 'run:read': did you mean 'runs:read'\?"):
        secret_of(house, "", "run:read")
