"""Buying: journalled, paid once for what was delivered, billed dollars in full, never twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.buying.purchase import Supplies, Ticket, place
from pressroom.database.schema import allowance, op
from pressroom.domain.errors import AnswerLost, Corrupt, Permanent, PressroomError, Refused, Retryable
from pressroom.domain.states import JobState
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Action, Alternative
from pressroom.providers.base import Delivered, Order, Pending, Status
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.runs.records import node_of
from pressroom.services.run_node import NodeResult, RunningRun, order_node, run_node
from pressroom.services.settle_run import settle_run
from tests.support.planning import with_model
from tests.support.studio import CATALOG, CREDIT, STYLES, Studio

INK_USD = CREDIT // 100


def bought(model: str = "ink", vendor: str = "simulated", **params: object) -> str:
    values = ", ".join(f"{name}: {value}" for name, value in params.items())
    return f"name: bought\nsteps:\n  scene: {{uses: draw, model: {vendor}/{model}, with: {{{values}}}}}\n"


def began(studio: Studio, *args: str, **params: object) -> RunningRun:
    return studio.begin(studio.plan(bought(*args, **params)))


def make(studio: Studio, run: RunningRun) -> NodeResult:
    return run_node(studio.principal, studio.context, run, "scene")


def ticket(run: RunningRun) -> Ticket:
    node = run.plan.node("scene")
    offers = (Alternative(node.provider, node.model, node.quote),)
    return Ticket(run.account_id, run.id, run.hold_id, "bought", node, offers)


def job(studio: Studio, run: RunningRun) -> Job:
    with studio.context.database.read() as conn:
        found = journal.job_for(conn, run.account_id, run.plan.node("scene").key)
    assert found is not None
    return found


def jobs_of(studio: Studio, run: RunningRun) -> list[Job]:
    with studio.context.database.read() as conn:
        return journal.jobs_of_node(conn, run.account_id, run.plan.node("scene").key)


def captures(studio: Studio) -> list[int]:
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        return list(conn.execute(select(op.c.amount).where(op.c.kind == "capture")).scalars())


def refunds(studio: Studio) -> list[int]:
    with studio.context.database.read() as conn:
        return list(conn.execute(select(op.c.amount).where(op.c.kind == "refund")).scalars())


def costs(studio: Studio, run: RunningRun) -> list[int]:
    with studio.context.database.read() as conn:
        assets = assets_of_node(conn, run.account_id, run.plan.node("scene").key)
    return [asset.cost_credits_micros for asset in assets]


class Slow(SimulatedVendor):
    """A vendor that needs a while to take an order, so that a second buyer comes in between."""

    def submit(self, order: Order) -> Pending | Delivered:
        time.sleep(0.3)
        return super().submit(order)


class Unreachable(SimulatedVendor):
    """A vendor whose line is down before the order reaches it."""

    def submit(self, order: Order) -> Pending | Delivered:
        raise Retryable("no connection to the vendor")


class Counting(SimulatedVendor):
    """A vendor that bills the pictures it delivered, not those that were ordered."""

    def status(self, vendor_job_id: str) -> Status:
        status = super().status(vendor_job_id)
        return replace(status, billed=replace(status.billed, meters={"image": 1}))


class Deaf(SimulatedVendor):
    """A vendor that can be asked for nothing after an order was lost."""

    def look_up(self, order_key: str) -> object:
        raise Retryable("no connection to the vendor")


class Dying(SimulatedVendor):
    """A vendor whose customer dies before it hears that its order was taken."""

    def submit(self, order: Order) -> Pending | Delivered:
        super().submit(order)
        raise KeyboardInterrupt


def another(studio: Studio, kind: type[SimulatedVendor], *faults: str) -> Studio:
    return studio.with_vendor(studio.open_vendor(*faults, kind=kind))


# what is paid


@pytest.mark.parametrize("vendor", STYLES)
def test_a_purchase_is_paid_once_it_is_filed_whatever_way_the_vendor_answers(studio: Studio, vendor: str) -> None:
    run = began(studio, "ink", vendor)

    result = make(studio, run)

    assert (result.state, result.credits_micros, result.usd_micros) == ("done", CREDIT, INK_USD)
    assert captures(studio) == [CREDIT]
    found = job(studio, run)
    assert (found.state, found.run_id, found.billed_usd_micros, found.assumed) == ("stored", run.id, INK_USD, False)
    assert found.evidence == {"invoice": studio.books(vendor).purchases()[0]["id"]}


def test_of_a_partial_delivery_only_what_came_is_paid_and_its_files_share_the_price_exactly(studio: Studio) -> None:
    shop = studio.with_faults("partial")
    run = began(shop, "oil", files=7)

    result = make(shop, run)

    assert len(result.asset_ids) == 3
    assert result.credits_micros == 3 * 333_333
    assert costs(shop, run) == [333_333, 333_333, 333_333]
    assert captures(shop) == [3 * 333_333]
    with shop.context.database.read() as conn:
        assert node_of(conn, run.account_id, run.id, "scene").error == "delivered 3 of 7 files"
    assert settle_run(shop.context, run.id).released_micros == 4 * 333_333


def test_a_price_that_does_not_divide_is_shared_to_the_last_millionth(studio: Studio) -> None:
    run = began(studio, "metered", files=7, width=11, height=13)

    result = make(studio, run)

    assert sum(costs(studio, run)) == result.credits_micros
    assert max(costs(studio, run)) - min(costs(studio, run)) <= 1


def test_a_vendor_that_bills_what_it_delivered_is_not_paid_a_share_of_a_share(studio: Studio) -> None:
    shop = another(studio, Counting, "partial")

    assert make(shop, began(shop, files=2)).credits_micros == CREDIT


def test_a_metered_purchase_is_never_paid_above_its_bound(studio: Studio) -> None:
    """The vendor bills 1.2 times what was quoted at 1.5 credits a unit; the catalog promises 1.6 at most."""
    plan = studio.plan(bought("metered", width=1000, height=10))
    run = studio.begin(plan)

    result = make(studio, run)

    assert (plan.totals.credits_estimate, plan.totals.credits_bound) == (15_000, 16_000)
    assert result.credits_micros == 16_000


def test_a_metered_purchase_below_its_bound_is_paid_as_billed(studio: Studio) -> None:
    catalog = with_model(CATALOG, "simulated/metered", bound_credits=4 * CREDIT)
    shop = replace(studio, context=replace(studio.context, catalog=catalog))
    run = shop.begin(shop.plan(bought("metered", width=1000, height=10), catalog=catalog))

    result = make(shop, run)

    assert result.credits_micros == 18_000
    assert settle_run(shop.context, run.id).released_micros == 22_000


# what was billed is a fact


def test_what_is_billed_above_the_quote_is_recorded_in_full(studio: Studio) -> None:
    shop = studio.with_faults("overcharge")
    run = began(shop)

    result = make(shop, run)

    assert (result.usd_micros, job(shop, run).billed_usd_micros) == (3 * INK_USD, 3 * INK_USD)
    assert result.credits_micros == CREDIT
    assert settle_run(shop.context, run.id).usd_micros == 3 * INK_USD


def test_a_vendor_that_says_nothing_of_its_bill_is_assumed_to_have_charged_the_quote(studio: Studio) -> None:
    shop = studio.with_faults("silent")
    run = began(shop)

    assert make(shop, run).usd_micros == INK_USD
    assert (job(shop, run).billed_usd_micros, job(shop, run).assumed) == (None, True)


@pytest.mark.parametrize(
    ("params", "faults", "error", "message"),
    [
        ({"fault": "size"}, (), Permanent, "25 x 16 instead of 24 x 16"),
        ({}, ("damaged",), Corrupt, ""),
        ({"fault": "extra"}, (), Permanent, "the plan promises 1"),
        ({"files": 1}, ("partial",), Permanent, "delivered nothing"),
    ],
)
def test_a_delivery_that_our_checks_refuse_costs_no_credits_and_its_bill_is_kept_and_said(
    studio: Studio, params: dict[str, object], faults: tuple[str, ...], error: type[PressroomError], message: str
) -> None:
    shop = studio.with_faults(*faults)
    run = began(shop, **params)

    results = shop.walk(run)

    problem = results["scene"]
    assert isinstance(problem, error)
    assert message in str(problem)
    assert "simulated billed $0.01" in str(problem)
    assert "nothing was charged" not in str(problem)
    found = job(shop, run)
    assert (found.state, found.billed_usd_micros, captures(shop), costs(shop, run)) == ("rejected", INK_USD, [], [])
    assert all(shop.context.store.has(file.sha256) for file in found.delivery)
    assert settle_run(shop.context, run.id).usd_micros == INK_USD
    assert studio.plan(bought(**params)).nodes[0].action is Action.CREATE


# what fails costs no credits and can be bought again


@pytest.mark.parametrize("vendor", STYLES)
@pytest.mark.parametrize(("fault", "said"), [("fail", 0), ("reject", 0), ("charged_fail", INK_USD)])
def test_a_failed_job_captures_nothing_keeps_its_bill_and_can_be_bought_again(
    studio: Studio, fault: str, said: int, vendor: str
) -> None:
    shop = studio.with_faults(fault, name=vendor)
    run = began(shop, "ink", vendor)

    with pytest.raises(Permanent, match="nothing was charged" if not said else r"billed \$0.01"):
        make(shop, run)

    assert (captures(shop), job(shop, run).state, job(shop, run).spent_usd_micros) == ([], "failed", said)
    results, settled = studio.go(bought("ink", vendor))
    assert results["scene"].state == "done"
    assert settled.captured_micros == CREDIT
    assert job(studio, run).order_key.endswith(":1")


def test_a_run_does_not_order_again_what_has_failed_in_it(studio: Studio) -> None:
    shop = studio.with_faults("charged_fail")
    run = began(shop)

    for _ in range(3):
        with pytest.raises(Permanent, match="moderation withheld"):
            make(shop, run)

    assert len(shop.vendor.purchases()) == 1


# another model where one has definitely failed


FALLBACK = """
name: fallback
steps:
  scene:
    {uses: draw, model: simulated/ink, fallback: [simulated-callback/ink, simulated-direct/ink], with: {prompt: a}}
