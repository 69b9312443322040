"""The border where a task ends: what failed is recorded, what failed upstream is not tried."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from prefect.logging import disable_run_logger

from pressroom.domain.errors import UpstreamFailed
from pressroom.runs.records import nodes_of, owner_of
from pressroom.services.run_request import RunRequest
from tasks.context import HomeRef
from tasks.housekeeping import audit_ledger, release_dead_runs
from tasks.node import make
from tasks.preflight import Begun, open_gate
from tasks.settlement import settle

CAMPAIGN = """
name: small
steps:
  big: {uses: upscale, with: {image: photo.png, scale: 2}}
  square: {uses: resize, with: {image: "{{ steps.big }}", placements: [instagram.feed_square]}}
"""


@pytest.fixture(autouse=True)
def without_run_logger() -> Iterator[None]:
    """Called by themselves, tasks have no run to log to."""
    with disable_run_logger():
        yield


@pytest.fixture
def home(tmp_path: Path) -> HomeRef:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(tmp_path / "photo.png")
    return HomeRef(folder=str(tmp_path), home=str(tmp_path / "home"))


@pytest.fixture
def begun(home: HomeRef) -> Begun:
    begun = open_gate.fn(RunRequest(file=f"{home.folder}/campaign.yaml", home=home.home), home, "")
    assert isinstance(begun, Begun)
    return begun


def states(begun: Begun) -> list[tuple[str, str]]:
    with begun.home.open().database.read() as conn:
        return [(node.state, node.error) for node in nodes_of(conn, owner_of(conn, begun.run_id), begun.run_id)]


def test_the_gate_names_every_node_with_what_it_needs(begun: Begun) -> None:
    assert [(step.node.label, step.family, step.upstream) for step in begun.steps] == [
        ("big", "image", ()),
        ("square", "export", ("big",)),
    ]
    assert pickle.loads(pickle.dumps(begun)) == begun


def test_what_failed_upstream_is_told_by_its_first_cause_and_not_tried(begun: Begun) -> None:
    first = UpstreamFailed("not made", cause="the vendor said no")

    with pytest.raises(UpstreamFailed) as caught:
        make(begun.steps[1].node, [first], 1)

    assert caught.value.fields["cause"] == "the vendor said no"
    assert [state for state, _ in states(begun)] == ["waiting", "failed"]


def test_a_failed_node_is_recorded_before_the_failure_is_raised(begun: Begun) -> None:
    """Its input was not made, which the flow would have told it."""
    with pytest.raises(UpstreamFailed, match="big has made nothing"):
        make(begun.steps[1].node, [], 1)

    assert states(begun)[1] == ("failed", "big has made nothing: see why it failed")


def test_settling_closes_the_run_and_the_books_are_right(begun: Begun) -> None:
    settled = settle.fn(begun.home, begun.run_id, [])

    assert (settled.state, settled.nodes) == ("completed_with_failures", {"cancelled": 2})
    assert audit_ledger.fn(begun.home) == []
    assert release_dead_runs.fn(begun.home) == []
