"""Draw every template once and lay the pictures out as docs/images/gallery.jpg.

python docs/make_gallery.py
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pressroom.art.brief import read_brief  # noqa: E402 - the checkout is put on the path first
from pressroom.art.gallery import TEMPLATES, draw_picture, family_of  # noqa: E402
from pressroom.art.template import Template  # noqa: E402
from pressroom.domain.operation import Brand  # noqa: E402
from pressroom.media.typography.fonts import find_font, with_fallbacks  # noqa: E402
from pressroom.media.typography.typefaces import fonts_for  # noqa: E402
from pressroom.media.vector.render import render_svg  # noqa: E402
from pressroom.media.vector.template import fill_template  # noqa: E402
from pressroom.operations.generate_image import TEMPLATES as FOLDER  # noqa: E402

TARGET: Final = ROOT / "docs" / "images" / "gallery.jpg"
SIZE: Final = (1080, 1350)
THUMB: Final = (192, 240)
COLUMNS: Final = 10
GAP: Final = 14
LABEL: Final = 22
PROMPTS: Final = {
    "wireframe": "wireframe of a tracking page with a map, a timeline, a chart and a help button",
    "flow": "order placed -> payment checked -> in stock? -> parcel packed -> courier -> delivered",
    "database": "shop: customers, orders, order_items, products",
    "architecture": "web shop, api gateway, order service, worker, postgres database, message queue",
    "sale": "Summer sale: 50% off",
    "quote": 'quote "The details are not the details. They make the design." - Charles Eames',
    "event": "Open studio night, 14 June, 7 pm",
    "poster": "Summer starts here",
}


def thumbnail(template: Template, seed: int) -> Image.Image:
    brief = read_brief(PROMPTS.get(template.family, template.summary), None)
    fonts = fonts_for(Brand(), {}, template.fonts[seed % len(template.fonts)])
    canvas = draw_picture(template, brief, SIZE, seed, {}, fonts)
    svg = fill_template(FOLDER, "picture.svg.j2", canvas=canvas, title=template.name)
    png = render_svg(svg, *SIZE, with_fallbacks(fonts.all()))
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB").resize(THUMB, Image.Resampling.LANCZOS, reducing_gap=3)


def main() -> None:
    rows = -(-len(TEMPLATES) // COLUMNS)
    width = COLUMNS * (THUMB[0] + GAP) + GAP
    sheet = Image.new("RGB", (width, rows * (THUMB[1] + LABEL + GAP) + GAP), "#f4f4f2")
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype(find_font("inter").path, 13)
    for index, template in enumerate(
        sorted(TEMPLATES, key=lambda item: (family_of(item).drawing, item.family, item.name))
    ):
        row, column = divmod(index, COLUMNS)
        x, y = GAP + column * (THUMB[0] + GAP), GAP + row * (THUMB[1] + LABEL + GAP)
        sheet.paste(thumbnail(template, index), (x, y))
        pen.text((x, y + THUMB[1] + 4), template.name, fill="#333333", font=font)
    sheet.save(TARGET, quality=70, optimize=True, progressive=True)
    print(f"{TARGET.relative_to(ROOT)}: {len(TEMPLATES)} templates, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
