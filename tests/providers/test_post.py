"""The guarded sender: to checked addresses alone, once, and without following anybody anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from pressroom.domain.errors import Invalid, Refused, Retryable
from pressroom.providers.guard import Guard
from pressroom.providers.http.messages import Answer, Question
from pressroom.providers.post import MOST_KEPT_BYTES, Poster, Reply
from tests.support.api_server import Handler, answered, api_server, cut_off, dropped

PUBLIC = "93.184.215.14"


class Recorded:
    """A transport that writes down every attempt, and answers that it takes it."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    @contextmanager
    def ask(self, question: Question) -> Iterator[Answer]:
        self.asked.append(question)
        yield Answer(200, {}, iter([b"taken"]))


def recorded(addresses: Mapping[str, str]) -> tuple[Poster, Recorded]:
    transport = Recorded()
    guard = Guard(resolve=lambda host, port: [addresses.get(host, PUBLIC)])
    return Poster(seconds=5, guard=guard, transport=transport), transport


def test_the_body_goes_to_the_address_that_was_checked() -> None:
    poster, transport = recorded({})

    reply = poster.post("https://hooks.example.com/a?b=c", {"X-One": "1"}, b"body")

    [sent] = transport.asked
    assert reply == Reply(200, b"taken")
    assert (sent.method, sent.body, sent.connect_to, sent.address.target) == ("POST", b"body", (PUBLIC,), "/a?b=c")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1"])
def test_an_address_that_is_not_public_is_refused_before_anything_leaves(address: str) -> None:
    poster, transport = recorded({"inner.example.com": address})

    with pytest.raises(Refused, match="not public"):
        poster.post("https://inner.example.com/", {}, b"body")

    assert transport.asked == []


@pytest.mark.parametrize("url", ["http://example.com/", "ftp://example.com/", "https://a:b@example.com/", "here", ""])
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    poster, transport = recorded({})

    with pytest.raises(Invalid):
        poster.post(url, {}, b"body")

    assert transport.asked == []


def over_http(answer: Handler) -> tuple[Reply, list[tuple[str, str, dict[str, str], bytes]]]:
    with api_server(answer) as server:
        poster = Poster(seconds=5, guard=Guard(frozenset({server.authority})))
        return poster.post(f"http://{server.authority}/hook", {"Content-Type": "text/plain"}, b"hello"), server.asked


def test_it_is_sent_once_with_its_length() -> None:
    reply, [(method, path, headers, body)] = over_http(answered(b"fine"))

    assert (reply, method, path, body) == (Reply(200, b"fine"), "POST", "/hook", b"hello")
    assert (headers["content-length"], headers["content-type"]) == ("5", "text/plain")


def test_a_redirect_is_an_answer_that_is_not_followed() -> None:
    reply, asked = over_http(answered(b"", 307, Location="/elsewhere"))

    assert (reply.status, len(asked)) == (307, 1)


def test_of_a_long_answer_the_begin_is_kept_and_of_a_broken_one_what_came() -> None:
    assert over_http(answered(b"x" * 100_000))[0] == Reply(200, b"x" * MOST_KEPT_BYTES)
    assert over_http(cut_off)[0] == Reply(200, b'{"id": ')


def test_who_does_not_answer_may_be_asked_again() -> None:
    with pytest.raises(Retryable):
        over_http(dropped)
