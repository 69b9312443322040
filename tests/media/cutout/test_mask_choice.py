"""Choosing among masks: what the weights decide, and how sure the chosen one is."""

from __future__ import annotations

import json

import pytest

from pressroom.media.cutout.mask_choice import DATA, REACH, preference, preferred, sureness

WEIGHTS = {
    "quality": {"mean": 0.5, "deviation": 0.1, "weight": 1.0},
    "unlike_missing": {"mean": 0.1, "deviation": 0.1, "weight": -1.0},
}


def _traits(quality: float, unlike_missing: float) -> dict[str, float]:
    return {"quality": quality, "unlike_missing": unlike_missing}


def test_a_mask_with_all_parts_is_preferred_to_a_better_outline_that_lacks_one() -> None:
    traits = {"whole": _traits(0.7, 0.0), "part": _traits(0.75, 0.3)}

    assert preferred(traits, WEIGHTS) == "whole"


def test_of_masks_with_the_same_parts_the_better_outline_is_preferred() -> None:
    traits = {"loose": _traits(0.6, 0.0), "tight": _traits(0.7, 0.02)}

    assert preferred(traits, WEIGHTS) == "tight"


def test_a_mask_that_lacks_what_ways_of_different_kinds_agree_on_is_not_chosen() -> None:
    part, whole = _traits(0.9, 0.0) | {"left_out": 0.4}, _traits(0.5, 0.1) | {"left_out": 0.01}

    assert preferred({"network": part, "flood": whole}, WEIGHTS) == "flood"


def test_what_lies_further_off_than_anything_learned_counts_no_more() -> None:
    far, further = _traits(0.5, 0.1 + REACH * 0.1), _traits(0.5, 5.0)

    assert preference(far, WEIGHTS) == pytest.approx(preference(further, WEIGHTS))


def test_edges_or_two_looks_that_agree_make_a_mask_sure() -> None:
    assert sureness({"quality": 0.9}) == 0.9
    assert sureness({"quality": 0.2, "first_overlap": 0.95, "second_overlap": 0.9}) == 0.9
    assert sureness({"quality": 0.2, "first_overlap": 0.95, "second_overlap": 0.1}) == 0.2


def test_the_weights_say_where_they_come_from() -> None:
    stored = json.loads(DATA.read_text())

    assert "benchmarks.cutout_choice" in stored["source"]
    assert stored["date"]
    for kind in ("with network", "without"):
        assert stored[kind]["unlike_missing"]["weight"] < 0 < stored[kind]["quality"]["weight"]
    assert stored["with network"]["mean_overlap"]["weight"] > 0
    assert "mean_overlap" not in stored["without"]
