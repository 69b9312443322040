"""The server process: Prefect's own application under uvicorn, on a socket that its starter has bound already.

`python -m pressroom.prefect_server.child HOME FD`. What `prefect server start` does below its command line, with the
database prepared and the garbage collector out of the way while half a million objects are imported (1 s of 5.5).
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from pressroom.prefect_server import database
from pressroom.prefect_server.record import load, server_folder

# A home that vanished or a record that names another process: nobody can find or stop this server any more.
WATCH_SECONDS = 5.0
MISSES_ALLOWED = 2
IDLE_SECONDS = 8 * 3600.0
SHUTDOWN_SECONDS = 3

Scope = MutableMapping[str, Any]
Channel = Callable[..., Awaitable[Any]]


class Activity:
    """An ASGI application that remembers when it was last used; open web sockets count as use."""

    def __init__(self, app: Callable[[Scope, Channel, Channel], Awaitable[None]]) -> None:
        self._app = app
        self._open = 0
        self._last = time.monotonic()

    async def __call__(self, scope: Scope, receive: Channel, send: Channel) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1
            self._last = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        return 0.0 if self._open else time.monotonic() - self._last


def main() -> None:
    home, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    if database.prepare(server_folder(home)):
        os.environ["PREFECT_API_DATABASE_MIGRATE_ON_START"] = "false"
    asyncio.run(_serve(home, socket.socket(fileno=descriptor)))


async def _serve(home: Path, listener: socket.socket) -> None:
    gc.disable()
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    activity = Activity(create_app(final=True))
    gc.freeze()
    gc.enable()
    api = get_current_settings().server.api
    config = uvicorn.Config(
        activity,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_keep_alive=api.keepalive_timeout,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ws_ping_interval=api.websocket_ping_interval,
        ws_ping_timeout=api.websocket_ping_timeout,
    )
    server = uvicorn.Server(config)
    watch = asyncio.create_task(_end_when_unwanted(home, server, activity))
    try:
        await server.serve(sockets=[listener])
    finally:
        watch.cancel()


async def _end_when_unwanted(home: Path, server: Any, activity: Activity) -> None:
    misses = 0
    while misses < MISSES_ALLOWED and activity.idle_seconds < IDLE_SECONDS:
        await asyncio.sleep(WATCH_SECONDS)
        record = load(home)
        misses = 0 if record is not None and record.pid == os.getpid() else misses + 1
    server.should_exit = True


if __name__ == "__main__":
    main()
