"""The web server's process: uvicorn with our application, on this machine alone unless somebody else ends TLS before it."""

from __future__ import annotations

import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from pressroom.domain.errors import Invalid, Problem
from pressroom.processes import share_heaps

BACKLOG: Final = 2_048
# How long a connection rests before it is closed. Proxies keep theirs for 60 s (nginx, load balancers of clouds), and where the
# server's patience is shorter they send requests into connections that it has just closed.
KEEP_ALIVE_SECONDS: Final = 75
# Where proxies stand. Who asks is the first address from the right that is none of theirs: what is left of it anybody may write.
_PROXIES: Final = ["127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]


def listen(host: str, port: int) -> socket.socket:
    """A socket at the address; 0 takes any port that is free. Raises Invalid where it cannot be had."""
    try:
        found = socket.create_server((host, port), backlog=BACKLOG)
        # Connections have it of the socket that accepts them. Without it the second packet of a small answer waits 40 ms for the
        # reader's word that the first has come; asyncio sets it only where the socket says its protocol, and this one does not.
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found
    except OSError as exc:
        message = f"port {port} of {host} cannot be used: {exc.strerror or exc}"
        raise Invalid.of([Problem("usage", message, "--port 0 takes any that is free")]) from exc


def serve(
    app: FastAPI, listening: socket.socket, *, behind_proxy: bool = False, tls: tuple[str, str] | None = None
) -> None:
    """Serve until Ctrl-C or a termination; requests that are under way are answered. `tls` is certificate and key, PEM files."""
    share_heaps()
    certificate, key = tls or (None, None)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips=_PROXIES if behind_proxy else None,
        server_header=False,
        ws="none",  # no page or route speaks it, and its library is 4 MB
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    uvicorn.Server(config).run(sockets=[listening])
