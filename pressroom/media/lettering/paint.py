"""Words and logo on a picture, in colours that read there: panel or veil, letters, logo."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.media.geometry import Box
from pressroom.media.lettering.arrange import Arranged
from pressroom.media.lettering.ground import Ground
from pressroom.media.lettering.layer import Layer, add_burst, burst_color, button_color, layer_of
from pressroom.media.lettering.logo import lay_logo
from pressroom.media.lettering.panel import ground_on, panel_of
from pressroom.media.lettering.scrim import lay_scrim, mean_color, pixels_under, plan_ground, worst_contrast
from pressroom.media.typography.fonts import with_fallbacks
from pressroom.media.vector.render import render_svg
from pressroom.media.vector.template import fill_template

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Colors:
    """#rrggbb: the two inks to choose from, an ink that is asked for, the accent, and the panel's colour."""

    light: str
    dark: str
    text: str | None = None
    accent: str | None = None
    panel: str = "#ffffff"


def painted(
    picture: Image,
    arranged: Arranged,
    style: str,
    colors: Colors,
    scrim: str,
    logo: Image | None,
    templates: Path,
    subjects: Sequence[Box] = (),
) -> tuple[Image, Ground]:
    """The finished picture and what was decided about the ground. A veil keeps off `subjects`."""
    from PIL import Image as Images

    panel = panel_of([piece.box for piece in arranged.pieces], style, arranged.position, picture.size)
    if panel is not None:
        ground, under, veiled = ground_on(colors.panel, colors.light, colors.dark, colors.text), colors.panel, picture
    else:
        veiled, ground, under = _veiled(picture, arranged, colors, scrim, subjects)
    accent = button_color(colors.accent, under, ground.text)
    layer = layer_of(arranged.pieces, arranged.align, ground.text, under, accent, panel=panel)
    if arranged.burst is not None:
        beneath = mean_color(pixels_under(veiled, [arranged.burst.box]))
        add_burst(layer, arranged.burst, burst_color(colors.accent, beneath, (colors.light, colors.dark)))
    finished = Images.alpha_composite(veiled.convert("RGBA"), _rendered(layer, picture.size, templates))
    for piece in arranged.pieces:
        if piece.role == "logo" and logo is not None:
            lay_logo(finished, logo, piece.box, under, ground.text)
    return (finished if picture.mode == "RGBA" else finished.convert("RGB")), ground


def _veiled(
    picture: Image, arranged: Arranged, colors: Colors, scrim: str, subjects: Sequence[Box]
) -> tuple[Image, Ground, str]:
    """The picture with its scrim where it needs one, the ground, and the mean colour under the words."""
    boxes = [piece.box for piece in arranged.pieces]
    ground = plan_ground(picture, boxes, colors.light, colors.dark, color=colors.text, scrim=scrim)
    veiled = lay_scrim(picture, boxes, ground, arranged.position, subjects)
    pixels = pixels_under(veiled, boxes)
    return veiled, replace(ground, contrast=worst_contrast(pixels, ground.text)), mean_color(pixels)


def _rendered(layer: Layer, size: tuple[int, int], templates: Path) -> Image:
    """Letters and shapes as RGBA."""
    from PIL import Image as Images

    svg = fill_template(
        templates, "overlay.svg.j2", width=size[0], height=size[1], shapes=layer.shapes, texts=layer.texts
    )
    with Images.open(io.BytesIO(render_svg(svg, *size, with_fallbacks([])))) as image:
        return image.convert("RGBA")
