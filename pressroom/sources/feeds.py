"""The feeds of one campaign: which there are, whose they are, and where a mistake in one belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pressroom.campaign.document import located
from pressroom.campaign.feed import MAX_FEED_BYTES, Feed, parse_feed
from pressroom.campaign.load import Loaded
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.suggest import did_you_mean

READ_BYTES: Final = MAX_FEED_BYTES + 1  # one more than allowed, so that a larger feed is noticed without reading it all

CHECK_PATH: Final = "check the path"

# Of a feed by its name, and whether the caller named it: what to call it in problems, and its bytes. Raises Unreadable.
Read = Callable[[str, bool], tuple[str, bytes]]


class Unreadable(Exception):
    """A feed that is not there or may not be read: what is wrong, and what to do."""

    def __init__(self, message: str, hint: str = CHECK_PATH) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def read_feeds(loaded: Loaded, given: Mapping[str, str], max_rows: int, read: Read) -> dict[str, Feed]:
    """Every dimension's feed, of the caller where there is one, else of the campaign."""
    named: dict[str, tuple[str, str]] = {}
    for step, content in loaded.campaign.steps.items():
        named = {dimension: (path, step) for dimension, path in content.feed.items()} | named
    for dimension in given:
        if dimension not in named:
            hint = did_you_mean(dimension, named, "feeds")
            raise Invalid.of([Problem("unknown_feed", f"no step has a feed {dimension!r}", hint, loaded.file)])
    found: dict[str, Feed] = {}
    for dimension, (path, step) in named.items():
        is_given = dimension in given
        name = given.get(dimension, path)
        try:
            file, data = read(name, is_given)
            found[dimension] = parse_feed(data, file, dimension, max_rows)
        except Unreadable as exc:
            # Of a feed that the caller gave, no line of the campaign is to blame.
            at = ("steps", step, "feed", dimension)
            problem = Problem("feed", exc.message, exc.hint, name if is_given else "", path=at)
            found[dimension] = Feed((), (), (located(problem, loaded.file, loaded.positions),), name)
    return found


def texts_in(values: Any) -> Iterator[str]:
    """Every text in the values that a caller passed: any of them may be a path."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from texts_in(value)
    elif isinstance(values, Iterable):
        for value in values:
            yield from texts_in(value)
