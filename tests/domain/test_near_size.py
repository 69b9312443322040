"""When a picture of another size may stand for the one that was ordered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.near_size import cropped, enlarged, is_near

sides = st.integers(1, 20_000)


@given(sides, sides)
def test_a_picture_is_near_itself(width: int, height: int) -> None:
    size = (width, height)

    assert (cropped(size, size), enlarged(size, size), is_near(size, size)) == (0, 1, True)


def test_a_little_of_either_is_near_and_much_is_not() -> None:
    assert is_near((896, 1088), (1080, 1350))
    assert not is_near((1024, 1024), (1080, 1920))
    assert not is_near((1024, 1024), (2000, 2000))
    assert is_near((4096, 4096), (1000, 1000))
