"""Flows called in this process, recorded by the session's Prefect server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import settings as prefect_settings
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.logging.handlers import APILogHandler
from prefect.settings import temporary_settings

from pressroom import prefect_server
from pressroom.services.run_request import RunRequest

RunFlow = Callable[[RunRequest], Any]


@pytest.fixture
def client(prefect_home: Path) -> Iterator[SyncPrefectClient]:
    """A client of the session's server; flows called while it is open are recorded there."""
    server = prefect_server.status(prefect_home)
    assert server is not None
    variables = prefect_server.client_environment(prefect_home, server.api_url)
    names = {name: getattr(prefect_settings, name, None) for name in variables}
    updates = {
        setting: variables[name]
        for name, setting in names.items()
        if name.startswith("PREFECT_") and setting is not None
    }
    with temporary_settings(updates), get_client(sync_client=True) as opened:
        yield opened
        APILogHandler().flush()


@pytest.fixture
def run_flow(client: SyncPrefectClient) -> RunFlow:
    """Run the campaign flow to its end and return its final state."""
    from flows.campaign import campaign

    def run(request: RunRequest) -> Any:
        return asyncio.run(campaign(request, return_state=True))  # type: ignore[call-overload]

    return run
