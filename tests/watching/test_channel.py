"""What runs tell: each thing once, after it is committed; and a listener that breaks breaks nothing else."""

from __future__ import annotations

from pressroom.domain.events import AssetStored, Event, NodeFailed, OrderEnded, RunEnded, RunHeld
from pressroom.domain.states import JobState
from pressroom.services.settle_run import settle_run
from tests.support.studio import Studio
from tests.watching.paid import PAID


def heard(studio: Studio) -> list[Event]:
    found: list[Event] = []
    studio.context.events.subscribe(found.append)
    return found


def test_orders_and_files_are_told_with_their_run_vendor_and_cost(studio: Studio) -> None:
    events = heard(studio)

    results, settled = studio.go(PAID)

    held, order, *stored, end = events
    assert isinstance(held, RunHeld)
    assert (held.run, held.nodes, held.credits) == (settled.run_id, 2, settled.held_micros / 1_000_000)
    assert isinstance(end, RunEnded)
    assert (end.name, end.captured_credits) == ("pressroom.run.completed", settled.captured_micros / 1_000_000)
    assert end.nodes == {"done": 2}
    assert isinstance(order, OrderEnded)
    assert (order.name, order.run, order.node) == ("pressroom.order.delivered", settled.run_id, "scene")
    assert (order.account, order.vendor) == (studio.account, "simulated")
    assert order.seconds >= 0
    assert [(each.name, each.node, each.assets) for each in stored if isinstance(each, AssetStored)] == [
        ("pressroom.asset.stored", name, results[name].asset_ids)  # type: ignore[union-attr]
        for name in ("scene", "dusk")
    ]
    assert sum(each.credits for each in stored) * 1_000_000 == settled.captured_micros > 0  # type: ignore[attr-defined]
    assert order.usd == stored[0].usd > 0  # type: ignore[attr-defined]


def test_what_fails_is_told_once_with_the_reason(studio: Studio) -> None:
    studio = studio.with_faults("fail")
    events = heard(studio)

    studio.go(PAID)

    assert [each.name for each in events] == [
        "pressroom.run.held",
        "pressroom.order.failed",
        "pressroom.node.failed",
        "pressroom.node.failed",
        "pressroom.run.failed",
    ]
    assert [each.node for each in events if isinstance(each, NodeFailed)] == ["scene", "dusk"]
    (order,) = [each for each in events if isinstance(each, OrderEnded)]
    assert order.state is JobState.FAILED
    assert order.reason


def test_what_is_there_already_is_stored_by_nobody_again(studio: Studio) -> None:
    studio.go(PAID)
    events = heard(studio)

    studio.go(PAID)

    assert [each.name for each in events] == ["pressroom.run.held", "pressroom.run.completed"]


def test_an_end_is_told_once_however_often_a_run_is_settled(studio: Studio) -> None:
    events = heard(studio)

    _, settled = studio.go(PAID)
    settle_run(studio.context, settled.run_id, error="again")

    assert sum(isinstance(each, RunEnded) for each in events) == 1


def test_a_listener_that_breaks_hurts_neither_the_run_nor_the_other_listeners(studio: Studio) -> None:
    def broken(event: Event) -> None:
        raise OSError("no space left on device")

    studio.context.events.subscribe(broken)
    events = heard(studio)

    _, settled = studio.go(PAID)

    assert settled.state == "completed"
    assert len(events) == 5


def test_a_listener_is_told_once_however_often_it_subscribes(studio: Studio) -> None:
    events: list[Event] = []
    for _ in range(2):
        studio.context.events.subscribe(events.append)

    studio.go(PAID)

    assert len(events) == 5
