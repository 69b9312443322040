"""A flow diagram: the prompt's steps as boxes in reading order, joined by arrows that turn at the end of a row."""

from __future__ import annotations

import itertools

from pressroom.art.brief import Brief
from pressroom.art.diagram import arrow, card, columns_for, label, sheet, steps_of
from pressroom.art.wording import headline_of
from pressroom.media.color.spaces import mix, readable_on
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, polygon

MAX_STEPS = 16


def steps_in(prompt: str) -> tuple[str, ...]:
    """The steps that the prompt names."""
    return steps_of(prompt, MAX_STEPS).items


def draw(canvas: Canvas, brief: Brief) -> None:
    named = steps_of(brief.prompt, MAX_STEPS)
    steps = named.items or (headline_of(brief.prompt),)
    canvas.omitted += named.lost
    area = sheet(canvas, brief, named.title)
    columns = columns_for(len(steps), area, 1.75)
    cells = _cells(area, len(steps), columns)
    for before, after in itertools.pairwise(cells):
        _join(canvas, before, after)
    for index, (step, box) in enumerate(zip(steps, cells, strict=True)):
        _step(canvas, step, box, index, len(steps))


def _cells(area: Box, count: int, columns: int) -> list[Box]:
    """Boxes row by row, every second row from right to left."""
    rows = -(-count // columns)
    gap_x, gap_y = area.width / columns * 0.24, area.height / rows * 0.3
    width = (area.width - gap_x * (columns - 1)) / columns
    height = min((area.height - gap_y * (rows - 1)) / rows, width * 0.62 if columns > 1 else width * 0.4)
    gap_y = min((area.height - height * rows) / max(1, rows - 1), height * 0.75) if rows > 1 else 0.0
    top = area.y + (area.height - height * rows - gap_y * (rows - 1)) / 2
    boxes = []
    for index in range(count):
        row, place = divmod(index, columns)
        column = place if row % 2 == 0 else columns - 1 - place
        boxes.append(Box(area.x + column * (width + gap_x), top + row * (height + gap_y), width, height))
    return boxes


def _join(canvas: Canvas, before: Box, after: Box) -> None:
    gap = canvas.unit * 0.006
    color = mix(canvas.palette.ink, canvas.palette.background, 0.35)
    if abs(before.y - after.y) < 1:
        right = after.x > before.x
        start = before.right + gap if right else before.x - gap
        end = after.x - gap if right else after.right + gap
        arrow(canvas, [(start, before.center[1]), (end, before.center[1])], color)
    else:
        x = before.center[0]
        arrow(canvas, [(x, before.bottom + gap), (x, after.y - gap)], color)


def _step(canvas: Canvas, step: str, box: Box, index: int, count: int) -> None:
    palette, unit = canvas.palette, canvas.unit
    ends = index in (0, count - 1)
    fill = palette.primary if ends else palette.surface
    edge = palette.primary if ends else mix(palette.ink, palette.background, 0.72)
    color = readable_on(fill, palette.on_primary if ends else palette.ink)
    size = min(box.height * 0.26, unit * 0.05)
    if step.endswith("?"):
        x, y = box.center
        half = box.width * 0.5, box.height * 0.5
        canvas.add(
            polygon([(x, y - half[1]), (x + half[0], y), (x, y + half[1]), (x - half[0], y)]),
            fill, stroke=palette.accent, stroke_width=max(1.5, unit * 0.004),
        )  # fmt: skip
        label(canvas, step, box.inset(box.width * 0.2, box.height * 0.24), color, fill, size)
        return
    card(canvas, box, fill, edge, box.height / 2 if ends else unit * 0.016)
    label(canvas, step, box.inset(box.width * (0.13 if ends else 0.09), box.height * 0.14), color, fill, size)
    radius = min(unit * 0.021, box.height * 0.2)
    if radius >= 8 and not ends:
        badge = readable_on(palette.accent, palette.ink)
        canvas.add(circle(box.x + radius * 0.6, box.y + radius * 0.4, radius), palette.accent)
        place = Box(box.x - radius * 0.4, box.y - radius * 0.6, radius * 2, radius * 2).inset(radius * 0.3)
        label(canvas, str(index + 1), place, badge, palette.accent, radius * 1.1, "number")
