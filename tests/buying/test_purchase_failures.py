"""What fails costs no credits and gives way; an order whose answer got lost is never sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pressroom.buying import journal
from pressroom.buying.purchase import Supplies, place
from pressroom.domain.errors import AnswerLost, Permanent, Retryable
from pressroom.domain.states import JobState
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Action
from pressroom.providers.base import Billed, Delivered, Order, Pending, Status, VendorJob, VendorState
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.run_node import RunningRun, fail_node, order_node
from pressroom.services.settle_run import settle_run
from tests.support.buying import (
    INK_USD,
    Deaf,
    Dying,
    Unreachable,
    another,
    began,
    bought,
    captures,
    job,
    jobs_of,
    make,
    refunds,
    ticket,
)
from tests.support.studio import CREDIT, STYLES, Studio

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


class Illegible(SimulatedVendor):
    """A vendor that says what it charged, with a file that nobody can read; it keeps no orders."""

    def submit(self, order: Order) -> Pending | Delivered:
        super().submit(order)
        raise AnswerLost("its file cannot be had", billed=Billed(INK_USD - 1, evidence={"tokens": 7}))


def test_what_was_charged_for_a_file_that_nobody_can_read_is_kept_and_it_is_not_ordered_again(studio: Studio) -> None:
    shop = studio.with_vendor(studio.open_vendor(name="simulated-direct", kind=Illegible))
    run = began(shop, "ink", "simulated-direct")

    for _ in range(2):
        with pytest.raises(AnswerLost, match="its file cannot be had"):
            make(shop, run)

    found = job(shop, run)
    assert (found.state, found.billed_usd_micros, found.spent_usd_micros) == ("unknown", INK_USD - 1, INK_USD - 1)
    assert len(shop.books("simulated-direct").purchases()) == 1


class Stopping(SimulatedVendor):
    """A vendor that takes every order, stops it by itself, and charges for that."""

    def status(self, job: VendorJob) -> Status:
        return Status(VendorState.CANCELLED, Billed(INK_USD), reason="canceled")


def test_what_a_vendor_stops_by_itself_is_not_ordered_again_by_the_same_run(studio: Studio) -> None:
    shop = another(studio, Stopping)
    run = began(shop)

    for _ in range(2):
        with pytest.raises(Permanent, match=r"canceled.*billed \$0.01"):
            make(shop, run)

    assert (len(shop.vendor.purchases()), [each.state for each in jobs_of(shop, run)]) == (1, ["cancelled"])
    settle_run(shop.context, run.id)
    assert make(studio, began(studio)).state == "done"


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
    assert settle_run(shop.context, run.id).usd_micros == (2 * INK_USD if fault == "charged_fail" else INK_USD)


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


@pytest.mark.parametrize("first_fails_first", [True, False])
def test_an_order_of_a_dead_run_that_two_later_ones_meet_is_the_cost_of_one(
    studio: Studio, first_fails_first: bool
) -> None:
    """Both plans were made while the order of the run that was killed had only its intent."""
    dead = began(studio, "ink", "simulated-direct")
    intend(studio, dead)
    settle_run(studio.context, dead.id, cancelled=True)
    runs = [studio.begin(studio.plan(bought("ink", "simulated-direct"))) for _ in range(2)]

    def fail(run: RunningRun) -> None:
        fail_node(studio.context, run, "scene", "its answer got lost")

    for run in runs:
        with pytest.raises(AnswerLost):
            make(studio, run)
        if first_fails_first:
            fail(run)
    for run in runs:
        fail(run)

    settled = [settle_run(studio.context, run.id) for run in runs]
    assert [(each.captured_micros, each.usd_micros) for each in settled] == [(CREDIT, INK_USD), (0, 0)]
    found = job(studio, runs[1])
    assert (found.run_id, found.hold_id, found.captured_hold_id) == (runs[0].id, runs[0].hold_id, runs[0].hold_id)
    assert found.run_ids == (dead.id, *(run.id for run in runs))


def test_an_order_that_counted_for_one_run_costs_the_next_that_files_it_nothing(studio: Studio) -> None:
    deaf = another(studio, Deaf, "lost_answer")
    _, lost = deaf.go(bought())

    results, settled = studio.go(bought())

    assert (lost.captured_micros, lost.usd_micros) == (CREDIT, INK_USD)
    assert results["scene"].state == "done"
    assert (settled.captured_micros, settled.usd_micros) == (0, 0)


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
    intend(studio, first, vendor)
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


def intend(studio: Studio, run: RunningRun, vendor: str = "simulated-direct") -> None:
    """What a run leaves that is killed while its order is under way."""
    node = run.plan.node("scene")
    with studio.context.database.write() as conn:
        journal.open_job(
            conn,
            run.account_id,
            order_key=f"{run.account_id}:{node.key}:0",
            node_key=node.key,
            run_id=run.id,
            provider=vendor,
            model="ink",
            now=studio.context.now(),
            hold_id=run.hold_id,
            quote=node.quote,
        )


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
