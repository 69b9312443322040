"""The words that `overlay` sets can be read on any ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.media.color.spaces import AA_NORMAL
from tests.operations.lettered import POSITIONS, busy, changed, one_colour, overlay


@pytest.mark.parametrize("level", [0, 60, 118, 128, 190, 255])
def test_words_reach_aa_on_any_plain_ground(tmp_path: Path, level: int) -> None:
    made = overlay(tmp_path, one_colour(300, 200, (level, level, level)), headline="Hello")

    assert made.details["contrast"] >= AA_NORMAL


@pytest.mark.parametrize("position", POSITIONS)
def test_words_reach_aa_on_a_busy_picture_by_a_scrim(tmp_path: Path, position: str) -> None:
    made = overlay(tmp_path, busy(400, 400), headline="Hello there", text="Read me", position=position)

    assert made.details["contrast"] >= AA_NORMAL
    assert made.details["scrim"]["strength"] > 0
    with Image.open(made.path) as image:
        corner = np.asarray(image.convert("L"))[::, ::]
    assert corner.max() > 240  # somewhere the picture is as it was


def test_a_plain_ground_gets_no_scrim(tmp_path: Path) -> None:
    made = overlay(tmp_path, one_colour(300, 300, (250, 250, 250)), headline="Hello")

    assert made.details["scrim"]["strength"] == 0


def test_without_a_scrim_only_the_letters_change_the_picture(tmp_path: Path) -> None:
    pixels = busy(300, 300)

    made = overlay(tmp_path, pixels, headline="Hi", scrim="none")

    x, y, width, height = made.details["boxes"][0]["box"]
    left, top, right, bottom = changed(made, pixels)
    assert left >= x - 3
    assert top >= y - 3
    assert right <= x + width + 3
    assert bottom <= y + height + 3
