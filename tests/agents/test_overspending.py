"""Ways to spend more than a token may: by every door, at once, again, from several servers, and across a kill.

Every script has a token of its own that may spend 3 credits a day and 2 on a run, and 2 a day without asking. Whatever it does,
its day ends at 3 or below; a script that goes on until it is refused ends at exactly 3.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from pressroom.domain.identity import Principal
from pressroom.domain.states import Decision
from pressroom.services import tokens
from pressroom.services.cancel_run import cancel_run
from pressroom.services.suspend_run import Verdict, decide
from tests.conftest import postgres_database
from tests.support.desks import eventually
from tests.support.spending import House, Token, campaign, house, spending_process

CAPS: Final = {"cap_run": 2, "cap_day": 3, "standing_day": 2}
PERSON = Principal("default", "ann@example.com")
REFUSED = (402, 403)
SUSPENDS = "budget: {credits: 2, when_reached: suspend}\n"
APPROVED = "approval: always\n"
Call = tuple[int, Any]
Door = Callable[..., Call]


@contextmanager
def opened(kind: str, folder: Path, *, works: bool) -> Iterator[House]:
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'pressroom.db'}"
        if kind == "postgresql":
            url = stack.enter_context(postgres_database())
        yield stack.enter_context(house(folder, url, works=works))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Servers that begin runs and leave them to the next one: what counts here is what is held."""
    with opened(request.param, tmp_path_factory.mktemp("spending"), works=False) as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def at_work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with opened(request.param, tmp_path, works=True) as found:
        yield found


def generations(found: House, token: Token, **how: Any) -> Call:
    return found.generation(token, **how)


def runs(found: House, token: Token, **how: Any) -> Call:
    return found.run(token, **how)


def hashes(found: House, token: Token, **how: Any) -> Call:
    return found.by_hash(token, **how)


def agents(found: House, token: Token, **how: Any) -> Call:
    return found.agent(token, **how)


def suspending(found: House, token: Token, **how: Any) -> Call:
    return found.run(token, head=SUSPENDS, **how)


DOORS: Final[tuple[Door, ...]] = (generations, runs, hashes, agents, suspending)


def until_refused(found: House, token: Token, door: Door, **how: Any) -> None:
    answers = []
    while len(answers) < 5:
        answers.append(door(found, token, **how))
        if answers[-1][0] in REFUSED:
            return
    raise AssertionError(f"never refused: {answers}")


def one_after_the_other(found: House, token: Token, door: Door) -> None:
    until_refused(found, token, door)


def by_two_servers_in_turn(found: House, token: Token, door: Door) -> None:
    assert any(door(found, token, server=number)[0] in REFUSED for number in range(6))


def all_at_once(found: House, token: Token, door: Door) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: door(found, token, server=number), range(6)))
    until_refused(found, token, generations)


def two_in_one(found: House, token: Token, door: Door) -> None:
    """After a run of 2 credits there is 1 left, for which another run of 2 is too much."""
    for _ in range(2):
        door(found, token, pictures=2)
    until_refused(found, token, generations)


def three_in_one(found: House, token: Token, door: Door) -> None:
    """More than a run may cost: refused, but where the run goes on with what it may."""
    status, told = door(found, token, pictures=3)
    assert status in REFUSED or door is suspending, told
    until_refused(found, token, generations)


def the_same_key_again(found: House, token: Token, door: Door) -> None:
    key = secrets.token_hex(6)
    answers = [door(found, token, key=key, server=number) for number in range(3)]
    assert all("id" in told for _, told in answers), answers
    assert len({told["id"] for _, told in answers}) == 1
    until_refused(found, token, generations)


def another_key_each_time(found: House, token: Token, door: Door) -> None:
    assert any(door(found, token, key=secrets.token_hex(6))[0] in REFUSED for _ in range(5))


def cancelled_in_between(found: House, token: Token, door: Door) -> None:
    """What a cancelled run gives back may be spent, and nothing else."""
    status, told = door(found, token)
    assert status in (201, 202), told
    cancel_run(PERSON, found.backends[0].context, told["id"])
    until_refused(found, token, door)
    until_refused(found, token, generations)


PATTERNS: Final = (
    one_after_the_other,
    by_two_servers_in_turn,
    all_at_once,
    two_in_one,
    three_in_one,
    another_key_each_time,
    cancelled_in_between,
)


def approves_itself(found: House, token: Token) -> None:
    status, run = found.run(token, head=APPROVED, pictures=2)
    assert (status, run["state"]) == (202, "suspended")
    for path, body in (("approve", {}), ("approve", {"cap": 50}), ("resume", {"cap": 50})):
        assert found.post(token, f"/runs/{run['id']}/{path}", body)[0] == 403
    assert found.post(token, "/runs", {"yaml": campaign(head=APPROVED), "approve": True})[0] == 403
    until_refused(found, token, generations)


def approves_with_another_token(found: House, token: Token) -> None:
    other = found.token(**CAPS)
    _, run = found.run(token, head=APPROVED, pictures=2)
    assert found.post(other, f"/runs/{run['id']}/approve", {"cap": 50})[0] == 403
    assert found.post(other, f"/runs/{run['id']}/resume", {"cap": 50})[0] == 403
    until_refused(found, token, generations)


