"""What drawings share: a sheet with a title, named things read out of the prompt, cards and arrows."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from pressroom.art.brief import Brief
from pressroom.media.color.spaces import mix
from pressroom.media.geometry import Box, Point
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, line, polygon, rectangle

_ARROW = re.compile(r"\s*(?:-+>|=+>|→|⇒)\s*")
_THEN = re.compile(r"\s*[,;\n]\s*(?:and\s+)?(?:then\s+)?|\s+(?:and\s+)?then\s+|\.\s+", re.IGNORECASE)
_LIST = re.compile(r"\s*[,;\n]\s*(?:and\s+)?|\s+and\s+|\s+with\s+|\s*\+\s*|\.\s+", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|\s)(?:step\s)?\d{1,2}[.):]\s+", re.IGNORECASE)
_KIND_WITH = re.compile(
    r"\b(?:flow\s*chart|flow|process|workflow|journey|funnel|pipeline|procedure|onboarding)\b[^.:]*?\s(?P<link>with|of|from|through|including)\s+"
    r"(?P<rest>.+)$",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"^(?:(?:an?|the)\s+)?(?:[\w-]+\s+){0,2}?(?:flow\s*chart|flow\s+diagram|flow|diagram|process|workflow|schema|"
    r"architecture|database|wireframe|erd?)\b(?:\s+(?:diagram|schema|chart))?\s*(?:of|for|about|showing|with)?\s*"
    r"(?:an?\s+|the\s+|our\s+)?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|some|our|its|finally|first|next)\s+", re.IGNORECASE)
MAX_NAME_CHARACTERS = 48


@dataclass(frozen=True, slots=True)
class Named:
    """A drawing's title (may be empty), the things in it, and those that there is no room for."""

    title: str
    items: tuple[str, ...]
    lost: tuple[str, ...] = ()


def steps_of(prompt: str, most: int) -> Named:
    """What happens one after the other: split at arrows where there are any, else at commas and 'then'."""
    title, rest = _titled(prompt)
    if _ARROW.search(rest):
        return _names(title, _ARROW.split(rest), most)
    # "checkout flow with cart, payment and delivery", "journey from ad to purchase": steps without a list of their own
    if not title and (listed := _KIND_WITH.search(rest)):
        parts = _LIST.split(listed["rest"])
        if listed["link"].lower() == "from" and len(parts) == 1:
            parts = re.split(r"\s+to\s+", parts[0])
        return _names("", parts if len(parts) > 1 else [], most)
    if len(numbered := [part for part in _NUMBERED.split(rest) if part.strip()]) > 1:
        return _names(title, numbered if _NUMBERED.match(rest) else numbered[1:], most)
    if title or len(_THEN.split(rest)) > 1:
        return _names(title, _THEN.split(rest), most)
    return Named("", ())


def things_of(prompt: str, most: int) -> Named:
    """The parts that are listed: split at commas, 'and', 'with' and arrows."""
    title, rest = _titled(prompt)
    if not title:
        rest = _KIND.sub("", rest, count=1) or rest
    return _names(title, [part for piece in _ARROW.split(rest) for part in _LIST.split(piece)], most)


def _titled(prompt: str) -> tuple[str, str]:
    """'Checkout flow: cart -> pay' is a title and a list; so is only the list."""
    head, colon, tail = prompt.partition(":")
    if colon and tail.strip() and len(head.split()) <= 8 and not _ARROW.search(head) and "," not in head:
        title = head.strip()
        return title[:1].upper() + title[1:], tail.strip()
    return "", prompt.strip()


def _names(title: str, parts: list[str], most: int) -> Named:
    names: dict[str, None] = {}
    lost: list[str] = []
    for part in parts:
        name = _ARTICLE.sub("", part.strip(" .:-\t")).strip()
        if name:
            whole = name[:1].upper() + name[1:]
            names[short := _shortened(whole)] = None
            lost += [whole[len(short) :].strip()] if short != whole else []
    return Named(title, tuple(names)[:most], (*tuple(names)[most:], *lost))


