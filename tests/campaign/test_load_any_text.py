"""Whatever the text: a campaign, or problems that name their lines."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.campaign.document import read_document
from pressroom.domain.errors import Invalid
from tests.campaign.loading import SOUND, load

KEYS = ["name", "steps", "inputs", "brand", "uses", "with", "for_each", "feed", "count", "gather", "when", "a", "type",
        "prompt", "image", "images", "placements", "colors", "tags", "focal_point", "seed", "<<"]  # fmt: skip
SCALARS: list[Any] = ["draw", "resize", "collage", "{{ steps.a }}", "{{ each.a }}", "{{ inputs.a", "x {{ brand.name }}", 1, -1,
                      1.5, True, None, "", "instagram.*", "image", "a"]  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


def written(value: Any) -> str:
    """The value as one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return f"'{value}'" if isinstance(value, str) else "null" if value is None else str(value).lower()


WITHOUT_A_PATH = {"yaml", "too_large", "missing_key", "value"}  # of the text, or of the document as a whole


def check(text: str) -> None:
    found = None
    try:
        load(text)
    except Invalid as exc:
        found = exc.problems
    assert found is None or found
    assert all(problem.line and problem.column and problem.file and problem.message for problem in found or ())
    assert all(problem.path or problem.code in WITHOUT_A_PATH for problem in found or ()), found
    for problem in found or ():
        if problem.path and problem.code != "duplicate_key":  # which is at the second of the two
            positions = read_document(text, "c.yaml").positions
            place = positions.key(*problem.path) if problem.on_key else positions.at(*problem.path)
            assert (problem.line, problem.column) == place


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_loads_or_is_invalid(text: str) -> None:
    check(text)


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1),
    st.dictionaries(st.sampled_from(["inputs", "brand", "budget", "policy", "title"]), VALUES, max_size=2),
)
def test_any_nested_values_load_or_are_invalid(steps: dict[str, Any], rest: dict[str, Any]) -> None:
    check("\n".join(f"{key}: {written(value)}" for key, value in {"name": "c", **rest, "steps": steps}.items()))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SOUND)), st.integers(0, 30), st.sampled_from(["", "\n", ":", "'", "{{", "]", " ", "- ", "*"]))
def test_any_slip_of_the_keyboard_loads_or_is_invalid(start: int, length: int, typed: str) -> None:
    check(SOUND[:start] + typed + SOUND[start + length :])
