"""Numbers as people read them."""

from __future__ import annotations

import pytest

from pressroom.reporting.format import bytes_text, cost_text, count_text, platform_text, seconds_text, words_of


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (41_250, "41.2 kB"), (412_300, "412 kB"), (8_000_000, "8 MB"),
     (4_500_000_000, "4.5 GB")],
)  # fmt: skip
def test_bytes_are_decimal_as_platforms_count_them(count: int, text: str) -> None:
    assert bytes_text(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.31, "0.3 s"), (4.04, "4 s"), (60, "1 min"), (75.2, "1 min 15 s")])
def test_durations_are_as_exact_as_they_matter(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("amount", "assumed", "text"),
    [
        (0, 0, "$0.00"),
        (30_000, 0, "$0.03"),
        (30_000, 30_000, "$0.03 assumed"),
        (50_000, 20_000, "$0.05, $0.02 assumed"),
    ],
)
def test_a_cost_says_what_of_it_is_assumed(amount: int, assumed: int, text: str) -> None:
    assert cost_text(amount, assumed) == text


def test_names_read_like_words() -> None:
    assert words_of("feed_portrait") == "Feed portrait"
    assert platform_text("youtube") == "YouTube"
    assert platform_text("instagram") == "Instagram"
    assert (count_text(1, "file"), count_text(1200, "file")) == ("1 file", "1,200 files")
