"""What endpoints are told: everything that they listen for, once, in a signed message, and again until it is taken."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from pressroom.domain.errors import Invalid, NotFound, Refused
from pressroom.domain.events import AssetStored, BalanceLow, BudgetReached, Event, RunEnded, RunHeld
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.states import DeliveryState, RunState
from pressroom.providers.guard import Guard
from pressroom.providers.post import Poster
from pressroom.services.accounts import open_account
from pressroom.services.courier import Courier
from pressroom.services.send_webhooks import GONE
from pressroom.services.webhook_targets import expect_generation
from pressroom.services.webhooks import (
    Change,
    NewSecret,
    change_webhook,
    create_webhook,
    delete_webhook,
    list_deliveries,
    list_webhooks,
    ping_webhook,
    redeliver,
    rotate_secret,
)
from pressroom.watching.event_log import EventLog
from pressroom.webhooks.rules import rules
from pressroom.webhooks.signing import new_secret
from tests.support.api_server import ApiServer, answered, api_server
from tests.support.pages import text_of
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

WHO, OTHER = Principal("default"), Principal("other")
DAY = timedelta(days=1)


@dataclass
class Post:
    """A studio, a receiver of webhooks, and a courier between them whose time goes on when a test says so."""

    studio: Studio
    receiver: ApiServer
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def url(self) -> str:
        return f"http://{self.receiver.authority}/hook"

    @property
    def context(self):
        return self.studio.context

    def create(self, *events: str, principal: Principal = WHO, url: str = "") -> NewSecret:
        return create_webhook(principal, self.context, url or self.url, events or ("*",))

    def happens(self, *events: Event) -> None:
        """They are on record when this returns, as they are when a process ends after telling them."""
        log = EventLog(self.context.database)
        log._append([(event, self.now) for event in events])

    def deliver(self, later: timedelta = timedelta()) -> list[dict]:
        """Let the courier go round once; the bodies that arrived meanwhile."""
        before, self.now = len(self.receiver.asked), self.now + later
        courier = Courier(self.context, lambda: self.now)
        courier.turn()
        courier.drain()
        return [json.loads(body) for *_, body in self.receiver.asked[before:]]

    def states(self, principal: Principal = WHO) -> list[tuple[str, int]]:
        return [(each.state, each.attempts) for each in list_deliveries(principal, self.context)]


@pytest.fixture
def post(studio: Studio) -> Iterator[Post]:
    with api_server(answered(b"thanks")) as receiver:
        guard = Guard(frozenset({receiver.authority}))
        context = replace(studio.context, make_poster=lambda: Poster(seconds=5, guard=guard))
        for principal in (WHO, OTHER):
            open_account(principal, context)
        yield Post(replace(studio, context=context), receiver)


def held(account: str = "default", run: str = "r1") -> RunHeld:
    return RunHeld(account=account, run=run, campaign="spring", credits=3, plan_hash="0" * 64, nodes=2)


def ended(run: str = "r1", state: RunState = RunState.COMPLETED) -> RunEnded:
    counts = {"captured_credits": 2, "released_credits": 1, "usd": 0.1, "seconds": 4, "nodes": {"done": 2}}
    return RunEnded(account="default", run=run, campaign="spring", state=state, **counts)


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver checks it, after the text of the standard."""
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), text, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}" in headers["webhook-signature"].split(" ")


def fails(status: int = 500) -> Callable[[BaseHTTPRequestHandler], None]:
    return answered(b"no", status)


def test_what_happens_is_told_once_and_signed(post: Post) -> None:
    made = post.create("run.*")
    post.happens(held(), ended(), BalanceLow(account="default", available=1, threshold=2))

    told = post.deliver()

    assert sorted(body["type"] for body in told) == ["run.completed", "run.held"]
    [done] = [body for body in told if body["type"] == "run.completed"]
    assert (done["data"]["run"], done["data"]["state"], done["timestamp"]) == ("r1", "completed", post.now.isoformat())
    assert post.deliver() == []
    for method, path, headers, body in post.receiver.asked:
        assert (method, path, headers["content-type"]) == ("POST", "/hook", "application/json")
        assert is_signed(made.secret, headers, body)
        assert int(headers["webhook-timestamp"]) == int(post.now.timestamp())
    assert len({headers["webhook-id"] for _, _, headers, _ in post.receiver.asked}) == 2
    assert post.states() == [(DeliveryState.DELIVERED, 1)] * 2


