from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.campaign.load import Loaded
from pressroom.campaign.models import Campaign
from pressroom.domain.errors import Invalid
from pressroom.planning.order import order_of
from tests.support.planning import loaded

BASE = loaded("steps: {a: {uses: upscale, with: {image: photo.jpg}}}")


def built(needs: dict[str, list[str]]) -> Loaded:
    """A campaign built in Python, whose references nobody has checked."""
    steps = {
        name: {"uses": "image_to_video", "with": {"image": [f"{{{{ steps.{other} }}}}" for other in others] or "x.jpg"}}
        for name, others in needs.items()
    }
    return replace(BASE, campaign=Campaign.model_validate({"name": "built", "steps": steps}))


def test_steps_that_need_nothing_stay_as_written() -> None:
    assert order_of(built({"c": [], "a": [], "b": []})) == ["c", "a", "b"]


@given(st.permutations(range(8)), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_every_step_follows_those_it_needs(written: list[int], edges: list[tuple[int, int]]) -> None:
    needs = {f"s{n}": [f"s{b}" for a, b in edges if a == n and b < n] for n in written}

    order = order_of(built(needs))

    assert sorted(order) == sorted(needs)
    assert all(order.index(other) < order.index(name) for name, others in needs.items() for other in others)


@pytest.mark.parametrize("needs", [{"a": ["b"], "b": ["a"]}, {"a": ["a"]}, {"a": ["gone"]}])
def test_a_circle_is_refused(needs: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid, match="in a circle, or to no step: a"):
        order_of(built(needs))
