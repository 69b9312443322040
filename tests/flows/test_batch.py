"""Several campaigns in one flow run."""

from __future__ import annotations

import asyncio

import pytest
from prefect.client.orchestration import SyncPrefectClient

from flows.batch import batch
from tests.support.desks import BOUGHT, Desk

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


def test_rows_of_one_campaign_are_told_apart(desk: Desk, client: SyncPrefectClient) -> None:
    rows = [desk.request(inputs={"width": width}) for width in (30, -1, 30)]

    state = asyncio.run(batch(rows, return_state=True))  # type: ignore[call-overload]

    ended = asyncio.run(state.aresult(raise_on_failure=False))
    assert state.name == "CompletedWithFailures"
    assert state.message == "2 of 3 campaigns completed"
    assert list(ended) == ["1 tiny", "2 tiny", "3 tiny"]
    assert [ended["1 tiny"], ended["3 tiny"]] == ["completed", "completed"]
    assert "width" in ended["2 tiny"]


def test_one_that_made_nothing_is_a_row_as_well(
    desk: Desk, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSROOM_SIMULATED_FAULTS", "fail")
    desk.write(BOUGHT)

    state = asyncio.run(batch([desk.request()], return_state=True))  # type: ignore[call-overload]

    assert asyncio.run(state.aresult(raise_on_failure=False)) == {"1 tiny": "failed"}