def test_an_endpoint_hears_of_its_own_account_and_of_nothing_before_it(post: Post) -> None:
    post.happens(held(run="before"))
    post.create()
    post.create(principal=OTHER)
    post.happens(held(run="mine"), held("other", "theirs"), held("other", "again"))

    told = post.deliver()

    assert sorted(body["data"]["run"] for body in told) == ["again", "mine", "theirs"]
    assert (len(post.states()), len(post.states(OTHER))) == (1, 2)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (("credits.low",), ["credits.low"]),
        (("budget.*", "asset.stored"), ["asset.stored", "budget.90"]),
        (("*",), ["asset.stored", "budget.90", "credits.low"]),
    ],
)
def test_an_endpoint_hears_of_what_it_names(post: Post, events: tuple[str, ...], told: list[str]) -> None:
    post.create(*events)
    made = {"node": "a", "operation": "draw", "vendor": "local", "model": "x", "credits": 0, "usd": 0, "seconds": 1}
    budget = {"percent": 90, "scope": "run", "of": "credits", "spent": 9, "limit": 10}

    post.happens(
        BalanceLow(account="default", available=1, threshold=2),
        BudgetReached(account="default", run="r1", **budget),
        AssetStored(account="default", run="r1", assets=("a1",), **made),
    )

    assert sorted(body["type"] for body in post.deliver()) == told


def test_what_is_not_taken_is_tried_again_under_one_id_until_it_is(post: Post) -> None:
    post.create()
    post.receiver.answer = fails(503)
    post.happens(held())

    first = post.deliver()
    assert post.deliver() == [], "not before its time"
    post.receiver.answer = answered(b"thanks")
    second = post.deliver(DAY)

    assert first == second
    ids = [headers["webhook-id"] for _, _, headers, _ in post.receiver.asked]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    [done] = list_deliveries(WHO, post.context)
    assert (done.state, done.attempts, done.answer_status, done.answer) == ("delivered", 2, 200, "thanks")


def test_what_nobody_takes_is_dead_after_nine_attempts_and_can_be_sent_again(post: Post) -> None:
    post.create()
    post.receiver.answer = fails()
    post.happens(held())

    for _ in range(12):
        post.deliver(DAY)

    assert post.states() == [(DeliveryState.DEAD, rules().most_attempts)]
    [dead] = list_deliveries(WHO, post.context, state="dead")
    assert (dead.answer_status, dead.answer, dead.next_at) == (500, "no", None)
    post.receiver.answer = answered(b"thanks")
    assert redeliver(WHO, post.context, dead.id).state is DeliveryState.WAITING
    with pytest.raises(Refused, match="in line"):
        redeliver(WHO, post.context, dead.id)
    assert len(post.deliver(DAY)) == 1
    assert list_deliveries(WHO, post.context, state="dead") == []


def test_a_receiver_that_is_gone_is_left_alone(post: Post) -> None:
    made = post.create()
    post.receiver.answer = fails(GONE)
    post.happens(held(), ended(), *(held(run=f"at once {n}") for n in range(6)))

    post.deliver()
    assert {each.answer_status for each in list_deliveries(WHO, post.context)} == {GONE}, "each answer is on record"
    post.happens(held(run="r2"))

    assert post.deliver(DAY) == []
    [found] = list_webhooks(WHO, post.context)
    assert "410" in found.disabled_why
    assert {state for state, _ in post.states()} == {DeliveryState.DEAD}
    dead = list_deliveries(WHO, post.context)[0]
    with pytest.raises(Refused, match="disabled"):
        redeliver(WHO, post.context, dead.id)
    post.receiver.answer = answered(b"thanks")
    assert made.endpoint is not None
    change_webhook(WHO, post.context, made.endpoint.id, Change(disabled=False))
    post.happens(held(run="r3"))
    assert [body["data"]["run"] for body in post.deliver()] == ["r3"], "what was missed meanwhile stays untold"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429])
