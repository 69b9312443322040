from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.services import accounts
from pressroom.services.run_node import run_node
from pressroom.services.settle_run import settle_run
from tests.support.callers import OPERATOR, OWNER, member
from tests.support.studio import CREDIT, Studio

PAID = "name: paid\nsteps:\n  scene: {uses: draw, model: simulated/ink, count: 2}\n"
RIVAL = Principal("rival")


@pytest.fixture
def house(studio: Studio) -> Studio:
    """The studio on the shipped subscription plans, with an account that has 100 credits."""
    catalog = replace(studio.context.catalog, plans=load_catalog().plans)
    studio = replace(studio, context=replace(studio.context, catalog=catalog))
    accounts.open_account(OPERATOR, studio.context)
    return studio


def bought(house: Studio) -> str:
    """The key of the capture of one picture."""
    run = house.begin(house.plan(PAID))
    run_node(house.principal, house.context, run, "scene[take=1]")
    settle_run(house.context, run.id)
    lines = accounts.show_statement(OPERATOR, house.context)
    return next(line.key for line in lines if line.kind == "capture")


def test_an_account_is_shown_with_what_is_left_of_the_month(house: Studio) -> None:
    bought(house)
    run = house.begin(house.plan(PAID.replace("name: paid", "name: again\nbrand: {name: B}")))

    shown = accounts.show_account(OPERATOR, house.context)

    edits = {each.family: each for each in shown.allowances}["edit"]
    assert (edits.used, edits.held, edits.limit, edits.left) == (
        1,
        run.plan.totals.create,
        5,
        4 - run.plan.totals.create,
    )
    assert (shown.plan, shown.balance_micros) == ("free", 99 * CREDIT)
    assert shown.as_dict()["allowances"]["usd"]["limit"] == 2


def test_the_plan_is_changed_by_its_name_in_the_catalog(house: Studio) -> None:
    assert accounts.change_plan(OPERATOR, house.context, "pro", memo="paid") == "pro"

    shown = accounts.show_account(OPERATOR, house.context)
    assert (shown.plan, {each.family: each.limit for each in shown.allowances}["image"]) == ("pro", 100)
    assert accounts.show_statement(OPERATOR, house.context)[0].memo == "pro: paid"


def test_a_plan_that_is_not_in_the_catalog_is_answered_with_the_nearest(house: Studio) -> None:
    with pytest.raises(Invalid, match=r"'enterprize' is no subscription plan.*did you mean 'enterprise'"):
        accounts.change_plan(OPERATOR, house.context, "enterprize")

    assert accounts.show_account(OPERATOR, house.context).plan == "free"


def test_the_setting_is_the_plan_of_a_new_account_only(house: Studio) -> None:
    settings = house.context.settings.model_copy(update={"plan": "enterprise"})
    context = replace(house.context, settings=settings)
    for principal in (OPERATOR, RIVAL):
        accounts.open_account(principal, context)

    assert accounts.show_account(OPERATOR, context).plan == "free"
    assert accounts.show_account(RIVAL, context).plan == "enterprise"


def test_a_setting_that_names_no_plan_opens_no_account(house: Studio) -> None:
    settings = house.context.settings.model_copy(update={"plan": "enterprize"})

    with pytest.raises(Invalid, match="did you mean 'enterprise'"):
        accounts.open_account(RIVAL, replace(house.context, settings=settings))
    with pytest.raises(Invalid, match="there is no account 'rival'"):
        accounts.show_account(RIVAL, house.context)


def test_a_refund_gives_an_amount_or_all_that_is_left(house: Studio) -> None:
    key = bought(house)

    assert accounts.refund_credits(OPERATOR, house.context, key, CREDIT // 4, memo="blurred") == CREDIT // 4
    assert accounts.refund_credits(OPERATOR, house.context, key) == CREDIT * 3 // 4
    with pytest.raises(Refused, match="is refunded already"):
        accounts.refund_credits(OPERATOR, house.context, key)
    assert accounts.show_account(OPERATOR, house.context).balance_micros == 100 * CREDIT


def test_a_refund_under_one_key_is_given_once(house: Studio) -> None:
    key = bought(house)
    for _ in range(2):
        accounts.refund_credits(OPERATOR, house.context, key, CREDIT // 4, key="back")

    assert accounts.show_account(OPERATOR, house.context).balance_micros == 99 * CREDIT + CREDIT // 4


def test_the_capture_of_another_account_is_like_one_that_never_was(house: Studio) -> None:
    key = bought(house)
    accounts.open_account(RIVAL, house.context)

    answers = set()
    for name in (key, "capture:never"):
        with pytest.raises(Invalid) as error:
            accounts.refund_credits(RIVAL, house.context, name)
        answers.add(str(error.value).replace(name, "it"))

    assert len(answers) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda caller, context: accounts.change_plan(caller, context, "enterprise"),
        lambda caller, context: accounts.grant_credits(caller, context, CREDIT),
        lambda caller, context: accounts.refund_credits(caller, context, "capture:x"),
    ],
)
def test_no_customer_gives_itself_credits_or_a_plan(house: Studio, act: Callable[..., object]) -> None:
    with pytest.raises(Refused, match="for whoever runs this installation"):
        act(member(OWNER), house.context)

    shown = accounts.show_account(OPERATOR, house.context)
    assert (shown.plan, shown.balance_micros) == ("free", 100 * CREDIT)


@pytest.mark.parametrize("look", [accounts.show_account, accounts.show_statement])
def test_looking_at_credits_needs_their_scope(house: Studio, look: Callable[..., object]) -> None:
    narrow = replace(member(OWNER), scopes=frozenset({Scope.RUNS_READ}))

    with pytest.raises(Refused, match="needs the scope 'credits:read'"):
        look(narrow, house.context)