def _shortened(name: str) -> str:
    """At most as many whole words as a card holds."""
    while len(name) > MAX_NAME_CHARACTERS and " " in name:
        name = name.rpartition(" ")[0]
    return name[:MAX_NAME_CHARACTERS]


def sheet(canvas: Canvas, brief: Brief, title: str) -> Box:
    """Ground and heading; gives the area that is left for the drawing."""
    palette, fonts, unit = canvas.palette, canvas.fonts, canvas.unit
    canvas.add(rectangle(canvas.box), palette.background)
    area = canvas.box.inset(unit * 0.065)
    heading = brief.headline if brief.titled else title
    if not heading:
        return area
    head = Box(area.x, area.y, area.width, unit * 0.085)
    placed = canvas.write(
        heading, fonts.heading, head, largest=unit * 0.055, color=palette.ink, on=palette.background, role="title",
        max_lines=2, leading=1.1,
    )  # fmt: skip
    used = placed.box.height if placed else 0.0
    if brief.titled and brief.subtitle:
        line_box = Box(area.x, area.y + used + unit * 0.018, area.width, unit * 0.04)
        note = canvas.write(
            brief.subtitle, fonts.body, line_box, largest=unit * 0.026, color=palette.muted, on=palette.background,
            role="subtitle",
        )  # fmt: skip
        used += note.box.height + unit * 0.018 if note else 0.0
    top = area.y + used + unit * 0.05
    return Box(area.x, top, area.width, area.bottom - top)


def columns_for(count: int, area: Box, cell_ratio: float) -> int:
    """How many columns let `count` cells of about `cell_ratio` (width to height) fill the area best."""

    def size(columns: int) -> float:
        rows = math.ceil(count / columns)
        width, height = area.width / columns, area.height / rows
        return min(width, height * cell_ratio) - 0.01 * (columns * rows - count)

    return max(range(1, count + 1), key=size)


def card(canvas: Canvas, box: Box, fill: str, edge: str, radius: float) -> None:
    """A rounded card with a soft shadow made of two faint copies: no filter, so it costs nothing."""
    unit = canvas.unit
    for drop in (0.008, 0.004):
        low = Box(box.x, box.y + unit * drop, box.width, box.height)
        canvas.panel(low.inset(-unit * drop * 0.3), "#000000", radius + unit * drop, opacity=0.05)
    canvas.add(rectangle(box, radius), fill, stroke=edge, stroke_width=max(1.0, unit * 0.002))


def label(canvas: Canvas, text: str, box: Box, color: str, on: str, largest: float, role: str = "label") -> None:
    canvas.write(
        text, canvas.fonts.strong, box, largest=largest, color=color, on=on, role=role, max_lines=4, leading=1.18,
        align="middle", valign="middle",
    )  # fmt: skip


def arrow(canvas: Canvas, points: list[Point], color: str, *, dash: str = "") -> None:
    """A line through the points with a head at its end."""
    wide = max(1.5, canvas.unit * 0.0045)
    (x0, y0), (x1, y1) = points[-2:]
    angle = math.atan2(y1 - y0, x1 - x0)
    size = wide * 4.2
    back = x1 - math.cos(angle) * size * 0.8, y1 - math.sin(angle) * size * 0.8
    canvas.add(line([*points[:-1], back]), stroke=color, stroke_width=wide, dash=dash)
    wings = [(x1 - math.cos(angle + turn) * size, y1 - math.sin(angle + turn) * size) for turn in (0.45, -0.45)]
    canvas.add(polygon([(x1, y1), *wings]), color)


def dot(canvas: Canvas, point: Point, color: str) -> None:
    canvas.add(circle(*point, max(2.0, canvas.unit * 0.007)), color)


def tint(canvas: Canvas, color: str, share: float) -> str:
    """The colour thinned with the ground of a card."""
    return mix(canvas.palette.surface, color, share)