def test_a_redirect_or_a_no_is_not_taken(post: Post, status: int) -> None:
    post.create()
    post.receiver.answer = answered(b"", status, Location="/elsewhere")
    post.happens(held())

    post.deliver()

    assert post.states() == [(DeliveryState.WAITING, 1)]
    assert {path for _, path, *_ in post.receiver.asked} == {"/hook"}


def test_several_servers_send_nothing_twice(post: Post) -> None:
    post.create()
    post.create("run.*")
    post.happens(*[held(run=f"r{number}") for number in range(15)])
    servers = [Courier(post.context, lambda: post.now) for _ in range(4)]

    def work(server: Courier) -> None:
        for _ in range(6):
            server.turn()
            server.drain()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, servers))

    ids = [headers["webhook-id"] for _, _, headers, _ in post.receiver.asked]
    assert len(ids) == len(set(ids)) == 30
    assert post.states() == [(DeliveryState.DELIVERED, 1)] * 30


def test_what_a_killed_server_was_sending_is_sent_by_the_next(post: Post) -> None:
    from pressroom.services.send_webhooks import claim_due, gather

    post.create()
    post.happens(held())
    gather(post.context, post.now)
    assert len(claim_due(post.context, post.now, 8)) == 1, "and then it was killed"

    assert post.deliver() == []
    assert len(post.deliver(timedelta(seconds=rules().lease_seconds))) == 1


def test_while_a_secret_gives_way_both_sign(post: Post) -> None:
    old = post.create()
    assert old.endpoint is not None
    new = rotate_secret(WHO, post.context, old.endpoint.id)

    def signers() -> list[bool]:
        post.happens(held())
        assert len(post.deliver()) == 1
        _, _, headers, body = post.receiver.asked[-1]
        return [is_signed(each.secret, headers, body) for each in (old, new)]

    assert signers() == [True, True]
    post.now += timedelta(hours=rules().rotation_hours, minutes=1)
    assert signers() == [False, True]
    newest = rotate_secret(WHO, post.context, old.endpoint.id, at_once=True)
    post.happens(held())
    post.deliver(timedelta(hours=1))
    _, _, headers, body = post.receiver.asked[-1]
    assert [is_signed(each.secret, headers, body) for each in (new, newest)] == [False, True]


def test_a_ping_is_sent_at_once_and_once(post: Post) -> None:
    made = post.create("run.failed")
    assert made.endpoint is not None

    taken = ping_webhook(WHO, post.context, made.endpoint.id)
    post.receiver.answer = fails()
    refused = ping_webhook(WHO, post.context, made.endpoint.id)

    assert (taken.type, taken.state, taken.answer_status) == ("ping", "delivered", 200)
    assert (refused.state, refused.answer_status) == ("dead", 500)
    assert post.deliver(DAY) == []


def test_secrets_are_nowhere_in_the_database(post: Post) -> None:
    made = post.create()

    with post.context.database.read() as conn:
        rows = [str(conn.exec_driver_sql(f"SELECT * FROM {name}").all()) for name in ("webhook", "webhook_secret")]

    assert made.secret.removeprefix("whsec_") not in "".join(rows)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"])
def test_no_endpoint_is_at_an_address_that_is_not_public(studio: Studio, address: str) -> None:
    guard = Guard(resolve=lambda host, port: [address])
    context = replace(studio.context, make_poster=lambda: Poster(seconds=5, guard=guard))
    open_account(WHO, context)

    with pytest.raises(Invalid, match="not public") as error:
        create_webhook(WHO, context, "https://hooks.example.com/", ["*"])

    assert error.value.problems[0].path == ("url",)
    assert list_webhooks(WHO, context) == []


