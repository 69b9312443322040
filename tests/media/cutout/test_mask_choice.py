"""Choosing among masks: what the weights decide, and what they leave to the quality."""

from __future__ import annotations

import json

import numpy as np

from pressroom.media.cutout.mask_choice import DATA, preferred
from pressroom.media.cutout.masks import Mask

WEIGHTS = {"unlike_missing": {"mean": 0.1, "deviation": 0.1, "weight": -1.0}}


def _square(side: int) -> Mask:
    mask = np.zeros((100, 100), np.bool_)
    mask[:side, :side] = True
    return mask


def _traits(quality: float, unlike_missing: float) -> dict[str, float]:
    return {"quality": quality, "unlike_missing": unlike_missing}


def test_a_mask_with_all_parts_is_preferred_to_a_better_outline_that_lacks_one() -> None:
    traits = {"whole": _traits(0.7, 0.0), "part": _traits(0.9, 0.3)}

    assert preferred(traits, {"whole": _square(80), "part": _square(50)}, WEIGHTS) == "whole"


def test_masks_of_far_less_quality_are_never_chosen() -> None:
    traits = {"all": _traits(0.4, 0.0), "part": _traits(0.9, 0.3)}

    assert preferred(traits, {"all": _square(100), "part": _square(50)}, WEIGHTS) == "part"


def test_of_masks_with_the_same_parts_the_better_outline_is_chosen() -> None:
    traits = {"loose": _traits(0.8, 0.0), "tight": _traits(0.9, 0.02), "part": _traits(0.95, 0.4)}
    masks = {"loose": _square(81), "tight": _square(80), "part": _square(50)}

    assert preferred(traits, masks, WEIGHTS) == "tight"


def test_where_no_mask_is_sure_nearly_equal_ones_are_decided_by_what_they_hold() -> None:
    traits = {"part": _traits(0.21, 0.0), "whole": _traits(0.2, 0.5), "poor": _traits(0.1, 0.0)}
    masks = {"part": _square(40), "whole": _square(60), "poor": _square(90)}

    assert preferred(traits, masks, WEIGHTS) == "whole"


def test_the_weights_say_where_they_come_from() -> None:
    stored = json.loads(DATA.read_text())

    assert "benchmarks.cutout_choice" in stored["source"]
    assert "seeds" in stored["source"]
    assert stored["date"]
    assert stored["traits"]["backdrop_inside"]["weight"] < 0 < stored["traits"]["quality"]["weight"]
