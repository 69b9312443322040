"""The score: parts from 0 to 1, their weighted mean, the choice and its reason in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.quality.measures import Measures
from pressroom.media.quality.score import PARTS, ranking, reason, score

EVEN = dict.fromkeys(PARTS, 1.0)
GOOD = Measures(blur=0.25, spread=0.7, middle=0.5, lost=0.0, palette_distance=0.0, subject=0.3)
SHARES = st.floats(0, 1)


def test_a_picture_without_a_fault_has_all_points() -> None:
    found = score(GOOD, EVEN)

    assert (found.total, dict(found.parts)) == (1, dict.fromkeys(PARTS, 1))


@pytest.mark.parametrize(
    ("worse", "part"),
    [
        ({"blur": 0.7}, "sharpness"),
        ({"spread": 0.2}, "contrast"),
        ({"middle": 0.2}, "exposure"),
        ({"middle": 0.95}, "exposure"),
        ({"lost": 0.3}, "exposure"),
        ({"palette_distance": 0.2}, "palette"),
        ({"subject": 0.02}, "subject"),
        ({"subject": 1.0}, "subject"),
    ],
)
def test_each_fault_costs_its_own_part_and_no_other(worse: dict[str, float], part: str) -> None:
    found = score(replace(GOOD, **worse), EVEN)

    assert [name for name, value in found.parts.items() if value < 1] == [part]


def test_without_brand_colours_and_without_weight_a_part_does_not_count() -> None:
    found = score(replace(GOOD, palette_distance=None, blur=0.85), EVEN | {"subject": 0})

    assert list(found.parts) == ["sharpness", "contrast", "exposure"]
    assert found.total == pytest.approx(2 / 3, abs=0.001)


@given(st.builds(Measures, SHARES, SHARES, SHARES, SHARES, SHARES | st.none(), SHARES))
def test_every_part_and_the_total_are_shares(measures: Measures) -> None:
    found = score(measures, EVEN)

    assert all(0 <= value <= 1 for value in (found.total, *found.parts.values()))


def test_the_best_is_the_highest_and_of_equal_ones_the_first() -> None:
    good, bad = score(GOOD, EVEN), score(replace(GOOD, blur=0.8), EVEN)

    assert ranking([bad, good, good]) == [1, 2, 0]


def test_the_reason_names_what_made_the_difference() -> None:
    good, soft = score(GOOD, EVEN), score(replace(GOOD, blur=0.55), EVEN)

    assert reason([soft, good]) == "take 2 of 2 scores 1.00, take 1 0.90: sharpness +0.50"
    assert reason([good, good]) == "take 1 of 2 scores 1.00, take 2 1.00: no part differs"
    assert reason([soft, good], 2) == "take 1 of 2 scores 0.90, place 2"
    assert reason([good]) == "take 1 of 1 scores 1.00"