"""


@pytest.mark.parametrize("fault", ["reject", "fail", "charged_fail"])
def test_a_model_that_has_definitely_failed_gives_way_to_the_next(studio: Studio, fault: str) -> None:
    shop = studio.with_faults(fault)
    run = shop.begin(shop.plan(FALLBACK))

    result = make(shop, run)

    with shop.context.database.read() as conn:
        [asset] = assets_of_node(conn, run.account_id, run.plan.node("scene").key)
    assert (result.state, asset.provider, asset.model) == ("done", "simulated-callback", "ink")
    jobs = [(each.provider, each.state) for each in jobs_of(shop, run)]
    assert sorted(jobs) == [("simulated", "failed"), ("simulated-callback", "stored")]
    assert captures(shop) == [CREDIT]
    assert shop.books("simulated-direct").purchases() == []


def test_an_order_that_may_have_been_taken_never_gives_way(studio: Studio) -> None:
    deaf = another(studio, Deaf, "lost_answer")
    run = deaf.begin(deaf.plan(FALLBACK))

    for _ in range(2):
        with pytest.raises(AnswerLost):
            make(deaf, run)

    assert [each.state for each in jobs_of(deaf, run)] == ["unknown"]
    assert deaf.books("simulated-callback").purchases() == []


def test_this_machine_makes_what_no_vendor_would(studio: Studio) -> None:
    shop = studio.with_faults("reject")
    text = FALLBACK.replace("simulated-callback/ink, simulated-direct/ink", "local/pencil")
    run = shop.begin(shop.plan(text))

    assert order_node(shop.principal, shop.context, run, "scene") is None
    result = make(shop, run)

    assert (result.state, result.credits_micros, captures(shop)) == ("done", 0, [])
    with shop.context.database.read() as conn:
        [asset] = assets_of_node(conn, run.account_id, run.plan.node("scene").key)
    assert (asset.provider, asset.model) == ("local", "pencil")


def test_a_vendor_makes_what_this_machine_cannot(studio: Studio) -> None:
    draw = replace(studio.context.operations["draw"], run=None)
    operations = {**studio.context.operations, "draw": draw}
    text = (
        "name: fallback\nsteps:\n  scene: {uses: draw, model: local/pencil, fallback: [simulated/ink], "
        "with: {prompt: a}}\n"
    )
    shop = replace(studio, context=replace(studio.context, operations=operations))
    run = shop.begin(shop.plan(text))

    result = make(shop, run)

    assert (result.state, result.credits_micros, captures(shop)) == ("done", CREDIT, [CREDIT])


def test_the_last_failure_is_told_where_every_model_has_failed(studio: Studio) -> None:
    shop = studio
    for name in STYLES:
        shop = shop.with_faults("reject", name=name)
    run = shop.begin(shop.plan(FALLBACK))

    for _ in range(2):
        with pytest.raises(Permanent):
            make(shop, run)

    assert {each.state for each in jobs_of(shop, run)} == {"failed"}
    assert len(jobs_of(shop, run)) == 3


# an answer that gets lost


@pytest.mark.parametrize("fault", ["lost_answer", "lost_order"])
@pytest.mark.parametrize("vendor", ["simulated", "simulated-callback"])
def test_a_vendor_that_can_list_is_asked_whether_it_took_the_order(studio: Studio, fault: str, vendor: str) -> None:
    shop = studio.with_faults(fault, name=vendor)

    results, settled = shop.go(bought("ink", vendor))

    assert results["scene"].state == "done"
    assert (settled.captured_micros, settled.usd_micros) == (CREDIT, INK_USD)
    assert len(shop.books(vendor).purchases()) == 1


def test_a_run_that_dies_as_it_sends_an_order_again_leaves_one_that_is_looked_up(studio: Studio) -> None:
    """Found by seed 1092: the vendor had said that it knows nothing, and a second later it was not so any more."""
    dying = another(studio, Dying, "lost_order")
    run = began(dying)
    with pytest.raises(KeyboardInterrupt):
        make(dying, run)
    assert len(studio.vendor.purchases()) == 1

    assert make(studio, run).state == "done"

    assert (len(studio.vendor.purchases()), captures(studio)) == (1, [CREDIT])


@pytest.mark.parametrize("fault", ["lost_answer", "lost_order"])
def test_an_order_that_nobody_can_look_up_is_never_sent_again_and_counts_as_spent(studio: Studio, fault: str) -> None:
    text = bought("ink", "simulated-direct")
    shop = studio.with_faults(fault, name="simulated-direct")
    run = began(shop, "ink", "simulated-direct")
    orders = 1 if fault == "lost_answer" else 0

    results = shop.walk(run)

    problem = results["scene"]
    assert isinstance(problem, AnswerLost)
    assert f"pressroom jobs show {job(shop, run).order_key}" in str(problem)
    assert "run again" not in str(problem)
    assert (job(shop, run).state, captures(shop)) == ("unknown", [CREDIT])
    settled = settle_run(shop.context, run.id)
    assert (settled.captured_micros, settled.usd_micros) == (CREDIT, INK_USD)
    for refresh in ([], ["*"]):
        assert [problem.code for problem in studio.plan(text, refresh=refresh).problems] == ["unknown_job"]
    # Plans that were shown before the answer got lost.
    renewed = replace(run.plan, nodes=tuple(replace(node, renew=True) for node in run.plan.nodes))
    for shown in (run.plan, renewed):
        later = studio.begin(shown)
        assert isinstance(studio.walk(later)["scene"], AnswerLost)
        settle_run(studio.context, later.id)
    assert (len(studio.books("simulated-direct").purchases()), captures(studio)) == (orders, [CREDIT])


def test_an_order_is_not_sent_again_while_its_vendor_cannot_be_asked_and_found_later(studio: Studio) -> None:
    deaf = another(studio, Deaf, "lost_answer")
    run = began(deaf)
    with pytest.raises(AnswerLost):
        make(deaf, run)
    assert (job(deaf, run).state, captures(deaf)) == ("unknown", [CREDIT])

    result = make(studio, run)

    assert (result.state, result.credits_micros) == ("done", CREDIT)
    assert (captures(studio), refunds(studio), len(studio.vendor.purchases())) == ([CREDIT], [], 1)


def test_what_was_captured_for_a_lost_order_pays_for_it_when_it_is_sent_after_all(studio: Studio) -> None:
    deaf = another(studio, Deaf, "lost_order")
    run = began(deaf)
    with pytest.raises(AnswerLost):
        make(deaf, run)
    settle_run(deaf.context, run.id)

    results, settled = studio.go(bought())

    assert results["scene"].state == "done"
    assert (captures(studio), refunds(studio)) == ([CREDIT], [])
    assert (settled.captured_micros, len(studio.vendor.purchases())) == (0, 1)


def test_an_order_that_certainly_never_left_is_sent_later_under_the_same_job(studio: Studio) -> None:
    down = another(studio, Unreachable)
    run = began(down)
    with pytest.raises(Retryable, match="no connection"):
        make(down, run)
    assert (job(down, run).state, captures(down), down.vendor.purchases()) == ("intent", [], [])

    assert make(studio, run).state == "done"

    assert (len(studio.vendor.purchases()), captures(studio)) == (1, [CREDIT])
    assert job(studio, run).order_key.endswith(":0")


@pytest.mark.parametrize(("vendor", "sent"), [("simulated", True), ("simulated", False), ("simulated-direct", True)])
def test_the_order_of_a_run_that_died_is_looked_up_and_never_sent_blindly(
    studio: Studio, vendor: str, sent: bool
) -> None:
    """The first run got as far as its intent; whether the order left is not known."""
    first = began(studio, "ink", vendor)
    node = first.plan.node("scene")
    with studio.context.database.write() as conn:
        journal.open_job(
            conn,
            first.account_id,
            order_key=f"{first.account_id}:{node.key}:0",
            node_key=node.key,
            run_id=first.id,
            provider=vendor,
            model="ink",
            now=studio.context.now(),
            quote=node.quote,
        )
    if sent:
        order = Order(f"{first.account_id}:{node.key}:0", "draw", "ink", node.params, units=node.units)
        studio.open_vendor(name=vendor).submit(order)
    settle_run(studio.context, first.id, cancelled=True)

    plan = studio.plan(bought("ink", vendor))
    results, settled = studio.go(bought("ink", vendor))

    assert plan.nodes[0].action is Action.ADOPT
    assert len(studio.books(vendor).purchases()) == 1
    assert settled.captured_micros == CREDIT
    assert settle_run(studio.context, first.id).captured_micros == 0
    outcome = results["scene"]
    assert isinstance(outcome, AnswerLost) if vendor == "simulated-direct" else outcome.state == "done"


# what was delivered is not lost


def test_what_was_delivered_is_filed_from_the_store_without_asking_the_vendor_again(studio: Studio) -> None:
    first = began(studio, "ink", "simulated-direct")
    delivered = place(studio.context.market, ticket(first), Supplies())
    settle_run(studio.context, first.id, cancelled=True)
    gone = replace(studio, context=replace(studio.context, vendors={}))

    results, settled = gone.go(bought("ink", "simulated-direct"))

    assert delivered is not None
    assert (delivered.state, delivered.delivery[0].mime) == (JobState.DELIVERED, "image/png")
    assert (results["scene"].state, settled.captured_micros, settled.usd_micros) == ("done", CREDIT, INK_USD)


# several buyers


def test_a_second_buyer_waits_until_the_first_has_sent_the_order(studio: Studio) -> None:
    shop = another(studio, Slow)
    runs = [began(shop) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda run: make(shop, run), runs))

    assert len(shop.vendor.purchases()) == 1
    assert captures(shop) == [CREDIT]
    assert sorted(result.state for result in results) == ["done", "reused", "reused", "reused"]
    assert len({result.asset_ids for result in results}) == 1
    payer = next(run for run, result in zip(runs, results, strict=True) if result.state == "done")
    assert job(shop, payer).run_id == payer.id
    assert len(costs(shop, payer)) == 1


def test_a_node_filed_between_the_look_and_the_order_is_not_bought_again(studio: Studio) -> None:
    """A run that looked into the library too early finds out when it opens its job."""
    late = began(studio)
    studio.go(bought())

    assert place(studio.context.market, ticket(late), Supplies()) is None
    assert len(studio.vendor.purchases()) == 1


# a run that has ended


def test_a_node_that_finishes_after_its_run_was_cancelled_is_not_paid_and_stays_adoptable(studio: Studio) -> None:
    shop = another(studio, Slow)
    run = began(shop)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(make, shop, run)
        while not jobs_of(shop, run):
            time.sleep(0.01)
        settled = settle_run(shop.context, run.id, cancelled=True)
        with pytest.raises((Refused, Permanent)):
            working.result()

    assert (settled.state, captures(shop)) == ("cancelled", [])
    assert studio.plan(bought()).nodes[0].action is Action.ADOPT
    results, _ = studio.go(bought())
    assert (results["scene"].state, len(studio.vendor.purchases())) == ("done", 1)


def test_the_account_ends_with_what_it_had_less_what_was_delivered(studio: Studio) -> None:
    studio.go(bought(files=3))

    with studio.context.database.read() as conn:
        balance = balance_of(conn, "default")
    assert (balance.available_micros, balance.held_micros) == (97 * CREDIT, 0)


def counted(studio: Studio) -> int:
    """Micro-dollars that count against the month's allowance."""
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        months = select(func.sum(allowance.c.used)).where(allowance.c.family == "usd")
        return int(conn.execute(months).scalar_one() or 0)


@pytest.mark.parametrize(
    ("fault", "vendor", "state"),
    [
        ("charged_fail", "simulated", "failed"),
        ("fail", "simulated", "failed"),
        ("damaged", "simulated", "rejected"),
        ("overcharge", "simulated", "stored"),
        ("lost_answer", "simulated-direct", "unknown"),
        ("silent", "simulated", "stored"),
    ],
)
def test_every_dollar_that_counts_as_spent_counts_against_the_month_once(
    studio: Studio, fault: str, vendor: str, state: str
) -> None:
    run = began(studio.with_faults(fault, name=vendor), vendor=vendor)
    with suppress(PressroomError):
        make(studio.with_faults(fault, name=vendor), run)
    settle_run(studio.context, run.id)

    found = job(studio, run)
    assert found.state == state
    assert counted(studio) == found.counted_usd_micros == found.spent_usd_micros
    assert found.spent_usd_micros or fault == "fail"
