"""A Prefect server of the test's own, which answers as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.prefect_answers import Server, answering


@pytest.fixture
def prefect_answers() -> Iterator[Server]:
    with answering() as server:
        yield server
