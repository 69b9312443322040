"""The search under a byte limit: it fits, it fills, and it gives up with the smallest size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.encoding.byte_limit import Fitted, largest_that_fits


@given(limit=st.integers(1, 4000), bend=st.floats(0.3, 4), bumps=st.integers(0, 40))
def test_what_is_found_fits_and_nothing_is_written_more_often_than_it_says(limit: int, bend: float, bumps: int) -> None:
    written: list[float] = []

    def write(setting: float) -> bytes:
        written.append(setting)
        return bytes(100 + int(2000 * (setting / 100) ** bend) + int(setting * 7) % (bumps + 1))

    found = largest_that_fits(write, 10, 90, limit)

    assert len(written) <= 14
    if isinstance(found, Fitted):
        assert len(found.data) <= limit
        assert found.data == write(found.setting)
    else:
        assert found == len(write(10)) > limit


@given(limit=st.integers(300, 1900))
def test_smooth_sizes_are_filled_to_two_in_a_hundred(limit: int) -> None:
    found = largest_that_fits(lambda setting: bytes(int(200 * 10 ** (setting / 90))), 0, 90, limit)

    assert isinstance(found, Fitted)
    assert len(found.data) > limit * 0.98


@given(limit=st.integers(1, 200))
def test_whole_numbers_are_tried_where_only_these_exist(limit: int) -> None:
    found = largest_that_fits(
        lambda setting: bytes(int(setting) * 2) if setting == int(setting) else b"", 1, 90, limit, step=1
    )

    if isinstance(found, Fitted):
        assert len(found.data) == 2 * found.setting <= limit
        assert len(found.data) + 2 > limit * 0.985 or found.setting == 90
