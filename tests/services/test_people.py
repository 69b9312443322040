from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal
from pressroom.services import people, tokens
from pressroom.services.accounts import open_account
from tests.support.callers import ADMIN, EDITOR, OPERATOR, OWNER, VIEWER, member, with_members
from tests.support.studio import Studio


@pytest.fixture
def house(studio: Studio) -> Studio:
    return with_members(studio)


def roles(studio: Studio, principal: Principal = OPERATOR) -> dict[str, str]:
    return {each.email: each.role.value for each in people.list_members(principal, studio.context)}


def test_members_are_added_changed_and_removed(house: Studio) -> None:
    people.add_member(member(ADMIN), house.context, "New@Example.com ", "viewer", name="Nell")
    added = people.change_role(member(ADMIN), house.context, "new@example.com", "editor")
    people.remove_member(member(ADMIN), house.context, VIEWER)

    assert (added.email, added.name, added.role) == ("new@example.com", "Nell", "editor")
    assert roles(house) == {ADMIN: "admin", EDITOR: "editor", OWNER: "owner", "new@example.com": "editor"}


def test_adding_a_member_twice_is_refused_and_leaves_the_role(house: Studio) -> None:
    with pytest.raises(Refused, match="is a member of this account already"):
        people.add_member(OPERATOR, house.context, VIEWER, "admin")

    assert roles(house)[VIEWER] == "viewer"


@pytest.mark.parametrize("who", [EDITOR, VIEWER])
@pytest.mark.parametrize(
    "act",
    [
        lambda caller, context: people.list_members(caller, context),
        lambda caller, context: people.add_member(caller, context, "x@example.com", "viewer"),
        lambda caller, context: people.change_role(caller, context, EDITOR, "admin"),
        lambda caller, context: people.remove_member(caller, context, VIEWER),
    ],
)
def test_only_admins_and_owners_manage_members(house: Studio, who: str, act: Callable[..., object]) -> None:
    before = roles(house)

    with pytest.raises(Refused, match="needs the scope 'admin'"):
        act(member(who), house.context)

    assert roles(house) == before


@pytest.mark.parametrize(
    "act",
    [
        lambda caller, context: people.add_member(caller, context, "x@example.com", "owner"),
        lambda caller, context: people.change_role(caller, context, ADMIN, "owner"),
        lambda caller, context: people.change_role(caller, context, OWNER, "viewer"),
        lambda caller, context: people.remove_member(caller, context, OWNER),
    ],
)
def test_owners_are_the_business_of_owners(house: Studio, act: Callable[..., object]) -> None:
    people.add_member(OPERATOR, house.context, "second@example.com", "owner")
    before = roles(house)
    machine = tokens.create_token(OPERATOR, house.context, "robot", scopes=["admin"])

    for caller in (member(ADMIN), tokens.authenticate(house.context, machine.secret, house.context.now())):
        with pytest.raises(Refused, match="only an owner"):
            act(caller, house.context)
    assert roles(house) == before

    act(member(OWNER), house.context)
    assert roles(house) != before


def test_the_last_owner_stays(house: Studio) -> None:
    for act in (
        lambda: people.remove_member(OPERATOR, house.context, OWNER),
        lambda: people.change_role(member(OWNER), house.context, OWNER, "admin"),
    ):
        with pytest.raises(Refused, match="last owner of this account: make another member an owner first"):
            act()

    assert roles(house)[OWNER] == "owner"


def test_a_disabled_owner_does_not_count_as_one(house: Studio) -> None:
    people.add_member(OPERATOR, house.context, "second@example.com", "owner")
    people.set_disabled(OPERATOR, house.context, "second@example.com", disabled=True)

    with pytest.raises(Refused, match="last owner"):
        people.remove_member(OPERATOR, house.context, OWNER)


def test_two_owners_who_remove_each_other_at_one_moment_leave_one(house: Studio) -> None:
    people.add_member(OPERATOR, house.context, "second@example.com", "owner")

    def remove(pair: tuple[str, str]) -> bool:
        try:
            people.remove_member(OPERATOR, house.context, pair[1])
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        removed = list(pool.map(remove, [(OWNER, "second@example.com"), ("second@example.com", OWNER)]))

    assert sorted(removed) == [False, True]
    assert list(roles(house).values()).count("owner") == 1


def test_nobody_but_the_operator_disables_people(house: Studio) -> None:
    with pytest.raises(Refused, match="for whoever runs this installation"):
        people.set_disabled(member(OWNER), house.context, VIEWER, disabled=True)


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.com", "a b@example.com", "ann@example", "a\n@b.cc"])
def test_an_address_has_the_form_of_one(house: Studio, email: str) -> None:
    with pytest.raises(Invalid, match="not an e-mail address"):
        people.add_member(OPERATOR, house.context, email, "viewer")


def test_a_misspelt_role_is_answered_with_the_nearest(house: Studio) -> None:
    with pytest.raises(Invalid, match=r"there is no role 'edtor': did you mean 'editor'\?"):
        people.change_role(OPERATOR, house.context, VIEWER, "edtor")


def test_an_account_learns_nothing_of_another_ones_members(house: Studio) -> None:
    rival = Principal("rival")
    open_account(rival, house.context)
    people.add_member(rival, house.context, "only@rival.example", "owner", name="Their name")
    people.add_member(rival, house.context, VIEWER, "owner", name="Val")

    answers = []
    for email in ("only@rival.example", "nobody@at.all"):
        with pytest.raises(Invalid) as refused:
            people.remove_member(OPERATOR, house.context, email)
        answers.append(str(refused.value).replace(email, "them"))
    added = people.add_member(OPERATOR, house.context, "only@rival.example", "viewer")

    assert answers[0] == answers[1]
    assert added.name == ""
    assert roles(house)[VIEWER] == "viewer"
    assert roles(house, rival) == {"only@rival.example": "owner", VIEWER: "owner"}
