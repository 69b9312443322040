"""A database drawing: the prompt's nouns as tables with keys, joined where one table names another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pressroom.art.brief import Brief, headline_of
from pressroom.art.diagram import card, columns_for, dot, sheet, things_of
from pressroom.media.color.spaces import mix, readable_on
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import line, n

MAX_TABLES = 12
MAX_COLUMNS = 7
_TABLE = re.compile(r"([^()]+?)\s*\(([^()]*)\)")
_NOT_NAME = re.compile(r"[^\w]+")
_FILLER = frozenset(
    [
        "table",
        "tables",
        "schema",
        "database",
        "relational",
        "sql",
        "for",
        "of",
        "the",
        "a",
        "an",
        "with",
        "and",
        "entities",
    ]
)
# What a table usually holds, by a word in its name; anything else gets a name and a date.
USUAL_COLUMNS = {
    "customer": ("email text", "name text"), "user": ("email text", "name text"), "order": ("status text", "total int"),
    "item": ("quantity int", "price int"), "product": ("title text", "price int"), "payment": ("amount int", "state text"),
    "invoice": ("number text", "total int"), "parcel": ("weight int", "state text"), "courier": ("name text", "phone text"),
    "post": ("title text", "body text"), "comment": ("body text", "created_at date"), "tag": ("label text",),
    "address": ("street text", "city text"), "review": ("stars int", "body text"), "event": ("kind text", "at timestamp"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns as 'name type', and the tables it points to."""

    name: str
    columns: tuple[str, ...]
    refs: tuple[str, ...]


def draw(canvas: Canvas, brief: Brief) -> None:
    title, tables = tables_of(brief.prompt)
    area = sheet(canvas, brief, title)
    columns = columns_for(len(tables), area, 1.25)
    places = _places(area, tables, columns)
    for table in tables:
        for ref in table.refs:
            _relation(canvas, places[table.name], places[ref])
    for index, table in enumerate(tables):
        _table(canvas, table, places[table.name], index)


def tables_of(prompt: str) -> tuple[str, tuple[Table, ...]]:
    """'orders(id, total), customers' or plain nouns, as tables; keys follow from their names."""
    given: dict[str, list[str]] = {}
    for name, columns in _TABLE.findall(prompt.partition(":")[2] or prompt):
        given[_identifier(re.split(r"[,;]", name)[-1])] = [
            column.strip() for column in columns.split(",") if column.strip()
        ]
    named = things_of(_TABLE.sub(r"\1", prompt), MAX_TABLES)
    names = list(dict.fromkeys(filter(None, (_identifier(item) for item in named.items))))
    names = names or [_identifier(headline_of(prompt)) or "records"]
    return named.title, tuple(_with_columns(name, names, given.get(name)) for name in names)


def _identifier(text: str) -> str:
    words = [word for word in _NOT_NAME.sub(" ", text.lower()).split() if word not in _FILLER]
    return "_".join(words[-3:])[:32]


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _with_columns(name: str, names: list[str], given: list[str] | None) -> Table:
    refs = _refs(name, names)
    keys = [f"{_singular(ref)}_id fk" for ref in refs]
    if given:
        own = [column if " " in column else f"{column} text" for column in given if column.split()[0] != "id"]
    else:
        words = [_singular(word) for word in name.split("_")]
        own = list(
            next(
                (USUAL_COLUMNS[word] for word in reversed(words) if word in USUAL_COLUMNS),
                ("name text", "created_at date"),
            )
        )
    return Table(name, ("id pk", *keys, *own)[:MAX_COLUMNS], tuple(refs))


def _refs(name: str, names: list[str]) -> list[str]:
    """Tables whose singular is part of this one's name; without any, the table listed before it."""
    parts = name.split("_")
    inside = [other for other in names if other != name and _singular(other) in parts]
    if inside:
        return inside
    index = names.index(name)
    return [names[index - 1]] if index else []


