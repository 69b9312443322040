"""Finishing a run: what is over is released, the files are delivered, and saying it again changes nothing."""

from __future__ import annotations

from pathlib import Path

from pressroom.domain.errors import NOT_MADE
from pressroom.domain.states import RunState
from pressroom.ledger.invariants import check_invariants
from pressroom.reporting.statement import render_statement
from pressroom.services import collections
from pressroom.services.finish_run import finish_run
from pressroom.services.run_node import fail_node, run_node
from pressroom.services.take_up_run import read_run
from tests.support.studio import CREDIT, Studio

TEXT = "name: one\nsteps: {a: {uses: draw, model: simulated/metered, with: {width: 1000, height: 1000}}}"


def test_what_was_not_spent_is_released_and_the_files_lie_in_their_folder(studio: Studio) -> None:
    run = studio.begin(studio.plan(TEXT))
    studio.walk(run)

    report = finish_run(run.principal, studio.context, run)

    assert report.state == RunState.COMPLETED
    assert report.captured_micros + report.released_micros == report.held_micros > CREDIT
    assert [path.name for path in Path(report.delivery.folder).glob("*.png")] == ["a.png"]


def test_finishing_again_says_the_same(studio: Studio) -> None:
    run = studio.begin(studio.plan(TEXT))
    studio.walk(run)

    first = finish_run(run.principal, studio.context, run)
    second = finish_run(run.principal, studio.context, run)

    assert (first.state, first.captured_micros, first.balance_micros) == (
        second.state,
        second.captured_micros,
        second.balance_micros,
    )
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []


CHAIN = """
name: chain
steps:
  a: {uses: draw, count: 2, with: {prompt: "kettle {{ each.take }}", width: 64, height: 48}}
  b: {uses: tint, with: {image: "{{ steps.a }}"}}
  c: {uses: tint, with: {image: "{{ steps.b }}"}}
"""


def test_one_cause_is_told_once_with_all_that_it_kept_from_being_made(studio: Studio) -> None:
    run = studio.begin(studio.plan(CHAIN))
    for node in run.plan.nodes:
        fail_node(studio.context, run, node.id, NOT_MADE if node.upstream else "the ink has dried")

    report = finish_run(run.principal, studio.context, run)

    (failure,) = report.failures
    assert [node.id for node in failure.nodes] == ["a[take=1]", "a[take=2]"]
    assert {node.step for node in failure.not_made} == {"b", "c"}
    assert failure.consequence == "so 4 nodes of b and c were not made"
    assert [line for line in render_statement(report).splitlines() if line.startswith("- **")] == [
        "- **a · 1, a · 2** failed: the ink has dried; so 4 nodes of b and c were not made"
    ]


def test_causes_that_differ_are_told_apart(studio: Studio) -> None:
    run = studio.begin(studio.plan(CHAIN))
    reasons = {"a[take=1]": "the ink has dried", "b[take=2]": "the brush is gone"}
    run_node(run.principal, studio.context, run, "a[take=2]")
    for node in run.plan.nodes:
        if node.id != "a[take=2]":
            fail_node(studio.context, run, node.id, reasons.get(node.id, NOT_MADE))

    report = finish_run(run.principal, studio.context, run)

    assert [(each.name, each.error, [node.id for node in each.not_made]) for each in report.failures] == [
        ("a · 1", "the ink has dried", ["b[take=1]", "c[take=1]"]),
        ("b · 2", "the brush is gone", ["c[take=2]"]),
    ]


def test_what_is_delivered_lies_on_its_collection_whoever_finishes_the_run(studio: Studio) -> None:
    """Also where the process that began it was killed: another one takes it up, and finishes it."""
    step = "{uses: draw, with: {prompt: x}, collection: '{{ inputs.shelf }}', tags: [new]}"
    text = f"name: put\ninputs: {{shelf: {{type: text, default: Spring}}}}\nsteps: {{a: {step}}}"
    studio.go("name: before\nsteps: {a: {uses: draw, with: {prompt: x}}}")
    begun = studio.begin(studio.plan(text))
    studio.walk(begun)
    assert collections.list_collections(studio.principal, studio.context) == []

    for _ in range(2):
        finish_run(studio.principal, studio.context, read_run(studio.context, begun.id, begun.lease))

    found, assets = collections.show_collection(studio.principal, studio.context, "Spring")
    assert (found.count, [each.prompt for each in assets]) == (1, ["x"])
    assert "new" in assets[0].tags  # the library had it already
