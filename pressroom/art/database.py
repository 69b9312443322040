"""A database drawing: the prompt's nouns as tables with keys, joined where one table names another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pressroom.art.brief import Brief
from pressroom.art.diagram import Named, arrow, card, columns_for, dot, sheet, things_of
from pressroom.art.wording import headline_of
from pressroom.media.color.spaces import mix, readable_on
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import n

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
    "invoice": ("number text", "total int"), "parcel": ("weight int", "state text"),
    "courier": ("name text", "phone text"),
    "post": ("title text", "body text"), "comment": ("body text", "created_at date"), "tag": ("label text",),
    "address": ("street text", "city text"), "review": ("stars int", "body text"), "event": ("kind text", "at timestamp"),
}  # fmt: skip


# Whose keys a table holds, by the last word of its name, the usual owner first.
OWNERS = {
    "order": ("customer", "user", "client", "buyer"), "item": ("order", "cart", "invoice", "product"),
    "payment": ("order", "invoice", "booking", "customer", "user"), "invoice": ("order", "customer", "client"),
    "parcel": ("order", "courier", "customer"), "shipment": ("order", "courier", "carrier"),
    "product": ("category", "supplier", "brand"), "review": ("product", "book", "user", "customer"),
    "address": ("customer", "user"), "cart": ("customer", "user"), "post": ("user", "author", "category", "blog"),
    "comment": ("post", "article", "user", "author"), "article": ("author", "user"), "like": ("post", "user"),
    "message": ("conversation", "user"), "session": ("user",), "book": ("author", "publisher"),
    "loan": ("book", "member", "reader"), "copy": ("book",),
    "booking": ("room", "guest", "customer", "flight", "event"),
    "reservation": ("room", "table", "guest", "customer"), "room": ("hotel",),
    "employee": ("department", "company"), "enrollment": ("student", "course"), "course": ("teacher", "instructor"),
    "lesson": ("course",), "grade": ("student", "course"), "ticket": ("event", "customer", "user"),
    "event": ("venue", "organizer"), "appointment": ("patient", "doctor"), "song": ("album", "artist"),
    "album": ("artist",), "subscription": ("user", "customer", "plan"), "task": ("project", "user"),
    "project": ("client", "team", "user"), "campaign": ("brand", "client", "user"),
}  # fmt: skip
_HAS_MANY = re.compile(
    r"(?P<owner>\w+)\s+(?:has|have|owns?|places?|place|writes?)\s+(?:many|several|one or more|multiple)\s+(?P<owned>\w+)",
    re.IGNORECASE,
)
_BELONGS = re.compile(r"(?P<owned>\w+)\s+belongs?\s+to\s+(?:an?\s+|one\s+|the\s+)?(?P<owner>\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns as 'name type', and the tables it points to."""

    name: str
    columns: tuple[str, ...]
    refs: tuple[str, ...]


def draw(canvas: Canvas, brief: Brief) -> None:
    title, tables = tables_of(brief.prompt)
    canvas.omitted += _named(brief.prompt).lost
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
    named = _named(prompt)
    names = list(dict.fromkeys(filter(None, (_identifier(item) for item in named.items))))
    names = names or [_identifier(headline_of(prompt)) or "records"]
    told = _told(prompt, names)
    return named.title, tuple(_with_columns(name, names, given.get(name), told) for name in names)


def _named(prompt: str) -> Named:
    plain = _BELONGS.sub(r"\g<owner>, \g<owned>", _HAS_MANY.sub(r"\g<owner>, \g<owned>", prompt))
    return things_of(_TABLE.sub(r"\1", plain), MAX_TABLES)


def _identifier(text: str) -> str:
    words = [word for word in _NOT_NAME.sub(" ", text.lower()).split() if word not in _FILLER]
    return "_".join(words[-3:])[:32]


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _told(prompt: str, names: list[str]) -> dict[str, list[str]]:
    """Table -> those that it points to, as the prompt says it: 'users have many posts', 'an order belongs to a customer'."""
    singular = {_singular(name): name for name in names}
    found: dict[str, list[str]] = {}
    for pattern in (_HAS_MANY, _BELONGS):
        for match in pattern.finditer(prompt.lower()):
            owner, owned = (singular.get(_singular(match[part])) for part in ("owner", "owned"))
            if owner and owned:
                found.setdefault(owned, []).append(owner)
    return found


def _with_columns(name: str, names: list[str], given: list[str] | None, told: dict[str, list[str]]) -> Table:
    refs = list(dict.fromkeys([*told.get(name, ()), *_refs(name, names, given)]))
    keys = [f"{_singular(ref)}_id fk" for ref in refs]
    if given:
        known = {"id", *(key.split()[0] for key in keys)}
        own = [column if " " in column else f"{column} text" for column in given if column.split()[0] not in known]
    else:
        words = [_singular(word) for word in name.split("_")]
        own = list(
            next(
                (USUAL_COLUMNS[word] for word in reversed(words) if word in USUAL_COLUMNS),
                ("name text", "created_at date"),
            )
        )
    return Table(name, ("id pk", *keys, *own)[:MAX_COLUMNS], tuple(refs))


def _refs(name: str, names: list[str], given: list[str] | None) -> list[str]:
    """Tables that its columns name (customer_id), or that are part of its name, or that its kind usually belongs to."""
    others = {_singular(other): other for other in names if other != name}
    if given:
        columns = [column.split()[0] for column in given]
        return [other for single, other in others.items() if f"{single}_id" in columns]
    parts = [_singular(part) for part in name.split("_")]
    if inside := [other for single, other in others.items() if single in parts]:
        return inside
    owners = OWNERS.get(parts[-1], ())
    return [others[owner] for owner in owners if owner in others][:2]


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
    arrow(canvas, points, color)
    dot(canvas, points[0], canvas.palette.accent)


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
