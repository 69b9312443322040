from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.states import RunState
from pressroom.runs.nodes import RunNode, finish_node, nodes_moved, nodes_of, start_node
from pressroom.runs.records import RunRecord, create_run, finish_run, known_flow_runs, list_runs, run_of, start_run
from tests.support.accounts import ACME
from tests.support.studio import Studio

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(run_id: str = "run-1", minutes: int = 0, **values: object) -> RunRecord:
    known = {"campaign": "launch", "plan_hash": "ab" * 32, "plan": '{"nodes":[]}', "account": "acme"}
    return RunRecord(id=run_id, created_at=NOON + timedelta(minutes=minutes), **known | values)  # type: ignore[arg-type]


def node(position: int) -> RunNode:
    return RunNode(f"poster[{position}]", position, "poster", str(position), "overlay", f"key-{position}", "create")


def created(database: Database, count: int = 3) -> list[RunNode]:
    nodes = [node(position) for position in range(count)]
    with database.write() as conn:
        create_run(conn, ACME, record(), nodes)
    return nodes


def test_the_books_know_flow_runs_whatever_became_of_them(database: Database) -> None:
    with database.write() as conn:
        create_run(conn, ACME, record(flow_run_id="f1"), [])
        finish_run(conn, ACME, "run-1", RunState.FAILED)

    with database.read() as conn:
        assert known_flow_runs(conn, ["f1", "f2", ""]) == {"f1"}


def test_a_run_and_its_nodes_come_back_as_they_were_written(database: Database) -> None:
    nodes = created(database)

    with database.read() as conn:
        assert run_of(conn, ACME, "run-1") == record()
        assert nodes_of(conn, ACME, "run-1") == nodes


def test_nodes_come_in_the_order_of_the_plan_however_they_were_given(database: Database) -> None:
    with database.write() as conn:
        create_run(conn, ACME, record(), [node(2), node(0), node(1)])

    with database.read() as conn:
        assert [each.position for each in nodes_of(conn, ACME, "run-1")] == [0, 1, 2]


def test_ten_thousand_nodes_are_written_at_once(database: Database) -> None:
    created(database, 10_000)

    with database.read() as conn:
        assert len(nodes_of(conn, ACME, "run-1")) == 10_000


def test_a_run_id_is_used_once(database: Database) -> None:
    created(database)

    with pytest.raises(Permanent, match="already a run run-1"):
        created(database)


def test_a_finished_node_keeps_what_it_cost_and_made(database: Database) -> None:
    created(database)
    with database.write() as conn:
        start_node(conn, ACME, "run-1", 0, "poster[1]")
    with database.write() as conn:
        finish_node(
            conn,
            ACME,
            "run-1",
            0,
            "poster[1]",
            "done",
            credits_micros=5,
            usd_micros=7,
            seconds=1.5,
            asset_ids=["b", "a"],
        )

    with database.read() as conn:
        done = nodes_of(conn, ACME, "run-1")[1]
    assert (done.state, done.credits_micros, done.usd_micros, done.seconds) == ("done", 5, 7, 1.5)
    assert done.asset_ids == ("b", "a")
    assert done.started_at <= done.finished_at


def test_a_node_ends_once(database: Database) -> None:
    created(database)
    for _ in range(2):
        with database.write() as conn:
            finish_node(conn, ACME, "run-1", 0, "poster[0]", "failed", error="no")

    with pytest.raises(Permanent, match="is failed, it cannot become done"), database.write() as conn:
        finish_node(conn, ACME, "run-1", 0, "poster[0]", "done")
    with pytest.raises(Permanent, match="is failed, it cannot become running"), database.write() as conn:
        start_node(conn, ACME, "run-1", 0, "poster[0]")


def test_a_node_of_another_run_is_refused(database: Database) -> None:
    created(database)

    with pytest.raises(Permanent, match="not there"), database.write() as conn:
        finish_node(conn, ACME, "run-1", 0, "banner", "done")


def test_a_run_starts_and_ends_with_its_figures(database: Database) -> None:
    created(database)
    with database.write() as conn:
        start_run(conn, ACME, "run-1", hold_id=2**62, flow_run_id="flow-1")
    with database.write() as conn:
        finish_run(conn, ACME, "run-1", "completed", report="report.html", out_dir="out", totals={"captured": 3})

    with database.read() as conn:
        ended = run_of(conn, ACME, "run-1")
    assert (ended.state, ended.hold_id, ended.flow_run_id) == ("completed", 2**62, "flow-1")
    assert (ended.report, ended.out_dir, ended.totals) == ("report.html", "out", {"captured": 3})
    assert ended.started_at <= ended.finished_at


def test_a_run_ends_once(database: Database) -> None:
    created(database)
    for _ in range(2):
        with database.write() as conn:
            finish_run(conn, ACME, "run-1", "cancelled")

    with pytest.raises(Permanent, match="is cancelled, it cannot become completed"), database.write() as conn:
        finish_run(conn, ACME, "run-1", "completed")


def test_an_unknown_run_is_invalid(database: Database) -> None:
    with database.read() as conn, pytest.raises(Invalid, match="no run 'run-9'"):
        run_of(conn, ACME, "run-9")


def test_runs_are_listed_newest_first_in_pages_without_their_plans(database: Database) -> None:
    with database.write() as conn:
        for number in range(5):
            create_run(conn, ACME, record(f"run-{number}", number), [])

    with database.read() as conn:
        first = list_runs(conn, ACME, limit=2)
        rest = list_runs(conn, ACME, campaign="launch", before=first[-1].id)

    assert [run.id for run in first + rest] == ["run-4", "run-3", "run-2", "run-1", "run-0"]
    assert first[0].plan == ""


def test_what_moved_since_the_last_look_is_told_alone(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: two\nsteps: {a: {uses: draw}, b: {uses: draw, with: {prompt: other}}}"))
    with studio.context.database.read() as conn:
        everything = nodes_moved(conn, run.account_id, run.id, None)

    with studio.context.database.write() as conn:
        start_node(conn, run.account_id, run.id, run.lease, "b")
    with studio.context.database.read() as conn:
        moved = nodes_moved(conn, run.account_id, run.id, datetime(2020, 1, 1, tzinfo=UTC))
        later = nodes_moved(conn, run.account_id, run.id, datetime.now(UTC) + timedelta(minutes=1))
        foreign = nodes_moved(conn, run.account_id + 1, run.id, None)

    assert [(node.node_id, node.state) for node in everything] == [("a", "waiting"), ("b", "waiting")]
    assert [(node.node_id, node.state) for node in moved] == [("b", "running")]
    assert later == foreign == []
