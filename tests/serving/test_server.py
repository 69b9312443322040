"""Where the web server listens."""

from __future__ import annotations

import socket

import pytest

from pressroom.domain.errors import Invalid
from pressroom.serving.server import listen


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
