"""The words of a picture that is mostly picture: a title and a subtitle on quiet ground, or on a panel of their own."""

from __future__ import annotations

from collections.abc import Sequence

from pressroom.media.art.brief import Brief
from pressroom.media.art.canvas import Canvas
from pressroom.media.art.shapes import Box
from pressroom.media.color import AA_NORMAL, contrast, readable_on


def caption(canvas: Canvas, brief: Brief, area: Box, grounds: Sequence[str], align: str = "middle") -> None:
    """Title and subtitle in the area; nothing when the brief has no words of its own."""
    if not brief.explicit or not (brief.headline or brief.subtitle):
        return
    color = readable_on(tuple(grounds), canvas.palette.ink)
    if min(contrast(color, ground) for ground in grounds) < AA_NORMAL:
        panel = canvas.palette.surface
        canvas.panel(area.inset(-canvas.unit * 0.03), panel, canvas.unit * 0.03)
        grounds, color = (panel,), canvas.palette.ink
    share = 0.66 if brief.subtitle else 1.0
    title = Box(area.x, area.y, area.width, area.height * share)
    rest = Box(area.x, area.y + area.height * 0.74, area.width, area.height * 0.26)
    canvas.write(
        brief.headline, canvas.fonts.heading, title, largest=canvas.unit * 0.12, color=color, on=tuple(grounds),
        role="title", max_lines=3, leading=1.08, align=align, valign="bottom" if brief.subtitle else "middle",
    )  # fmt: skip
    canvas.write(
        brief.subtitle, canvas.fonts.body, rest, largest=canvas.unit * 0.042, color=color, on=tuple(grounds),
        role="subtitle", max_lines=2, align=align,
    )  # fmt: skip
