"""Windows on a line: what must be whole is whole wherever that is possible at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.geometry import Region, Span, start_of_window, turned, visible

shares = st.floats(0, 1)
spans = st.tuples(shares, shares).map(lambda ends: (min(ends), max(ends)))
TINY = 1e-6


def shows(start: float, length: float, span: Span) -> bool:
    return start - TINY <= span[0] and span[1] <= start + length + TINY


@given(shares, st.floats(0.05, 1), st.lists(spans, max_size=5))
def test_a_window_stays_inside_and_shows_every_span_that_fits(wish: float, length: float, wanted: list[Span]) -> None:
    start = start_of_window(wish, length, wanted, wanted)

    assert -TINY <= start <= 1 - length + TINY
    if wanted and max(end for _, end in wanted) - min(first for first, _ in wanted) <= length:
        assert all(shows(start, length, span) for span in wanted)


@given(shares, st.floats(0.05, 1), st.lists(spans, min_size=1, max_size=5))
def test_no_other_window_shows_more(wish: float, length: float, wanted: list[Span]) -> None:
    def whole(start: float) -> float:
        return sum(end - first for first, end in wanted if shows(start, length, (first, end)))

    start = start_of_window(wish, length, wanted, wanted)

    others = [number / 100 * (1 - length) for number in range(101)]
    assert whole(start) >= max(map(whole, others)) - 1e-3


def test_the_wish_is_followed_as_far_as_the_spans_allow() -> None:
    assert start_of_window(0.1, 0.5, [(0.5, 0.7)], [(0.5, 0.7)]) == pytest.approx(0.2)
    assert start_of_window(0.35, 0.5, [(0.5, 0.7)], [(0.5, 0.7)]) == pytest.approx(0.35)


def test_room_around_is_kept_only_where_it_fits() -> None:
    bare, roomy = [(0.4, 0.6)], [(0.3, 0.7)]

    assert start_of_window(0.0, 0.5, bare, roomy) == pytest.approx(0.2)
    assert start_of_window(0.0, 0.3, bare, roomy) == pytest.approx(0.3)


def test_a_window_shorter_than_everything_stays_inside_it() -> None:
    assert start_of_window(0.0, 0.2, [(0.3, 0.9)], [(0.3, 0.9)]) == pytest.approx(0.3)
    assert start_of_window(0.5, 0.2, [(0.3, 0.9)], [(0.3, 0.9)]) == pytest.approx(0.5)
    assert start_of_window(1.0, 0.2, [(0.3, 0.9)], [(0.3, 0.9)]) == pytest.approx(0.7)


@pytest.mark.parametrize(("degrees", "onto", "place"), [
    (90, (100, 200), (0.7, 0.0, 0.9, 0.25)),
    (180, (200, 100), (0.75, 0.7, 1.0, 0.9)),
    (-90, (100, 200), (0.1, 0.75, 0.3, 1.0)),
    (0, (400, 100), (0.25, 0.1, 0.375, 0.3)),
])  # fmt: skip
def test_a_region_turns_with_its_picture(degrees: float, onto: tuple[int, int], place: Region) -> None:
    assert turned((0.0, 0.1, 0.25, 0.3), (200, 100), degrees, onto) == pytest.approx(place)


def test_what_lies_outside_is_left_out() -> None:
    assert visible([(-0.2, 0.1, 0.5, 1.3), (1.1, 0.0, 1.4, 0.2)]) == [(0.0, 0.1, 0.5, 1.0)]
