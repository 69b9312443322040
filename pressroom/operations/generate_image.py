"""generate_image: a picture from words. The free tier draws vector art; vendors take the same parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, Field, model_validator

from pressroom.catalog.presets import known_preset, list_presets
from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import Brand, Expectation, Foreseen, Operation, Params, Seed, Workspace

if TYPE_CHECKING:
    from pressroom.art.compose import Asked, Composed
    from pressroom.art.template import Template
    from pressroom.domain.placement import Placement

MIN_SIDE: Final = 64
MAX_SIDE: Final = 4096
DEFAULT_SIDE: Final = 1080
TEMPLATES: Final = Path(__file__).parent / "templates"


def _known_style(style: str) -> str:
    from pressroom.art.gallery import unknown_style

    if style != "auto" and (problem := unknown_style(style)):
        raise ValueError(problem)
    return style


def _list_styles(schema: dict[str, Any]) -> None:
    from pressroom.art.gallery import style_names

    schema["enum"] = list(style_names())


class GenerateImageParams(Params):
    """Words, a style and a size. The size is width and height, or a ratio, or a placement's."""

    prompt: str = Field(min_length=1, max_length=2_000, description="What to show; drawings take their parts from it.")
    style: Annotated[str, AfterValidator(_known_style)] = Field(
        "auto",
        description="auto lets the prompt's words choose; a family leaves the template to the words and the seed.",
        json_schema_extra=_list_styles,
    )
    title: str | None = Field(
        None,
        max_length=160,
        description="Words set large; default: taken from the prompt by templates that are made of words.",
    )
    subtitle: str = Field("", max_length=200, description="A smaller line below the title.")
    negative_prompt: str = Field(
        "", max_length=1_000, description="What must not be there; for models, the local drawings cannot heed it."
    )
    preset: Annotated[str, AfterValidator(known_preset)] | None = Field(
        None,
        description="A style for models, by their parameter or in words; the local drawings go by `style`.",
        json_schema_extra=list_presets,
    )
    steps: int | None = Field(None, ge=1, le=100, description="How often a model refines; default: its own.")
    guidance: float | None = Field(
        None, ge=0, le=30, description="How closely a model keeps to the prompt; default: its own."
    )
    width: int | None = Field(None, ge=MIN_SIDE, le=MAX_SIDE, description="Width in pixels; goes with height.")
    height: int | None = Field(None, ge=MIN_SIDE, le=MAX_SIDE, description="Height in pixels; goes with width.")
    ratio: str | None = Field(
        None, pattern=r"^[1-9]\d{0,2}:[1-9]\d{0,2}$", description='Shape, e.g. "16:9"; the shorter side is 1080 pixels.'
    )
    placement: str | None = Field(
        None, max_length=80, description="Size of this placement, e.g. instagram.story_image."
    )
    seed: Seed = 0

    @model_validator(mode="after")
    def _has_one_size_and_words(self) -> GenerateImageParams:
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height belong together: give both or none")
        given = [name for name in ("width", "ratio", "placement") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"choose one size, got {' and '.join(given)}")
        if not self.prompt.strip():
            raise ValueError("the prompt has no words")
        return self


def expect(
    params: GenerateImageParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """An opaque PNG and the SVG it was drawn from."""
    width, height, problem = size_of(params, placements)
    picture = MediaInfo(Kind.IMAGE, mime_of("png"), width, height)
    drawing = MediaInfo(Kind.IMAGE, mime_of("svg"), width, height)
    units = {"call": 1.0, "image": 1.0, "megapixel": picture.megapixels, "1k_characters": len(params.prompt) / 1000}
    return Expectation((("", picture), ("svg", drawing)), units, (problem,) if problem else ())


def size_of(params: GenerateImageParams, placements: Mapping[str, Placement]) -> tuple[int, int, str]:
    """Width, height, and what is wrong with them (empty when nothing is)."""
    if params.width is not None and params.height is not None:
        return params.width, params.height, ""
    if params.placement is not None:
        slot = placements.get(params.placement)
        if slot is None:
            return DEFAULT_SIDE, DEFAULT_SIDE, f"there is no placement {params.placement!r}"
        return _checked(slot.width, slot.height, f"placement {slot.name}")
    across, _, down = (params.ratio or "1:1").partition(":")
    shape = int(across) / int(down)
    if shape >= 1:
        return _checked(round(DEFAULT_SIDE * shape), DEFAULT_SIDE, f"ratio {params.ratio}")
    return _checked(DEFAULT_SIDE, round(DEFAULT_SIDE / shape), f"ratio {params.ratio}")


def at_size(params: GenerateImageParams, size: tuple[int, int]) -> GenerateImageParams:
    """The same picture with these sides."""
    sides = {"width": size[0], "height": size[1], "ratio": None, "placement": None}
    return GenerateImageParams.model_validate({**params.model_dump(exclude_unset=True), **sides})


def _checked(width: int, height: int, what: str) -> tuple[int, int, str]:
    """Long shapes are scaled down to the largest side; what would then be too thin is a problem."""
    factor = min(1.0, MAX_SIDE / max(width, height))
    width, height = round(width * factor), round(height * factor)
    if min(width, height) < MIN_SIDE:
        return (
            max(1, width),
            max(1, height),
            f"{what} gives {width} x {height}, each side needs at least {MIN_SIDE} pixels",
        )
    return width, height, ""


def run(params: GenerateImageParams, work: Workspace) -> Sequence[Made]:
    """Draw and render. Raises Permanent for words of the user's own that cannot be set legibly."""
    from pressroom.art.choose import choose
    from pressroom.media.typography.fonts import with_fallbacks
    from pressroom.media.vector.render import render_svg

    width, height, problem = size_of(params, work.placements)
    if problem:
        raise Permanent(problem, hint="give width and height")
    template = choose(params.style, params.prompt, width / height, params.seed)
    composed, svg = _draw(params, work, template, (width, height))
    png = render_svg(svg, width, height, with_fallbacks(composed.canvas.fonts.all()))
    drawing, target = work.folder / "picture.svg", work.folder / "picture.png"
    drawing.write_text(svg, encoding="utf-8", newline="\n")
    _save_opaque(png, target)
    details = _details(params, work.brand, composed, template)
    return [Made(target, mime_of("png"), details=details), Made(drawing, mime_of("svg"), label="svg", details=details)]


def foresee(
    params: GenerateImageParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement], brand: Brand
) -> Foreseen:
    """What the vector gallery cannot draw or set; measured with bundled fonts."""
    from pressroom.art.choose import choose
    from pressroom.art.compose import doubts_of, problem_of

    width, height, _ = size_of(params, placements)
    template = choose(params.style, params.prompt, width / height, params.seed)
    if problem := problem_of(template, params.prompt):
        return Foreseen((problem,))
    composed = _composed(params, Brand(name=brand.name), {}, template, (width, height), placements)
    if problem := _unset(params, composed, (width, height)):
        return Foreseen((f"{problem}: shorten it or make the picture larger",))
    return Foreseen((), (*doubts_of(template, _asked(params, brand), composed), *_unheeded(params)))


