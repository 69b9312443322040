"""Outlines as SVG path data: the words that every style draws with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.media.geometry import Box, Point


@dataclass(frozen=True, slots=True)
class Shape:
    """One painted path. `fill` and `stroke` are colours, `url(#…)` of the template's own definitions, or none."""

    d: str
    fill: str = "none"
    opacity: float = 1.0
    stroke: str = "none"
    stroke_width: float = 0.0
    dash: str = ""
    clip: str = ""


def n(value: float) -> str:
    """A coordinate with two decimals: half a hundredth of a pixel cannot be seen, and equal drawings get equal bytes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def path(*parts: str | float | Point) -> str:
    """Path data from its letters, lengths and points: path("M", (0, 0), "H", 10, "Z")."""
    return " ".join(
        part if isinstance(part, str) else f"{n(part[0])} {n(part[1])}" if isinstance(part, tuple) else n(part)
        for part in parts
    )


def rectangle(box: Box, radius: float = 0.0) -> str:
    radius = min(radius, box.width / 2, box.height / 2)
    if radius <= 0:
        return f"M{n(box.x)} {n(box.y)}H{n(box.right)}V{n(box.bottom)}H{n(box.x)}Z"
    arc = f"A{n(radius)} {n(radius)} 0 0 1"
    return (
        f"M{n(box.x + radius)} {n(box.y)}H{n(box.right - radius)}{arc} {n(box.right)} {n(box.y + radius)}"
        f"V{n(box.bottom - radius)}{arc} {n(box.right - radius)} {n(box.bottom)}H{n(box.x + radius)}"
        f"{arc} {n(box.x)} {n(box.bottom - radius)}V{n(box.y + radius)}{arc} {n(box.x + radius)} {n(box.y)}Z"
    )


def ellipse(cx: float, cy: float, rx: float, ry: float) -> str:
    half = f"A{n(rx)} {n(ry)} 0 1 1"
    return f"M{n(cx - rx)} {n(cy)}{half} {n(cx + rx)} {n(cy)}{half} {n(cx - rx)} {n(cy)}Z"


def circle(cx: float, cy: float, radius: float) -> str:
    return ellipse(cx, cy, radius, radius)


def polygon(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points) + "Z"


def line(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points)


def quarter(box: Box, corner: int) -> str:
    """A quarter disc whose centre is a corner of the box: 0 top left, then clockwise."""
    left, top, right, bottom = box.x, box.y, box.right, box.bottom
    arc = f"A{n(box.width)} {n(box.height)} 0 0"
    return (
        f"M{n(left)} {n(top)}H{n(right)}{arc} 1 {n(left)} {n(bottom)}Z",
        f"M{n(right)} {n(top)}V{n(bottom)}{arc} 1 {n(left)} {n(top)}Z",
        f"M{n(right)} {n(bottom)}H{n(left)}{arc} 1 {n(right)} {n(top)}Z",
        f"M{n(left)} {n(bottom)}V{n(top)}{arc} 1 {n(right)} {n(bottom)}Z",
    )[corner % 4]


def ring(cx: float, cy: float, outer: float, inner: float) -> str:
    """A disc with a round hole: two outlines that run opposite ways."""
    half = f"A{n(inner)} {n(inner)} 0 1 0"
    hole = f"M{n(cx - inner)} {n(cy)}{half} {n(cx + inner)} {n(cy)}{half} {n(cx - inner)} {n(cy)}Z"
    return circle(cx, cy, outer) + hole


def arch(cx: float, foot: float, half: float, top: float) -> str:
    """A door with a round head: `top` is the highest point."""
    spring = min(foot, top + half)
    arc = f"A{n(half)} {n(spring - top)} 0 0 1"
    return f"M{n(cx - half)} {n(foot)}V{n(spring)}{arc} {n(cx + half)} {n(spring)}V{n(foot)}Z"


def polar(center: Point, radius: float, degrees: float) -> Point:
    angle = math.radians(degrees)
    return center[0] + radius * math.cos(angle), center[1] + radius * math.sin(angle)


def star(center: Point, outer: float, inner: float, points: int, turn: float = 0.0) -> str:
    """A star, or with many points and a near inner radius a seal."""
    radii = (outer, inner)
    return polygon([polar(center, radii[step % 2], turn + step * 180 / points) for step in range(points * 2)])


def closed(points: Sequence[Point]) -> str:
    """A closed curve through the points."""
    count = len(points)
    path = f"M{n(points[0][0])} {n(points[0][1])}"
    for index in range(count):
        before, start = points[index - 1], points[index]
        end, after = points[(index + 1) % count], points[(index + 2) % count]
        first = start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6
        second = end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6
        path += f"C{n(first[0])} {n(first[1])} {n(second[0])} {n(second[1])} {n(end[0])} {n(end[1])}"
    return path + "Z"


def smooth(points: Sequence[Point]) -> str:
    """An open curve through the points (Catmull-Rom as cubic Béziers)."""
    path = f"M{n(points[0][0])} {n(points[0][1])}"
    for index in range(len(points) - 1):
        before = points[max(0, index - 1)]
        start, end = points[index], points[index + 1]
        after = points[min(len(points) - 1, index + 2)]
        first = start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6
        second = end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6
        path += f"C{n(first[0])} {n(first[1])} {n(second[0])} {n(second[1])} {n(end[0])} {n(end[1])}"
    return path
