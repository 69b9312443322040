"""Every template of the free tier, and the one call that draws a picture."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from pressroom.art import (
    abstract,
    architecture,
    database,
    event,
    fields,
    flow,
    geometric,
    gradient,
    landscape,
    pattern,
    poster,
    quote,
    sale,
    stage,
    wireframe,
)
from pressroom.art.brief import Brief
from pressroom.art.moods import mood_of
from pressroom.art.template import Family, Template
from pressroom.domain.suggest import nearest
from pressroom.media.color.palette import Colorway, Palette, colorways, make_palette
from pressroom.media.geometry import Box
from pressroom.media.typography.typefaces import Fonts
from pressroom.media.vector.canvas import Canvas


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In the order in which a tie between them is decided.
FAMILIES: Final = (
    Family(
        "wireframe", "A page or a phone screen with the widgets that the prompt names.",
        _words("wireframe mockup ui ux screen dashboard webpage website app landing login form signup homepage page"),
        drawing=True, needs=_words("wireframe mockup ui ux screen dashboard webpage homepage page"),
    ),
    Family(
        "flow", "Steps in reading order, joined by arrows; questions become diamonds.",
        _words("flow flowchart process workflow steps journey funnel pipeline procedure onboarding"), drawing=True,
        needs=_words("flow flowchart workflow funnel pipeline procedure process"),
    ),
    Family(
        "database", "Tables with columns and keys, joined where one names another.",
        _words("database schema erd er tables sql entities relational"), drawing=True,
        needs=_words("database schema erd sql entities relational"),
    ),
    Family(
        "architecture", "Components in layers, from what people touch down to what keeps the data.",
        _words("architecture microservices infrastructure system backend services layers deployment cloud api components"),
        drawing=True, needs=_words("architecture microservices infrastructure"),
    ),
    Family(
        "sale", "The offer is the picture.",
        _words("sale discount clearance deal deals offer offers coupon voucher promo promotion bargain reduced"),
    ),
    Family(
        "quote", "Words to be read, and who said them.",
        _words("quote quotation saying testimonial review motto proverb"),
    ),
    Family(
        "event", "What, when and where.",
        _words(
            "event concert festival party birthday workshop conference meetup webinar wedding exhibition gig market fair "
            "invitation rsvp celebration opening tour live class tickets doors"
        ),
    ),
    Family(
        "product_stage", "An empty set for a product, lit from one side.",
        _words(
            "product stage podium podiums pedestal studio packshot backdrop scene tabletop shelf plinth bottle display showcase "
            "niche set stand"
        ), scenic=True,
    ),
    Family(
        "landscape", "Layers of land or sea, paler with distance.",
        _words(
            "landscape mountain mountains peaks alps hills hill valley sea ocean beach sunrise sunset horizon nature desert "
            "dunes outdoor lake coast island boat sailing hiking forest panorama"
        ), scenic=True,
    ),
    Family(
        "pattern", "Small motifs that repeat over the whole canvas.",
        _words("pattern texture seamless wallpaper print fabric textile wrapping tileable repeat motif halftone terrazzo"),
        scenic=True,
    ),
    Family(
        "geometric", "Strict grids of plain figures.",
        _words("geometric bauhaus tiles mosaic shapes polygon polygons triangles cubes isometric grid squares blocks lowpoly"),
        scenic=True,
    ),
    Family(
        "abstract", "Free forms with room for words.",
        _words("abstract waves wavy organic blobs fluid flowing layered papercut contour topographic topography collage"),
        scenic=True,
    ),
    Family(
        "gradient", "Melting colour.",
        _words("gradient background blur mesh aurora soft bokeh ambient smooth glow glass silk haze backdrop"),
        scenic=True,
    ),
    Family(
        "poster", "A headline set large, with bold flat shapes.",
        _words("poster ad advert announcement launch headline flyer banner campaign cover hiring news"),
    ),
)  # fmt: skip

_OFFER = ("offer", "title", "subtitle", "brand")
_QUOTE = ("title", "subtitle", "brand")
_EVENT = ("title", "subtitle", "date", "time", "brand")
_POSTER = ("title", "subtitle", "brand")
_LOUD = ("oswald", "space-grotesk", "inter")
_WARM = ("fraunces", "space-grotesk")
_CALM = ("space-grotesk", "fraunces", "inter")

TEMPLATES: Final = (
    Template("wireframe", "wireframe", "A browser window, or a phone on tall canvases.", wireframe.draw, fonts=("inter",)),
    Template("flow", "flow", "Boxes, diamonds and arrows.", flow.draw, fonts=("inter",)),
    Template("database", "database", "An entity-relationship drawing.", database.draw, fonts=("inter",)),
    Template("architecture", "architecture", "Layers of components.", architecture.draw, fonts=("inter",)),
    Template(
        "poster_tiles", "poster", "A field of tiles beside the words.", poster.field(fields.tiles),
        _words("tiles mosaic geometric"), _POSTER, fonts=_LOUD,
    ),
    Template(
        "poster_rings", "poster", "Concentric discs beside the words.", poster.field(fields.rings),
        _words("rings circles sound radio music record target"), _POSTER, fonts=_LOUD,
    ),
    Template(
        "poster_quarters", "poster", "Huge quarter discs beside the words.", poster.field(fields.quarters),
        _words("bauhaus modernist quarter"), _POSTER, fonts=_LOUD,
    ),
    Template(
        "poster_bands", "poster", "Leaning stripes beside the words.", poster.field(fields.bands),
        _words("stripes speed sport running race diagonal"), _POSTER, fonts=_LOUD,
    ),
    Template(
        "poster_cutouts", "poster", "Leaves and pebbles of cut paper beside the words.", poster.field(fields.cutouts),
        _words("garden plants leaves botanical organic food bakery spring"), _POSTER, fonts=_WARM,
    ),
    Template(
        "poster_swiss", "poster", "Type on a strict grid, one large figure cut by the edge.", poster.swiss,
        _words("swiss minimal minimalist typographic grid design"), _POSTER, fonts=("inter", "space-grotesk"),
    ),
    Template(
        "poster_type", "poster", "The headline alone, as large as it goes, in a frame.", poster.typographic,
        _words("typography type lettering bold text hiring news"), _POSTER, fonts=_LOUD,
    ),
    Template(
        "poster_arches", "poster", "Nested arches rise from the foot.", poster.arches,
        _words("arch arches rainbow arcade boho"), _POSTER, fonts=_WARM,
    ),
    Template(
        "poster_horizon", "poster", "A striped sun over water.", poster.horizon,
        _words("sun summer sunset beach travel holiday retro synthwave"), _POSTER, fonts=_LOUD,
    ),
    Template(
        "sale_burst", "sale", "A seal with the offer on rays.", sale.burst,
        _words("burst badge seal mega flash"), _OFFER, fonts=_LOUD
    ),
    Template(
        "sale_block", "sale", "The offer on one field of colour, the words on the other.", sale.block,
        _words("black friday cyber monday clearance bold block"), _OFFER, fonts=_LOUD,
    ),
    Template(
        "sale_coupon", "sale", "A ticket with a perforated stub.", sale.coupon,
        _words("coupon voucher code ticket gift"), _OFFER, fonts=_LOUD
    ),
    Template("sale_tag", "sale", "A price tag on a string.", sale.tag, _words("tag price label from only"), _OFFER, fonts=_LOUD),
    Template(
        "quote_marks", "quote", "Large quotation marks over the words.", quote.mark, _words("quote saying"), _QUOTE, fonts=_WARM
    ),
    Template(
        "quote_card", "quote", "A sheet of paper on a soft ground.", quote.card,
        _words("testimonial review customer card"), _QUOTE,
        fonts=_WARM,
    ),
    Template(
        "quote_column", "quote", "A column of shapes beside the words.", quote.column,
        _words("motto proverb column"), _QUOTE, fonts=_WARM
    ),
    Template(
        "event_date", "event", "The date as a figure of its own.", event.calendar,
        _words("conference workshop webinar meetup exhibition market class"), _EVENT, fonts=_LOUD,
    ),
    Template(
        "event_beams", "event", "Spotlights over a dark stage.", event.beams,
        _words("concert festival gig live show club dj night band tour stage"), _EVENT, fonts=_LOUD,
    ),
    Template(
        "event_confetti", "event", "Confetti around a clear middle.", event.confetti,
        _words("party birthday wedding celebration anniversary invitation opening"), _EVENT, fonts=_WARM,
    ),
    Template(
        "stage_plinth", "product_stage", "A round plinth before an arch, a disc or panels.", stage.plinth,
        _words("plinth pedestal arch"),
        fonts=_CALM,
    ),
    Template(
        "stage_steps", "product_stage", "Three blocks of different height.", stage.steps,
        _words("steps blocks winners podium shelf"),
        fonts=_CALM,
    ),
    Template(
        "stage_niche", "product_stage", "A lit niche in the wall.", stage.niche,
        _words("niche alcove luxury elegant perfume"), fonts=_CALM
    ),
    Template(
        "stage_window", "product_stage", "Late light through a window.", stage.window,
        _words("window light sunlight morning natural shadow"),
        fonts=_CALM,
    ),
    Template(
        "stage_columns", "product_stage", "Round columns before a disc of light.", stage.podiums,
        _words("columns podiums group trio collection"),
        fonts=_CALM,
    ),
    Template(
        "gradient_mesh", "gradient", "Soft lights that melt into each other.",
        gradient.mesh, _words("mesh blur soft bokeh"), fonts=_CALM,
    ),
    Template(
        "gradient_aurora", "gradient", "Curtains of light.",
        gradient.aurora, _words("aurora night sky northern curtain"), fonts=_CALM,
    ),
    Template(
        "gradient_orbs", "gradient", "Glass discs over a gradient.",
        gradient.orbs, _words("glass orbs bubbles glassmorphism spheres"), fonts=_CALM,
    ),
    Template(
        "gradient_folds", "gradient", "Soft folds like draped cloth.",
        gradient.folds, _words("silk folds cloth fabric drape satin"), fonts=_CALM,
    ),
    Template(
        "abstract_waves", "abstract", "Ribbons that flow across the sheet.",
        abstract.waves, _words("waves wavy flowing fluid ribbon"), fonts=_CALM,
    ),
    Template(
        "abstract_paper", "abstract", "Cut paper in layers.",
        abstract.paper, _words("papercut paper layered layers depth cut"), fonts=_CALM,
    ),
    Template(
        "abstract_cutouts", "abstract", "Pebbles and fronds around an open middle.",
        abstract.cutouts, _words("organic blobs leaves collage cutouts"), fonts=_WARM,
    ),
    Template(
        "abstract_contours", "abstract", "Lines of equal height, as on a map.",
        abstract.contours, _words("contour topographic topography map lines"), fonts=_CALM,
    ),
    Template(
        "abstract_fan", "abstract", "A folded fan that opens from a corner.",
        abstract.fan, _words("fan rays folded dynamic energy radiating"), fonts=_CALM,
    ),
    Template(
        "geometric_tiles", "geometric", "Quarter discs, leaves and rings.",
        geometric.tiles, _words("tiles mosaic calm"), fonts=_CALM,
    ),
    Template(
        "geometric_bauhaus", "geometric", "Large figures in balance.",
        geometric.bauhaus, _words("bauhaus shapes modernist"), fonts=_CALM,
    ),
    Template(
        "geometric_facets", "geometric", "A folded sheet of triangles.",
        geometric.facets, _words("facets triangles polygon polygons lowpoly poly crystal"), fonts=_CALM,
    ),
    Template("geometric_cubes", "geometric", "Isometric blocks.", geometric.cubes, _words("cubes isometric blocks"), fonts=_CALM),
    Template("pattern_halftone", "pattern", "Dots that swell.", pattern.halftone, _words("halftone dots comic pop"), fonts=_CALM),
    Template(
        "pattern_terrazzo", "pattern", "Chips of stone.",
        pattern.terrazzo, _words("terrazzo stone marble texture"), fonts=_CALM,
    ),
    Template(
        "pattern_scales", "pattern", "Nested arcs like waves.",
        pattern.scales, _words("scales seigaiha japanese fish arcs"), fonts=_CALM,
    ),
    Template(
        "pattern_botanical", "pattern", "Fronds, leaves and berries.",
        pattern.botanical, _words("botanical leaves floral flowers plants"), fonts=_WARM,
    ),
    Template(
        "pattern_memphis", "pattern", "Squiggles, rings and crosses.",
        pattern.memphis, _words("memphis eighties 80s playful confetti fun"), fonts=_CALM,
    ),
    Template(
        "pattern_weave", "pattern", "Ribbons over and under.",
        pattern.weave, _words("weave woven textile fabric basket"), fonts=_CALM,
    ),
    Template(
        "pattern_ripples", "pattern", "Fine parallel waves.",
        pattern.ripples, _words("ripples lines banknote guilloche water"), fonts=_CALM,
    ),
    Template(
        "landscape_hills", "landscape", "Hills behind hills.",
        landscape.hills, _words("hills hill valley misty nature"), fonts=_WARM,
    ),
    Template(
        "landscape_peaks", "landscape", "Mountains with snow over a forest.",
        landscape.peaks, _words("mountain mountains peaks alps hiking forest snow winter"), fonts=_WARM,
    ),
    Template(
        "landscape_sea", "landscape", "Open water under a low sun.",
        landscape.sea, _words("sea ocean beach coast island boat sailing lake water"), fonts=_WARM,
    ),
    Template(
        "landscape_dunes", "landscape", "Long dunes with sharp crests.",
        landscape.dunes, _words("desert dunes sand sahara"), fonts=_WARM,
    ),
)  # fmt: skip

_BY_NAME: Final = {template.name: template for template in TEMPLATES}
_FAMILY: Final = {family.name: family for family in FAMILIES}


def style_names() -> tuple[str, ...]:
    """What a campaign may write as `style`: auto, the families, then single templates."""
    return tuple(dict.fromkeys(["auto", *_FAMILY, *_BY_NAME]))


def unknown_style(name: str) -> str:
    """What is wrong with a style that there is not; empty for one that there is."""
    names = style_names()
    if name in names:
        return ""
    near = nearest(name.lower().replace("-", "_").replace(" ", "_"), names, 0.5)
    hint = f"did you mean {near!r}?" if near else f"choose auto, {', '.join(_FAMILY)}, or one template by name"
    return f"there is no style {name!r}: {hint}"


def members(family: str) -> tuple[Template, ...]:
    return tuple(template for template in TEMPLATES if template.family == family)


def family_of(template: Template) -> Family:
    return _FAMILY[template.family]


def find_template(name: str) -> Template:
    """Raises KeyError where `unknown_style` has something to say."""
    return _BY_NAME[name]


def draw_picture(
    template: Template,
    brief: Brief,
    size: tuple[int, int],
    seed: int,
    colors: Mapping[str, str],
    fonts: Fonts,
    safe: Box | None = None,
) -> Canvas:
    """The canvas with everything drawn on it, its words inside `safe`. The same arguments give the same canvas."""
    rng = random.Random(f"{template.name}\n{seed}\n{brief.prompt}")
    mood = mood_of(brief.prompt)
    dark = False if family_of(template).drawing and mood.dark is None else mood.dark
    palette = make_palette({**_without_neutrals(colors, mood.colors), **mood.colors}, rng, mood.hue, dark, mood.chroma)
    canvas = Canvas(
        *size, palette, _way(palette, dark, seed, brief.prompt, plain="background" in mood.colors), fonts, rng
    )
    canvas.safe = safe
    template.draw(canvas, brief)
    return canvas


def _without_neutrals(brand: Mapping[str, str], named: Mapping[str, str]) -> Mapping[str, str]:
    """The brand's colours; its text colour gives way with its ground where the prompt names another ground."""
    return {role: color for role, color in brand.items() if not ("background" in named and role == "text")}


def _way(palette: Palette, dark: bool | None, seed: int, prompt: str, *, plain: bool) -> Colorway:
    """Colourways follow each other from seed to seed; a mood or a ground named in the prompt leaves only those that have it."""
    ways = colorways(palette)
    if plain:
        return ways[0]
    if dark is not None:
        ways = tuple(way for way in ways if way.dark is dark) or ways
    first = random.Random(prompt).randrange(len(ways))
    return ways[(first + seed) % len(ways)]