def asks_beyond_its_standing_budget(found: House, token: Token) -> None:
    answers = [found.agent(token)[0] for _ in range(4)]
    assert answers == [202, 202, 201, 402]


def is_approved_by_a_person(found: House, token: Token) -> None:
    *_, (_, run) = [found.agent(token) for _ in range(3)]
    decide(PERSON, found.backends[0].context, run["id"], Verdict(Decision.APPROVED, "a test"))
    until_refused(found, token, agents)


def is_rejected_and_asks_again(found: House, token: Token) -> None:
    found.agent(token, pictures=2)
    for _ in range(2):
        status, run = found.agent(token)
        assert status == 201
        decide(PERSON, found.backends[0].context, run["id"], Verdict(Decision.REJECTED, "a test"))
    until_refused(found, token, generations)


def changes_its_caps(found: House, token: Token) -> None:
    for path, method in (
        (f"/tokens/{token.prefix}", "PATCH"),
        ("/tokens", "POST"),
        (f"/tokens/{token.prefix}", "DELETE"),
    ):
        answer = found.servers[0].request(method, f"/api/v1{path}", json={"name": "x"}, headers=token.headers())
        assert answer.status_code == 403
    until_refused(found, token, generations)


def is_capped_lower_while_it_spends(found: House, token: Token) -> None:
    found.generation(token)
    tokens.change_caps(PERSON, found.backends[0].context, token.prefix, {"cap_day": 1})
    assert found.generation(token)[0] == 402
    tokens.change_caps(PERSON, found.backends[0].context, token.prefix, {"cap_day": 3})
    until_refused(found, token, generations)


def spends_by_all_doors_at_once(found: House, token: Token) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda door: door(found, token), DOORS * 2))
    until_refused(found, token, generations)


def the_same_plan_from_many_threads(found: House, token: Token) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: found.generation(token, key="one key", server=number), range(6)))
    until_refused(found, token, generations)


def waits_and_is_resumed_with_more_by_itself(found: House, token: Token) -> None:
    found.generation(token, pictures=2)
    status, run = found.run(token, head=SUSPENDS, pictures=2)
    assert status == 202, (status, run)
    assert found.generation(token)[0] == 402
    assert eventually(lambda: state_of(found, token, run) == "suspended", 60)
    assert found.post(token, f"/runs/{run['id']}/resume", {"cap": 9})[0] == 403


def two_tokens_each_have_their_own(found: House, token: Token) -> None:
    other = found.token(**CAPS)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: found.generation((token, other)[number % 2]), range(6)))
    for each in (token, other):
        until_refused(found, each, generations)
    assert total(found, other) == 3


def revoked_it_spends_nothing_more(found: House, token: Token) -> None:
    until_refused(found, token, runs)
    tokens.revoke_token(PERSON, found.backends[0].context, token.prefix)
    assert found.generation(token)[0] == 401


def servers_are_killed_while_they_spend(found: House, token: Token) -> None:
    """Two processes spend at once, one is killed; what it began is taken up by those that live, and paid once."""
    first, second = (spending_process(found, token) for _ in range(2))
    assert eventually(lambda: total(found, token) >= 1, 60)
    first.kill()
    for process in (first, second):
        process.join(60)
    until_refused(found, token, generations)
    assert eventually(lambda: found.spent(token) == (3, 0), 120), found.spent(token)


def state_of(found: House, token: Token, run: dict[str, Any]) -> str:
    answer = found.servers[0].get(f"/api/v1/runs/{run['id']}", headers=token.headers())
    return str(answer.json()["state"])


def total(found: House, token: Token) -> float:
    return sum(found.spent(token))


OTHERS: Final[tuple[Callable[[House, Token], None], ...]] = (
    approves_itself,
    approves_with_another_token,
    asks_beyond_its_standing_budget,
    is_approved_by_a_person,
    is_rejected_and_asks_again,
    changes_its_caps,
    is_capped_lower_while_it_spends,
    spends_by_all_doors_at_once,
    the_same_plan_from_many_threads,
    two_tokens_each_have_their_own,
    revoked_it_spends_nothing_more,
)
AT_WORK: Final = (waits_and_is_resumed_with_more_by_itself, servers_are_killed_while_they_spend)
# Calls with a key go over HTTP alone.
KEYED: Final = ((the_same_key_again, generations), (the_same_key_again, runs))
BY_DOOR: Final = (*product(PATTERNS, DOORS), *KEYED)


def scripts() -> Sequence[tuple[str, Callable[[House, Token], None]]]:
    of_doors = [
        (f"{pattern.__name__}-{door.__name__}", lambda found, token, p=pattern, d=door: p(found, token, d))
        for pattern, door in BY_DOOR
    ]
    return [*of_doors, *((each.__name__, each) for each in OTHERS)]


@pytest.mark.parametrize("script", [pytest.param(script, id=name) for name, script in scripts()])
def test_a_token_ends_at_its_cap_or_below(here: House, script: Callable[[House, Token], None]) -> None:
    token = here.token(**CAPS)

    script(here, token)

    assert total(here, token) == 3


@pytest.mark.parametrize("script", [pytest.param(script, id=script.__name__) for script in AT_WORK])
def test_a_token_whose_runs_are_made_ends_at_its_cap_as_well(
    at_work: House, script: Callable[[House, Token], None]
) -> None:
    token = at_work.token(**CAPS)

    script(at_work, token)

    assert total(at_work, token) == 3
