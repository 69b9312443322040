"""Where the web server listens."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from pressroom.domain.errors import Invalid
from pressroom.serving.server import listen
from tests.support.desks import set_up


def test_small_answers_are_sent_at_once() -> None:
    """Headers and body are two packets: with Nagle's algorithm the second would wait 40 ms for each answer."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Invalid, match="cannot be used") as refused:
        listen("127.0.0.1", taken.getsockname()[1])

    assert refused.value.problems[0].hint == "--port 0 takes any that is free"


def test_a_connection_that_rests_is_not_closed_before_a_proxy_closes_it(tmp_path: Path) -> None:
    process = set_up(tmp_path).start("serve", "--port", "0")
    assert process.stdout is not None
    host, _, port = process.stdout.readline().strip().removeprefix("http://").partition(":")
    try:
        with closing(HTTPConnection(host, int(port), timeout=60)) as connection:
            _alive(connection)
            connection.auto_open = 0  # from now on a closed connection is an error
            time.sleep(6)  # uvicorn's own patience is 5
            _alive(connection)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _alive(connection: HTTPConnection) -> None:
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
