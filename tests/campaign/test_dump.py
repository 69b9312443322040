"""Values written as YAML again are read as the same values, numbers as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pressroom.campaign.document import read_document
from pressroom.campaign.dump import dump_document

NUMBERS = st.from_regex(r"[-+]?[0-9_.:]{1,20}([eE][-+]?[0-9]{1,10})?|0[xob][0-9a-fA-F]{1,12}", fullmatch=True)
WORDS = st.sampled_from(
    ["null", "~", "no", "On", "true", "y", "=", "<<", "2026-12-03", ".inf", "-.INF", ".NaN", "- a", "#"]
)
CAMPAIGNS = sorted((Path(__file__).parents[2] / "deployments" / "campaigns").glob("*/*.yaml"))
ODD = r"""
words: ["9:16", 9:16, "no", no, "007", 007, "1e3", 1e3, 0x1F, -.5, 24.90, "a: b #c", "", " x", "x ", null, true, "true"]
yes: "two\nlines\tand \"quotes\" \\ ü 🙂"
anchored: &shared {deep: [[1], {a: 2}]}
again: *shared
"""


def seen(value: Any) -> Any:
    """A value with all that it remembers of how it was written."""
    if isinstance(value, dict):
        return {key: seen(item) for key, item in value.items()}
    return [seen(item) for item in value] if isinstance(value, list) else (type(value), str(value))


@pytest.mark.parametrize("text", [ODD, *(path.read_text() for path in CAMPAIGNS)])
def test_a_document_survives(text: str) -> None:
    values = read_document(text, "c.yaml").value

    again = read_document(dump_document(values), "d.yaml")

    assert seen(again.value) == seen(values)
    assert again.problems == ()


@pytest.mark.parametrize("inline", [False, True])
@given(text=NUMBERS | WORDS | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
@example(text="123456e78901")
@example(text="1" * 200)
def test_a_text_stays_a_text(inline: bool, text: str) -> None:
    values = {"key": text, text: [text]}

    again = read_document(dump_document(values, inline=inline), "d.yaml")

    assert again.value == values
    assert again.problems == ()
