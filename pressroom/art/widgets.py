"""The parts of a wireframe: each draws itself into a box with plain shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pressroom.media.color.spaces import mix
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, line, polygon, rectangle


def _quiet(canvas: Canvas, share: float = 0.2) -> str:
    return mix(canvas.palette.surface, canvas.palette.ink, share)


def lines(canvas: Canvas, box: Box, count: int) -> None:
    """Grey bars that stand for text; the last one is shorter."""
    pitch = box.height / count
    for index in range(count):
        share = 0.62 if index == count - 1 else 1.0 - 0.08 * (index % 2)
        bar = Box(box.x, box.y + index * pitch, box.width * share, min(pitch * 0.45, canvas.unit * 0.018))
        canvas.panel(bar, _quiet(canvas), bar.height)


def _image(canvas: Canvas, box: Box) -> None:
    canvas.panel(box, _quiet(canvas, 0.12), canvas.unit * 0.008)
    canvas.add(
        circle(box.x + box.width * 0.26, box.y + box.height * 0.28, min(box.width, box.height) * 0.09),
        canvas.palette.accent,
    )
    hills = ((0.0, 1.0), (0.0, 0.82), (0.3, 0.52), (0.5, 0.74), (0.7, 0.42), (1.0, 0.8), (1.0, 1.0))
    canvas.add(
        polygon([(box.x + box.width * x, box.y + box.height * y) for x, y in hills]),
        mix(canvas.palette.surface, canvas.palette.secondary, 0.65),
    )


def _gallery(canvas: Canvas, box: Box) -> None:
    gap = min(box.width, box.height) * 0.07
    width, height = (box.width - gap) / 2, (box.height - gap) / 2
    for row in range(2):
        for column in range(2):
            _image(canvas, Box(box.x + column * (width + gap), box.y + row * (height + gap), width, height))


def _video(canvas: Canvas, box: Box) -> None:
    canvas.panel(box, mix(canvas.palette.primary, "#000000", 0.35), canvas.unit * 0.008)
    x, y = box.center
    size = min(box.width, box.height) * 0.2
    canvas.add(circle(x, y, size), canvas.palette.surface)
    canvas.add(
        polygon([(x - size * 0.34, y - size * 0.5), (x + size * 0.56, y), (x - size * 0.34, y + size * 0.5)]),
        canvas.palette.primary,
    )


def _map(canvas: Canvas, box: Box) -> None:
    palette = canvas.palette
    canvas.panel(box, mix(palette.surface, palette.secondary, 0.3), canvas.unit * 0.008)
    wide = max(1.0, min(box.width, box.height) * 0.035)
    for start, end in (
        ((0.0, 0.3), (1.0, 0.18)),
        ((0.0, 0.78), (1.0, 0.62)),
        ((0.28, 0.0), (0.36, 1.0)),
        ((0.74, 0.0), (0.66, 1.0)),
    ):
        points = [(box.x + box.width * x, box.y + box.height * y) for x, y in (start, end)]
        canvas.add(line(points), stroke=palette.surface, stroke_width=wide)
    route = [(0.33, 0.74), (0.3, 0.27), (0.71, 0.22)]
    points = [(box.x + box.width * x, box.y + box.height * y) for x, y in route]
    canvas.add(line(points), stroke=palette.primary, stroke_width=wide)
    x, y = points[-1]
    size = min(box.width, box.height) * 0.09
    canvas.add(
        polygon([(x - size * 0.86, y - size * 1.1), (x + size * 0.86, y - size * 1.1), (x, y + size * 0.3)]),
        palette.accent,
    )
    canvas.add(circle(x, y - size * 1.5, size), palette.accent)
    canvas.add(circle(x, y - size * 1.5, size * 0.4), palette.surface)


def _chart(canvas: Canvas, box: Box) -> None:
    palette = canvas.palette
    values = [canvas.rng.uniform(0.3, 0.95) for _ in range(6)]
    pitch = box.width / len(values)
    best = max(values)
    for index, value in enumerate(values):
        tall = box.height * value * 0.94
        bar = Box(box.x + pitch * (index + 0.18), box.bottom - tall, pitch * 0.64, tall)
        canvas.panel(bar, palette.accent if value == best else palette.primary, pitch * 0.1)
    canvas.panel(Box(box.x, box.bottom - 1, box.width, max(1.0, canvas.unit * 0.002)), _quiet(canvas, 0.4))


def _timeline(canvas: Canvas, box: Box) -> None:
    palette = canvas.palette
    count = 4
    pitch = box.height / count
    x = box.x + pitch * 0.3
    wide = max(1.5, pitch * 0.06)
    ends = [(x, box.y + pitch * 0.5), (x, box.bottom - pitch * 0.5)]
    canvas.add(line(ends), stroke=_quiet(canvas, 0.3), stroke_width=wide)
    for index in range(count):
        y = box.y + pitch * (index + 0.5)
        canvas.add(circle(x, y, pitch * 0.17), palette.primary if index < 3 else _quiet(canvas, 0.35))
        lines(canvas, Box(x + pitch * 0.5, y - pitch * 0.2, box.right - x - pitch * 0.5, pitch * 0.5), 2)


def _list(canvas: Canvas, box: Box) -> None:
    count = 3
    pitch = box.height / count
    for index in range(count):
        row = Box(box.x, box.y + index * pitch, box.width, pitch * 0.78)
        side = min(row.height * 0.9, row.width * 0.24)
        canvas.panel(
            Box(row.x, row.y, side, side), mix(canvas.palette.surface, canvas.palette.secondary, 0.6), side * 0.2
        )
        lines(canvas, Box(row.x + side * 1.3, row.y + side * 0.2, row.width - side * 1.3, side * 0.8), 2)


def _table(canvas: Canvas, box: Box) -> None:
    count = 5
    pitch = box.height / count
    canvas.panel(
        Box(box.x, box.y, box.width, pitch * 0.9),
        mix(canvas.palette.surface, canvas.palette.primary, 0.35),
        pitch * 0.12,
    )
    for index in range(count):
        y = box.y + pitch * (index + 0.32)
        for start, wide in ((0.04, 0.3), (0.44, 0.2), (0.74, 0.2)):
            canvas.panel(
                Box(box.x + box.width * start, y, box.width * wide, pitch * 0.26),
                _quiet(canvas, 0.35 if index == 0 else 0.2),
                pitch,
            )


def _form(canvas: Canvas, box: Box) -> None:
    count = 3
    pitch = box.height / count
    for index in range(count - 1):
        y = box.y + index * pitch
        canvas.panel(Box(box.x, y, box.width * 0.3, pitch * 0.12), _quiet(canvas, 0.3), pitch)
        field = Box(box.x, y + pitch * 0.24, box.width, pitch * 0.5)
        canvas.add(
            rectangle(field, pitch * 0.1),
            canvas.palette.surface,
            stroke=_quiet(canvas, 0.35),
            stroke_width=max(1.0, canvas.unit * 0.0025),
        )
    canvas.panel(
        Box(box.x, box.bottom - pitch * 0.72, box.width * 0.5, pitch * 0.55), canvas.palette.primary, pitch * 0.28
    )


def _search(canvas: Canvas, box: Box) -> None:
    tall = min(box.height * 0.3, canvas.unit * 0.07)
    field = Box(box.x, box.y, box.width, tall)
    canvas.add(
        rectangle(field, tall / 2),
        canvas.palette.surface,
        stroke=_quiet(canvas, 0.4),
        stroke_width=max(1.0, canvas.unit * 0.0025),
    )
    x, y = box.x + tall * 0.55, box.y + tall * 0.46
    wide = max(1.0, tall * 0.08)
    canvas.add(circle(x, y, tall * 0.18), stroke=canvas.palette.ink, stroke_width=wide)
    canvas.add(
        line([(x + tall * 0.13, y + tall * 0.13), (x + tall * 0.28, y + tall * 0.28)]),
        stroke=canvas.palette.ink,
        stroke_width=wide,
    )
    lines(canvas, Box(box.x, box.y + tall * 1.5, box.width, box.height - tall * 1.6), 4)


def _button(canvas: Canvas, box: Box) -> None:
    tall = min(box.height * 0.42, box.width * 0.26, canvas.unit * 0.09)
    wide = min(box.width, tall * 4)
    place = Box(box.center[0] - wide / 2, box.center[1] - tall / 2, wide, tall)
    canvas.panel(place, canvas.palette.accent, tall / 2)
    canvas.panel(
        Box(place.x + wide * 0.28, place.y + tall * 0.43, wide * 0.44, tall * 0.14), canvas.palette.surface, tall
    )


def _profile(canvas: Canvas, box: Box) -> None:
    radius = min(box.height * 0.24, box.width * 0.2)
    x, y = box.center[0], box.y + radius * 1.05
    canvas.add(circle(x, y, radius), mix(canvas.palette.surface, canvas.palette.secondary, 0.6))
    canvas.add(circle(x, y - radius * 0.2, radius * 0.36), canvas.palette.surface)
    top = y + radius * 1.5
    lines(canvas, Box(x - box.width * 0.3, top, box.width * 0.6, max(1.0, box.bottom - top)), 3)


def _calendar(canvas: Canvas, box: Box) -> None:
    columns, rows = 7, 4
    width, height = box.width / columns, box.height / rows
    chosen = canvas.rng.randrange(columns * rows)
    for index in range(columns * rows):
        row, column = divmod(index, columns)
        cell = Box(box.x + column * width, box.y + row * height, width, height).inset(width * 0.1, height * 0.1)
        canvas.panel(
            cell, canvas.palette.accent if index == chosen else _quiet(canvas, 0.13), min(width, height) * 0.12
        )


# Words (singular) that name a widget, and what draws it.
WIDGETS: Mapping[str, tuple[frozenset[str], Callable[[Canvas, Box], None]]] = {
    "map": (frozenset({"map", "location", "route", "tracking"}), _map),
    "timeline": (frozenset({"timeline", "history", "activity", "progres", "step"}), _timeline),
    "chart": (frozenset({"chart", "graph", "analytic", "metric", "statistic", "stat", "report", "dashboard"}), _chart),
    "form": (frozenset({"form", "login", "signup", "register", "checkout", "contact", "input", "field"}), _form),
    "table": (frozenset({"table", "order", "invoice", "row", "spreadsheet"}), _table),
    "gallery": (frozenset({"gallery", "photo", "portfolio", "grid", "product", "shop"}), _gallery),
    "image": (frozenset({"image", "picture", "banner", "hero", "illustration"}), _image),
    "video": (frozenset({"video", "player", "film", "stream"}), _video),
    "list": (frozenset({"list", "feed", "message", "inbox", "notification", "article", "blog", "news"}), _list),
    "search": (frozenset({"search", "filter", "finder"}), _search),
    "profile": (frozenset({"profile", "account", "avatar", "user", "team"}), _profile),
    "calendar": (frozenset({"calendar", "schedule", "booking", "date"}), _calendar),
    "button": (frozenset({"button", "help", "support", "cta"}), _button),
}
