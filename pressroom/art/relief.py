"""Lines of equal height over a field of smooth summits (marching squares)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pressroom.media.geometry import Box, Point
from pressroom.media.vector.shapes import line

Summit = tuple[Point, float, float]  # place, reach in pixels, height


def level_lines(area: Box, summits: Sequence[Summit], pitch: float, levels: int) -> list[str]:
    """Path data, one per level from low to high, sampled every `pitch` pixels.

    Method: W. Lorensen, H. Cline, "Marching cubes", SIGGRAPH 1987 (https://doi.org/10.1145/37401.37422), in two dimensions.
    """
    columns, rows = math.ceil(area.width / pitch) + 2, math.ceil(area.height / pitch) + 2
    grid = [
        [_height(((column - 0.5) * pitch, (row - 0.5) * pitch), summits) for column in range(columns)]
        for row in range(rows)
    ]
    top = max(max(row) for row in grid)
    low = min(min(row) for row in grid)
    return [_level(grid, low + (top - low) * (index + 0.7) / levels, pitch) for index in range(levels)]


def _height(point: Point, summits: Sequence[Summit]) -> float:
    total = 0.0
    for (x, y), reach, tall in summits:
        away = ((point[0] - x) / reach) ** 2 + ((point[1] - y) / reach) ** 2
        total += tall / (1 + away) + 0.06 * tall * math.sin(math.atan2(point[1] - y, point[0] - x) * 3 + reach) * min(
            1.0, away
        )
    return total


def _level(grid: Sequence[Sequence[float]], level: float, pitch: float) -> str:
    parts: list[str] = []
    for row in range(len(grid) - 1):
        above, below = grid[row], grid[row + 1]
        for column in range(len(above) - 1):
            corners = (above[column], above[column + 1], below[column + 1], below[column])
            if max(corners) < level or min(corners) >= level:
                continue
            cuts = _cuts(corners, level, column, row)
            at = [((x - 0.5) * pitch, (y - 0.5) * pitch) for x, y in cuts]
            parts += [line(pair) for pair in zip(at[::2], at[1::2], strict=True)]
    return "".join(parts) or "M0 0"


def _cuts(corners: tuple[float, float, float, float], level: float, column: int, row: int) -> list[Point]:
    """Where the level crosses the sides of one cell, in cells: two points, or four on a saddle."""
    places = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
    found = []
    for index in range(4):
        one, two = corners[index], corners[(index + 1) % 4]
        if (one < level) != (two < level):
            share = (level - one) / (two - one)
            (x0, y0), (x1, y1) = places[index], places[(index + 1) % 4]
            found.append((x0 + (x1 - x0) * share, y0 + (y1 - y0) * share))
    return found
