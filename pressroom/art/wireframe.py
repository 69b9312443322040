"""A wireframe: a browser window, or a phone on tall canvases, with the widgets that the prompt names."""

from __future__ import annotations

from pressroom.art.brief import Brief
from pressroom.art.diagram import card, columns_for
from pressroom.art.widgets import WIDGETS, lines
from pressroom.art.wording import headline_of, words_of
from pressroom.media.color.spaces import mix, readable_on
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas
from pressroom.media.vector.shapes import circle, rectangle

MAX_WIDGETS = 6
DEFAULT_WIDGETS = ("image", "chart", "list")
PHONE_RATIO = 0.8
PHONE_WORDS = frozenset(["mobile", "phone", "smartphone", "iphone", "android", "ios"])
SCREEN_WORDS = frozenset(["desktop", "browser", "website", "webpage", "laptop", "monitor"])


def draw(canvas: Canvas, brief: Brief) -> None:
    palette, unit = canvas.palette, canvas.unit
    canvas.add(rectangle(canvas.box), mix(palette.background, palette.primary, 0.16))
    phone = is_phone(brief.prompt, canvas.ratio)
    frame = _phone_frame(canvas) if phone else canvas.box.inset(unit * 0.06)
    card(canvas, frame, palette.surface, mix(palette.ink, palette.background, 0.6), unit * (0.05 if phone else 0.018))
    bar = Box(frame.x, frame.y, frame.width, min(frame.height * 0.09, unit * 0.06))
    _chrome(canvas, bar, phone)
    page = Box(frame.x, bar.bottom, frame.width, frame.bottom - bar.bottom).inset(unit * 0.04, unit * 0.032)
    _page(canvas, brief, page, phone)


def widgets_of(prompt: str) -> list[str]:
    """The widgets that the prompt names, in its order; three usual ones where it names none."""
    words = [word.rstrip("s") for word in words_of(prompt)]
    named = [name for word in words for name, (known, _) in WIDGETS.items() if word in known]
    return list(dict.fromkeys(named))[:MAX_WIDGETS] or list(DEFAULT_WIDGETS)


def is_phone(prompt: str, ratio: float) -> bool:
    """What the prompt calls it; where it says nothing, tall canvases show a phone."""
    words = set(words_of(prompt))
    return bool(words & PHONE_WORDS) or (ratio < PHONE_RATIO and not words & SCREEN_WORDS)


def _phone_frame(canvas: Canvas) -> Box:
    margin = canvas.unit * 0.06
    height = canvas.height - 2 * margin
    width = min(canvas.width - 2 * margin, height * (0.62 if canvas.ratio < PHONE_RATIO else 0.52))
    return Box((canvas.width - width) / 2, margin, width, height)


def _chrome(canvas: Canvas, bar: Box, phone: bool) -> None:
    palette = canvas.palette
    quiet = mix(palette.surface, palette.ink, 0.16)
    if phone:
        canvas.panel(
            Box(bar.x + bar.width * 0.36, bar.y + bar.height * 0.34, bar.width * 0.28, bar.height * 0.3),
            quiet,
            bar.height,
        )
        return
    radius = bar.height * 0.14
    for index, color in enumerate((palette.accent, palette.secondary, palette.primary)):
        canvas.add(circle(bar.x + bar.height * (0.55 + 0.5 * index), bar.y + bar.height / 2, radius), color)
    canvas.panel(
        Box(bar.x + bar.height * 2.2, bar.y + bar.height * 0.24, bar.width * 0.46, bar.height * 0.52), quiet, bar.height
    )
    canvas.panel(Box(bar.x, bar.bottom - 1, bar.width, max(1.0, canvas.unit * 0.002)), quiet)


def _page(canvas: Canvas, brief: Brief, page: Box, phone: bool) -> None:
    unit = canvas.unit
    names = widgets_of(brief.prompt)
    nav = Box(page.x, page.y, page.width, min(unit * 0.05, page.height * 0.09))
    _navigation(canvas, nav, phone)
    body = Box(page.x, nav.bottom + unit * 0.035, page.width, page.bottom - nav.bottom - unit * 0.035)
    beside = page.width > page.height * 1.2
    if beside:
        hero = Box(body.x, body.y, body.width * 0.36, body.height)
        rest = Box(hero.right + unit * 0.05, body.y, body.width - hero.width - unit * 0.05, body.height)
    else:
        hero = Box(body.x, body.y, body.width, body.height * 0.3)
        rest = Box(body.x, hero.bottom + unit * 0.03, body.width, body.bottom - hero.bottom - unit * 0.03)
    _hero(canvas, brief, hero)
    _grid(canvas, names, rest)


