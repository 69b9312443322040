"""What people read in place of names and keys that programs gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pressroom.domain.media import Asset, Kind
from pressroom.ledger.statements import StatementLine
from pressroom.web.rendering import moved_for, named, run_of

MADE = Asset(
    "a1", "0" * 64, Kind.IMAGE, "image/png", 1, step="make", operation="generate_image", campaign="generate_image"
)
LINE = StatementLine(1, datetime.now(UTC), "hold", "hold:r0123456789abcdef:2", "", 1, 0, 4_000_000, 0)


@pytest.mark.parametrize(
    ("asset", "name"),
    [
        (replace(MADE, prompt="a steel kettle\nat dawn"), "a steel kettle at dawn"),
        (replace(MADE, prompt="one " * 40), "one one one one one one one one one one one one one one one…"),
        (replace(MADE, operation="remove_background"), "Remove background"),
        (replace(MADE, operation=""), "Image"),  # as guests see it
        (replace(MADE, variant="take=2", prompt="x"), "x · 2"),
        (replace(MADE, step="feed", variant="size=9, lang=de"), "feed · 9, de"),
        (replace(MADE, title="Spring"), "Spring"),
        (replace(MADE, step="", name="photo.png"), "photo.png"),
    ],
)
def test_an_asset_is_called_what_it_shows_or_what_was_done(asset: Asset, name: str) -> None:
    assert named(asset) == name


@pytest.mark.parametrize(
    ("line", "said", "run"),
    [
        (LINE, "run", "r0123456789abcdef"),
        (replace(LINE, key="release:r0123456789abcdef"), "run", "r0123456789abcdef"),
        (replace(LINE, key="capture:x", memo="upscale make"), "Upscale", ""),
        (replace(LINE, key="capture:x", memo="spring scene[take=1]"), "spring scene[take=1]", ""),
        (replace(LINE, key="grant:x", memo="first grant"), "first grant", ""),
    ],
)
def test_a_movement_says_what_it_was_for(line: StatementLine, said: str, run: str) -> None:
    assert (moved_for(line), run_of(line)) == (said, run)