def _unheeded(params: GenerateImageParams) -> tuple[str, ...]:
    """What only models go by."""
    asked = [name for name in ("preset", "steps", "guidance") if getattr(params, name) is not None]
    return (
        (f"the drawings of this machine have no {' and no '.join(asked)}: models of another tier do",) if asked else ()
    )


def _asked(params: GenerateImageParams, brand: Brand) -> Asked:
    from pressroom.art.compose import Asked

    return Asked(params.prompt, params.title, params.subtitle, brand.name)


def _composed(
    params: GenerateImageParams,
    brand: Brand,
    files: Mapping[str, Path],
    template: Template,
    size: tuple[int, int],
    placements: Mapping[str, Placement],
) -> Composed:
    from pressroom.art.compose import compose
    from pressroom.media.lettering.zone import safe_zone
    from pressroom.media.typography.typefaces import fonts_for

    fonts = fonts_for(brand, files, template.fonts[params.seed % len(template.fonts)])
    placement = placements.get(params.placement or "")
    safe = safe_zone(size, placement) if placement is not None and placement.safe_zone is not None else None
    return compose(template, _asked(params, brand), size, params.seed, brand.colors, fonts, safe)


def _unset(params: GenerateImageParams, composed: Composed, size: tuple[int, int]) -> str:
    """Words of the user's own parameters that do not fit; those of a prompt may be left out, which is said."""
    brief = composed.brief
    own = [brief.headline, brief.rest] if params.title else []
    own += [brief.subtitle, brief.beside_offer, brief.beside_when] if params.subtitle else []
    lost = [text for text in own if text and text in composed.left_out]
    return f"{lost[0]!r} does not fit legibly into {size[0]} x {size[1]}" if lost else ""


def _draw(
    params: GenerateImageParams, work: Workspace, template: Template, size: tuple[int, int]
) -> tuple[Composed, str]:
    from pressroom.media.vector.template import fill_template

    composed = _composed(params, work.brand, work.files, template, size, work.placements)
    if problem := _unset(params, composed, size):
        raise Permanent(problem, hint="shorten it or make the picture larger")
    title = composed.brief.headline or composed.brief.prompt[:80]
    return composed, fill_template(TEMPLATES, "picture.svg.j2", canvas=composed.canvas, title=title)


def _save_opaque(png: bytes, target: Path) -> None:
    import io

    from PIL import Image

    from pressroom.media.files.images import save_png

    with Image.open(io.BytesIO(png)) as image:
        save_png(image.convert("RGB"), target)


def _details(params: GenerateImageParams, brand: Brand, composed: Composed, template: Template) -> dict[str, Any]:
    """What was decided: template, colours, and every text with its box (x, y, width, height) and colours."""
    from pressroom.art.compose import doubts_of

    canvas = composed.canvas
    doubts = doubts_of(template, _asked(params, brand), composed)
    texts = [
        {
            "role": placed.role,
            "text": "\n".join(placed.block.lines),
            "box": [round(value, 1) for value in (placed.box.x, placed.box.y, placed.box.width, placed.box.height)],
            "size": round(placed.block.size, 1),
            "color": placed.color,
            "grounds": list(placed.grounds),
        }
        for placed in canvas.texts
    ]
    palette = canvas.palette
    colors = {name: getattr(palette, name) for name in ("background", "primary", "secondary", "accent", "ink")}
    return {
        "style": template.family,
        "template": template.name,
        "colorway": canvas.way.name,
        "colors": colors,
        "texts": texts,
        "left_out": list(composed.left_out),
        "not_in_any_font": "".join(canvas.undrawn),
        **({"warning": "; ".join(doubts)} if doubts else {}),
    }


OPERATION = Operation(
    name="generate_image",
    version=8,
    family="image",
    params=GenerateImageParams,
    makes=Kind.IMAGE,
    summary="Draw a picture from words: posters, sale banners, quotes, events, sets, backgrounds, landscapes and drawings.",
    expect=expect,
    run=run,
    foresee=foresee,
    brand=frozenset({"colors", "fonts", "name"}),
    seeded=True,
    prompt_field="prompt",
    at_size=at_size,
)
