"""Values written as YAML again are read as the same values, numbers as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressroom.campaign.document import read_document
from pressroom.campaign.dump import dump_document

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
