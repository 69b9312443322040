"""Path data draws the shape that it names: its area and its box, as an independent renderer paints them."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from resvg_py import svg_to_bytes

from pressroom.media.geometry import Box
from pressroom.media.vector import shapes

SIDE = 200
BOX = Box(40, 30, 120, 80)


def painted(d: str, rule: str = "nonzero") -> np.ndarray:
    """How much of each pixel is covered, 0..1."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}"><path d="{d}" fill-rule="{rule}"/></svg>'
    with Image.open(io.BytesIO(bytes(svg_to_bytes(svg_string=svg)))) as image:
        return np.asarray(image.getchannel("A")) / 255


def box_of(cover: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero((cover > 0.5).any(1)), np.flatnonzero((cover > 0.5).any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@given(st.floats(-1e6, 1e6))
def test_a_coordinate_is_right_to_half_a_hundredth_and_short(value: float) -> None:
    text = shapes.n(value)

    assert abs(float(text) - value) <= 0.005 + 1e-9
    assert text != "-0"
    assert "e" not in text
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize(
    ("d", "area", "box"),
    [
        (shapes.rectangle(BOX), 120 * 80, (40, 30, 160, 110)),
        (shapes.rectangle(BOX, 20), 120 * 80 - (4 - math.pi) * 400, (40, 30, 160, 110)),
        (shapes.rectangle(BOX, 999), 40 * 80 + math.pi * 1600, (40, 30, 160, 110)),
        (shapes.ellipse(100, 90, 60, 30), math.pi * 1800, (40, 60, 160, 120)),
        (shapes.circle(100, 100, 50), math.pi * 2500, (50, 50, 150, 150)),
        (shapes.ring(100, 100, 60, 30), math.pi * 2700, (40, 40, 160, 160)),
        (shapes.arch(100, 160, 40, 40), 80 * 80 + math.pi * 800, (60, 40, 140, 160)),
        (shapes.polygon([(20, 20), (180, 20), (20, 140)]), 9600, (20, 20, 180, 140)),
        (shapes.path("M", (20, 30), "H", 120, "V", 90, "H", 20, "Z"), 6000, (20, 30, 120, 90)),
    ],
    ids=["rectangle", "rounded", "pill", "ellipse", "circle", "ring", "arch", "polygon", "path"],
)
def test_a_shape_has_its_area_and_its_box(d: str, area: float, box: tuple[int, ...]) -> None:
    cover = painted(d)

    assert cover.sum() == pytest.approx(area, rel=0.006)
    assert box_of(cover) == pytest.approx(box, abs=2)


def test_a_rings_hole_is_one_by_either_rule() -> None:
    for rule in ("nonzero", "evenodd"):
        assert painted(shapes.ring(100, 100, 60, 30), rule)[100, 100] == 0


@pytest.mark.parametrize(
    ("corner", "centre"), [(0, (40, 30)), (1, (159, 30)), (2, (159, 109)), (3, (40, 109)), (4, (40, 30))]
)
def test_a_quarter_is_around_its_corner(corner: int, centre: tuple[int, int]) -> None:
    cover = painted(shapes.quarter(BOX, corner))

    assert cover.sum() == pytest.approx(math.pi * 120 * 80 / 4, rel=0.006)
    assert cover[centre[1], centre[0]] > 0.9
    assert cover[139 - centre[1], 199 - centre[0]] == 0


@pytest.mark.parametrize("points", [3, 5, 12])
def test_a_star_has_its_points(points: int) -> None:
    cover = painted(shapes.star((100, 100), 80, 40, points, turn=-90))

    assert cover.sum() == pytest.approx(points * 80 * 40 * math.sin(math.pi / points), rel=0.01)
    assert cover[25, 100] > 0  # the first points up


@given(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), st.floats(0, 99), st.floats(-720, 720))
def test_polar_is_so_far_away_and_clockwise(center: tuple[float, float], radius: float, degrees: float) -> None:
    x, y = shapes.polar(center, radius, degrees)

    assert math.dist((x, y), center) == pytest.approx(radius, abs=1e-9)
    assert shapes.polar((0, 0), 1, 90) == pytest.approx((0, 1))  # y grows downwards


@pytest.mark.parametrize("curve", [shapes.closed, shapes.smooth])
def test_curves_pass_through_their_points(curve) -> None:
    points = [(40.0, 60.0), (100.0, 30.0), (160.0, 90.0), (90.0, 150.0)]

    d = curve(points)

    ends = [part.rsplit(" ", 2)[-2:] for part in d.rstrip("Z").replace("M", "").split("C")]
    found = [(float(x), float(y)) for x, y in ends]
    assert found == ([*points, points[0]] if curve is shapes.closed else points)


def test_a_closed_curve_through_a_circle_is_nearly_one() -> None:
    points = [shapes.polar((100, 100), 70, angle) for angle in range(0, 360, 30)]

    assert painted(shapes.closed(points)).sum() == pytest.approx(math.pi * 4900, rel=0.01)


def test_a_line_is_open() -> None:
    assert shapes.line([(1, 2), (3, 4.5)]) == "M1 2L3 4.5"
    assert shapes.polygon([(1, 2), (3, 4.5)]) == "M1 2L3 4.5Z"