def _navigation(canvas: Canvas, nav: Box, phone: bool) -> None:
    palette = canvas.palette
    quiet = mix(palette.surface, palette.ink, 0.22)
    side = nav.height * 0.72
    middle = nav.y + nav.height / 2
    canvas.panel(Box(nav.x, middle - side / 2, side, side), palette.primary, side * 0.25)
    canvas.panel(
        Box(nav.x + side * 1.4, middle - side * 0.17, side * 2.6, side * 0.34), mix(quiet, palette.ink, 0.3), side
    )
    if phone:
        for step in (-1, 0, 1):
            canvas.panel(
                Box(nav.right - side, middle + step * side * 0.28 - side * 0.06, side, side * 0.12), palette.ink, side
            )
        return
    for index in range(3):
        canvas.panel(
            Box(nav.right - side * (4.2 + 2.3 * index), middle - side * 0.14, side * 1.6, side * 0.28), quiet, side
        )
    canvas.panel(Box(nav.right - side * 2.2, middle - side * 0.45, side * 2.2, side * 0.9), palette.primary, side)


def _hero(canvas: Canvas, brief: Brief, hero: Box) -> None:
    palette, fonts, unit = canvas.palette, canvas.fonts, canvas.unit
    title = Box(hero.x, hero.y + hero.height * 0.04, hero.width, hero.height * 0.46)
    placed = canvas.write(
        brief.headline or headline_of(brief.prompt), fonts.heading, title, largest=unit * 0.066, color=palette.ink,
        on=palette.surface, role="title", max_lines=4, leading=1.1,
    )  # fmt: skip
    top = placed.box.bottom + unit * 0.03 if placed else title.y
    subtitle = canvas.write(
        brief.subtitle if brief.titled else "", fonts.body, Box(hero.x, top, hero.width, hero.height * 0.16),
        largest=unit * 0.028,
        color=palette.muted, on=palette.surface, role="subtitle", max_lines=3,
    )  # fmt: skip
    tall = min(hero.height * 0.18, unit * 0.07)
    if subtitle is None:
        room = Box(hero.x, top, hero.width, min(unit * 0.09, hero.bottom - tall * 1.5 - top))
        lines(canvas, room, 3 if room.height > unit * 0.06 else 2)
    button = Box(hero.x, min(hero.bottom - tall, top + unit * 0.13), min(hero.width * 0.44, tall * 3.2), tall)
    canvas.panel(button, palette.primary, tall / 2)
    quiet = readable_on(palette.primary, palette.surface)
    canvas.panel(
        Box(button.x + button.width * 0.26, button.y + tall * 0.42, button.width * 0.48, tall * 0.16), quiet, tall
    )
    below = button.bottom + unit * 0.05
    if hero.bottom - below > unit * 0.16:
        WIDGETS["image"][1](canvas, Box(hero.x, below, hero.width, hero.bottom - below))


def _grid(canvas: Canvas, names: list[str], area: Box) -> None:
    unit, palette = canvas.unit, canvas.palette
    columns = columns_for(len(names), area, 1.3)
    rows = -(-len(names) // columns)
    gap = unit * 0.03
    height = (area.height - gap * (rows - 1)) / rows
    for index, name in enumerate(names):
        row, column = divmod(index, columns)
        here = min(columns, len(names) - row * columns)
        width = (area.width - gap * (here - 1)) / here
        box = Box(area.x + column * (width + gap), area.y + row * (height + gap), width, height)
        ground = mix(palette.surface, palette.primary, 0.07)
        canvas.add(
            rectangle(box, unit * 0.014), ground, stroke=mix(palette.surface, palette.ink, 0.22),
            stroke_width=max(1.0, unit * 0.002),
        )  # fmt: skip
        inner = box.inset(min(box.width, box.height) * 0.1)
        tall = min(inner.height * 0.16, unit * 0.032)
        canvas.write(
            name.capitalize(), canvas.fonts.strong, Box(inner.x, inner.y, inner.width, tall), largest=tall * 0.9,
            color=palette.ink, on=ground, role="widget",
        )  # fmt: skip
        WIDGETS[name][1](canvas, Box(inner.x, inner.y + tall * 1.6, inner.width, inner.height - tall * 1.6))
