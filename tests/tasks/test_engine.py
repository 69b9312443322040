"""What only shows how a run goes may fail."""

from __future__ import annotations

import asyncio

from prefect.logging import disable_run_logger

from tasks.engine import decorated


async def answered() -> str:
    return "shown"


async def refused() -> str:
    raise RuntimeError("500 Internal Server Error")


def test_what_the_server_does_not_take_is_left_out() -> None:
    with disable_run_logger():
        assert asyncio.run(decorated(answered())) == "shown"
        assert asyncio.run(decorated(refused())) is None