def _places(area: Box, tables: tuple[Table, ...], columns: int) -> dict[str, Box]:
    rows = -(-len(tables) // columns)
    gap_x, gap_y = area.width / columns * 0.2, area.height / rows * 0.16
    width = (area.width - gap_x * (columns - 1)) / columns
    height = (area.height - gap_y * (rows - 1)) / rows
    most = max(len(table.columns) for table in tables) + 1.4
    line_height = min(height / most, width / 6.5)
    places = {}
    for index, table in enumerate(tables):
        row, column = divmod(index, columns)
        here = min(columns, len(tables) - row * columns)
        left = area.x + (area.width - here * width - (here - 1) * gap_x) / 2
        tall = line_height * (len(table.columns) + 1.4)
        middle = area.y + row * (height + gap_y) + height / 2
        places[table.name] = Box(left + column * (width + gap_x), middle - tall / 2, width, tall)
    return places


def _relation(canvas: Canvas, start: Box, end: Box) -> None:
    """From the table with the key to the one it names: straight to a neighbour, else through the gap between rows."""
    color = mix(canvas.palette.ink, canvas.palette.background, 0.3)
    (x0, y0), (x1, y1) = start.center, end.center
    reach = abs(x1 - x0)
    if abs(y0 - y1) < 1 and reach < start.width * 1.8:
        right = x1 > x0
        points = [(start.right if right else start.x, y0), (end.x if right else end.right, y1)]
    else:
        # Lines leave left of the middle and arrive right of it, so that two of them never lie on one another.
        x0, x1 = x0 - start.width * 0.12, x1 + end.width * 0.12
        down = y1 >= y0 - 1
        leave = start.bottom if down else start.y
        arrive = (end.y if down else end.bottom) if abs(y0 - y1) >= 1 else end.bottom
        room = canvas.unit * 0.03
        turn = (leave + arrive) / 2 if abs(y0 - y1) >= 1 else max(leave, arrive) + room
        points = [(x0, leave), (x0, turn), (x1, turn), (x1, arrive)]
    canvas.add(line(points), stroke=color, stroke_width=max(1.5, canvas.unit * 0.0035))
    for point in (points[0], points[-1]):
        dot(canvas, point, canvas.palette.accent)


def _table(canvas: Canvas, table: Table, box: Box, index: int) -> None:
    palette, unit = canvas.palette, canvas.unit
    row = box.height / (len(table.columns) + 1.4)
    hue = (palette.primary, mix(palette.primary, "#000000", 0.22))[index % 2]
    radius = min(unit * 0.014, row * 0.4)
    card(canvas, box, palette.surface, mix(hue, palette.ink, 0.2), radius)
    head = Box(box.x, box.y, box.width, row * 1.3)
    canvas.add(
        f"M{n(head.x)} {n(head.bottom)}V{n(head.y + radius)}Q{n(head.x)} {n(head.y)} {n(head.x + radius)} {n(head.y)}"
        f"H{n(head.right - radius)}Q{n(head.right)} {n(head.y)} {n(head.right)} {n(head.y + radius)}V{n(head.bottom)}Z",
        hue,
    )
    pad = box.width * 0.06
    canvas.write(
        table.name, canvas.fonts.strong, Box(head.x + pad, head.y, head.width - 2 * pad, head.height),
        largest=min(row * 0.62, unit * 0.036), color=readable_on(hue, palette.on_primary), on=hue, role="table",
        valign="middle",
    )  # fmt: skip
    for place, column in enumerate(table.columns):
        _column(canvas, column, Box(box.x + pad, box.y + row * (1.36 + place), box.width - 2 * pad, row))


def _column(canvas: Canvas, column: str, box: Box) -> None:
    palette = canvas.palette
    name, _, kind = column.partition(" ")
    size = min(box.height * 0.5, canvas.unit * 0.028)
    key = kind in ("pk", "fk")
    canvas.write(
        name, canvas.fonts.mono, Box(box.x, box.y, box.width * 0.62, box.height), largest=size, color=palette.ink,
        on=palette.surface, role="column", valign="middle",
    )  # fmt: skip
    color = readable_on(palette.surface, palette.accent) if key else palette.muted
    canvas.write(
        kind.upper() if key else kind, canvas.fonts.mono, Box(box.x + box.width * 0.66, box.y, box.width * 0.34, box.height),
        largest=size * 0.85, color=color, on=palette.surface, role="type", align="end", valign="middle",
    )  # fmt: skip