def test_an_address_that_stops_being_public_is_not_connected_to(post: Post) -> None:
    """Names are looked up for each attempt, and what is connected to is what was looked at."""
    post.create()
    private = Poster(seconds=5, guard=Guard(resolve=lambda host, port: ["127.0.0.1"]))
    moved = replace(post, studio=replace(post.studio, context=replace(post.context, make_poster=lambda: private)))
    moved.happens(held())

    assert moved.deliver() == []
    [kept] = list_deliveries(WHO, moved.context)
    assert (kept.state, kept.answer_status) == ("waiting", None)
    assert kept.answer


def test_another_account_has_none_of_it(post: Post) -> None:
    made = post.create()
    assert made.endpoint is not None
    ping = ping_webhook(WHO, post.context, made.endpoint.id)

    assert (list_webhooks(OTHER, post.context), list_deliveries(OTHER, post.context)) == ([], [])
    for act in (
        lambda: rotate_secret(OTHER, post.context, made.endpoint.id),
        lambda: ping_webhook(OTHER, post.context, made.endpoint.id),
        lambda: delete_webhook(OTHER, post.context, made.endpoint.id),
        lambda: change_webhook(OTHER, post.context, made.endpoint.id, Change(disabled=True)),
        lambda: redeliver(OTHER, post.context, ping.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_an_admin_sees_and_makes_webhooks(post: Post) -> None:
    reader = Principal("default", "reader@example.com", frozenset(Scope) - {Scope.ADMIN})

    for act in (
        lambda: list_webhooks(reader, post.context),
        lambda: create_webhook(reader, post.context, post.url, ["*"]),
    ):
        with pytest.raises(Refused, match="admin"):
            act()


def test_a_deleted_endpoint_takes_what_it_was_told_with_it(post: Post) -> None:
    made = post.create()
    assert made.endpoint is not None
    post.happens(held())
    post.deliver()

    delete_webhook(WHO, post.context, made.endpoint.id)
    post.happens(held())

    assert (post.deliver(), post.states(), list_webhooks(WHO, post.context)) == ([], [], [])


ONE_OPERATION = "pressroom: 1\nname: draw\nsteps:\n  make: {uses: draw, with: {prompt: sea}}\n"


def test_a_generation_is_told_to_the_address_that_it_named(post: Post) -> None:
    with pytest.raises(Invalid, match="no secret"):
        expect_generation(WHO, post.context, post.url, "g1")
    own = rotate_secret(WHO, post.context)
    run = post.studio.begin(post.studio.plan(ONE_OPERATION))
    for _ in range(2):
        expect_generation(WHO, post.context, post.url, run.id)

    post.happens(ended(run.id), ended("another"))

    assert [(body["type"], body["data"]["run"]) for body in post.deliver()] == [("generation.completed", run.id)]
    _, _, headers, body = post.receiver.asked[-1]
    assert is_signed(own.secret, headers, body)
    assert list_webhooks(WHO, post.context) == [], "it is no endpoint of the account's"


def documented_check() -> Callable[..., dict]:
    """What docs/webhooks.md tells receivers to do."""
    [block] = re.findall(r"```python\n(.*?)```", text_of("webhooks.md"), re.DOTALL)
    names: dict = {}
    exec(block, names)
    return names["event_of"]


def test_a_receiver_that_does_as_the_documentation_says_takes_ours_and_no_others(post: Post) -> None:
    event_of, made = documented_check(), post.create()
    post.happens(held())
    post.deliver()
    [(_, _, headers, body)] = post.receiver.asked

    assert event_of(made.secret, headers, body)["type"] == "run.held"
    old = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    for secret, given, sent in (
        (made.secret, headers, body + b" "),
        (made.secret, old, body),
        (made.secret, {**headers, "webhook-id": "msg_other"}, body),
        (new_secret(), headers, body),
    ):
        with pytest.raises(ValueError, match="this message is"):
            event_of(secret, given, sent)
