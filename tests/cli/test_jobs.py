"""`pressroom jobs`, as a process: what it shows of an order whose answer was lost, and how a person settles it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.buying import journal
from pressroom.buying.spooling import unknown
from pressroom.ledger.accounts import ensure_account
from pressroom.ledger.holds import place_hold
from pressroom.planning.plan import Quote
from tests.support.desks import Desk, set_up

ORDERED = {
    "node": "scene",
    "campaign": "c",
    "operation": "generate_image",
    "prompt": "a red kettle",
    "sizes": ["8 x 4"],
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A home with one job of unknown fate: 1:node:0."""
    made = set_up(tmp_path)
    context = made.context
    with context.database.write() as conn:
        account_id = ensure_account(conn, "default", 10_000_000)
    with context.database.write() as conn:
        hold = place_hold(conn, "hold:r1", "default", 0, context.now())
    with context.database.write() as conn:
        job = journal.open_job(
            conn,
            account_id,
            order_key="1:node:0",
            node_key="node",
            run_id="r1",
            provider="simulated-direct",
            model="sketch",
            now=context.now(),
            hold_id=hold.id,
            quote=Quote(2_000_000, 2_000_000, 6_000, 6_000),
            ordered=ORDERED,
        )
    unknown(context.market, job, "the line broke")
    return made


def test_it_lists_and_shows_what_to_look_for_at_the_vendor(desk: Desk) -> None:
    [line] = desk.pressroom("jobs", "list", "--json").json
    shown = desk.pressroom("jobs", "show", "1:no").out
    looks = desk.pressroom("jobs", "show", "1:no", "--json").json["look_for"]

    assert (line["job"], line["state"], line["spent_usd_micros"], line["billed_usd_micros"]) == (
        "1:node:0",
        "unknown",
        6_000,
        None,
    )
    for part in ("1:node:0: unknown, the line broke", "prompt: a red kettle", "model: sketch", "8 x 4", "$0.006"):
        assert part in shown
    assert (looks["price_usd_micros"], looks["sent_after"]) == (6_000, line["created_at"])
    head, row = (line.split() for line in desk.pressroom("jobs", "list").out.splitlines() if not line.startswith("-"))
    assert (head[:2], head[-1]) == (["node", "state"], "job")
    assert (row[:2], row[-3:]) == (["scene", "unknown"], ["not", "said", "1:node:0"])


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("reconcile", "1:node:0"), 2, "one of --vendor-job ID, --absent, --billed USD"),
        (("reconcile", "1:node:0", "--absent", "--billed", "1"), 2, "say what you found"),
        (("reconcile", "1:node:0", "--vendor-job", "j-1"), 3, "does not know 'j-1'"),
        (("forget", "1:node:0"), 2, "--yes"),
        (("fetch", "1:node:0"), 3, "only what was rejected or has failed"),
        (("show", "2:node"), 2, "there is no job '2:node'"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(
    desk: Desk, arguments: tuple[str, ...], code: int, part: str
) -> None:
    done = desk.pressroom("jobs", *arguments)

    assert done.code == code
    assert part in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("arguments", "spent"),
    [(("reconcile", "1:node:0", "--absent"), 0), (("reconcile", "1:node:0", "--billed", "0.003"), 3_000),
     (("forget", "1:node:0", "--yes"), 6_000)],
)  # fmt: skip
def test_a_person_settles_it(desk: Desk, arguments: tuple[str, ...], spent: int) -> None:
    done = desk.pressroom("jobs", *arguments, "--json")

    assert (done.json["state"], done.json["spent_usd_micros"]) == ("failed", spent)
    assert desk.pressroom("jobs", "list", "--json").json == []
    assert len(desk.pressroom("jobs", "list", "--all", "--json").json) == 1


def test_there_is_nothing_to_collect_where_nobody_can_say(desk: Desk) -> None:
    assert desk.pressroom("jobs", "collect", "--json").json == []
