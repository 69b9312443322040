"""Sheets measure the same in millimetres and in pixels, at any resolution."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.printing.paper import MARK_GAP_MM, MARK_LENGTH_MM, MM_PER_INCH, Sheet, paper_sizes

SHEETS = st.builds(
    Sheet,
    width_mm=st.floats(20, 900),
    height_mm=st.floats(20, 900),
    bleed_mm=st.floats(0, 10),
    dpi=st.integers(72, 1200),
    marks=st.booleans(),
)


def millimetres(pixels: int, sheet: Sheet) -> float:
    return pixels / sheet.dpi * MM_PER_INCH


@given(SHEETS)
def test_pixels_are_the_millimetres_to_half_a_pixel(sheet: Sheet) -> None:
    half = MM_PER_INCH / sheet.dpi / 2 + 1e-9

    assert millimetres(sheet.trim[0], sheet) == pytest.approx(sheet.width_mm, abs=half)
    assert millimetres(sheet.trim[1], sheet) == pytest.approx(sheet.height_mm, abs=half)
    assert millimetres(sheet.bleed, sheet) == pytest.approx(sheet.bleed_mm, abs=half)
    assert millimetres(sheet.slug, sheet) == pytest.approx((MARK_GAP_MM + MARK_LENGTH_MM) * sheet.marks, abs=half)


@given(SHEETS)
def test_each_part_lies_evenly_around_the_one_inside(sheet: Sheet) -> None:
    for axis in (0, 1):
        assert sheet.picture[axis] - sheet.trim[axis] == 2 * sheet.bleed
        assert sheet.whole[axis] - sheet.picture[axis] == 2 * sheet.slug


@pytest.mark.parametrize(
    ("size", "dpi", "pixels"),
    [
        ((210, 297), 300, (2480, 3508)),
        ((210, 297), 72, (595, 842)),
        ((105, 148), 300, (1240, 1748)),
        ((101.6, 152.4), 300, (1200, 1800)),
    ],
)
def test_well_known_sheets_have_their_well_known_pixels(
    size: tuple[float, float], dpi: int, pixels: tuple[int, int]
) -> None:
    assert Sheet(*size, 0, dpi).trim == pixels


def test_without_bleed_and_marks_the_sheet_is_its_trim() -> None:
    sheet = Sheet(100, 60, 0, 300)

    assert sheet.whole == sheet.picture == sheet.trim


@pytest.mark.parametrize("name", [name for name in paper_sizes() if name[0] in "ab" and name[1:].isdigit()])
def test_iso_sizes_halve_into_one_another(name: str) -> None:
    """ISO 216: width to height is 1 to the root of 2, and A0 is one square metre, B0 the root of two of it."""
    width, height = paper_sizes()[name]

    base = {"a": 1.0, "b": math.sqrt(2)}[name[0]] / 2 ** int(name[1:])
    assert height / width == pytest.approx(math.sqrt(2), abs=0.008)
    assert width * height / 1e6 == pytest.approx(base, rel=0.012)


def test_names_are_lower_case_and_sheets_upright() -> None:
    sizes = paper_sizes()

    assert all(name == name.lower() for name in sizes)
    assert all(0 < width <= height for width, height in sizes.values())
    assert sizes["letter"] == (215.9, 279.4)
