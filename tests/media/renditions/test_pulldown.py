"""Film in video is told by fields that repeat in the same places of every five frames, and by nothing else."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from pressroom.media.renditions.pulldown import film_rate, may_hold_film, order_of_film

NAMES = {"n": "neither", "t": "top", "b": "bottom"}


def said(letters: str, times: int = 12) -> list[str]:
    return [NAMES[letter] for letter in letters * times]


@pytest.mark.parametrize(
    ("cycle", "order"), [("nntnb", "tff"), ("nnbnt", "bff"), ("nntbn", "tff"), ("nnbtn", "bff"), ("bnntn", "tff")]
)
def test_the_order_is_told_by_which_field_repeats_first(cycle: str, order: str) -> None:
    assert order_of_film(said(cycle)) == order


@pytest.mark.parametrize(
    "cycle",
    ["n", "nnnnt", "nnnnb", "tb", "nt", "ttttt", "nntnbn", "nntb", "nnnnnntnnb"],
    ids=["nothing", "one field", "the other", "each", "one in two", "still", "every six", "every four", "every ten"],
)
def test_other_repeats_are_no_film(cycle: str) -> None:
    assert order_of_film(said(cycle, 60 // len(cycle))) == ""


def test_a_cut_may_break_the_cycle() -> None:
    assert order_of_film([*said("nntnb", 6), "neither", "neither", *said("nntnb", 6)]) == "tff"


def test_chance_is_no_film() -> None:
    chance = random.Random(3)

    assert {order_of_film(chance.choices(list(NAMES.values()), (3, 1, 1), k=60)) for _ in range(2_000)} == {""}


def test_a_few_frames_say_nothing() -> None:
    assert order_of_film(said("nntnb", 1)) == ""
    assert order_of_film([]) == ""


def test_video_of_thirty_frames_may_hold_film() -> None:
    assert may_hold_film(Fraction(30_000, 1001))
    assert may_hold_film(Fraction(30))
    assert not may_hold_film(Fraction(25))
    assert film_rate(Fraction(30)) == 24
