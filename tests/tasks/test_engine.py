"""What only shows how a run goes may fail; what died before the books knew of it is begun anew."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.logging import disable_run_logger
from prefect.states import Running

from tasks import engine
from tasks.engine import decorated, restart_lost


@flow(name="campaign")
def stand_in() -> None:
    """Only its name counts."""


def begun(client: SyncPrefectClient, block: str, *, deployed: bool = True) -> str:
    """A flow run that is under way, for a home of this block."""
    flow_id = client.create_flow_from_name("campaign")
    parameters = {"request": {"document": "d1", "home_block": block}}
    if deployed:
        deployment = client.create_deployment(flow_id=flow_id, name=f"lost-{uuid.uuid4()}")
        found = client.create_flow_run_from_deployment(deployment, parameters=parameters).id
    else:
        found = client.create_flow_run(stand_in, parameters=parameters).id
    client.set_flow_run_state(found, Running(), force=True)
    return str(found)


def test_a_flow_run_that_died_before_it_was_in_the_books_is_begun_anew(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = f"home-{uuid.uuid4()}"
    lost, known = begun(client, block), begun(client, block)
    others = [begun(client, f"other-{block}"), begun(client, ""), begun(client, block, deployed=False)]

    def in_the_books(flow_run_ids: Sequence[str]) -> set[str]:
        assert set(flow_run_ids) == {lost, known}
        return {known}

    assert restart_lost(block, in_the_books) == []  # they have only just begun
    monkeypatch.setattr(engine, "BEGINNING_SECONDS", 0.0)
    assert restart_lost("", in_the_books) == []
    assert restart_lost(block, in_the_books) == [lost]

    states = {each: client.read_flow_run(uuid.UUID(each)).state for each in (lost, known, *others)}
    names = {each: state.name if state else "" for each, state in states.items()}
    assert names == {lost: "AwaitingRetry", known: "Running", **dict.fromkeys(others, "Running")}


async def answered() -> str:
    return "shown"


async def refused() -> str:
    raise RuntimeError("500 Internal Server Error")


def test_what_the_server_does_not_take_is_left_out() -> None:
    with disable_run_logger():
        assert asyncio.run(decorated(answered())) == "shown"
        assert asyncio.run(decorated(refused())) is None
