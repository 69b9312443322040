"""replace_background: stand a product on a colour, on another picture or in a generated scene, with its shadow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import SUBJECT, Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import Brand, Expectation, HexColor, ImageSlot, Operation, Params, Seed, Workspace
from pressroom.operations.params.outline import CutMethod, CutNetwork, check_outline, way_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement
    from pressroom.media.compositing.scenery import Stage

SceneName = Literal["studio", "podium", "gradient", "sunset", "window", "botanical"]
BrandColor = Literal["brand.primary", "brand.secondary", "brand.accent", "brand.background", "brand.text"]

MAX_SIDE: Final = 4096  # compositing works in floats: a canvas of this side takes about 1 GB
DEFAULT_SCENE: Final = "studio"
# Words of a prompt, by their beginning, that choose a scene; the first scene with the most words wins.
SCENE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "studio": ("studio", "seamless", "clean", "minimal", "neutral", "cyclorama", "catalog"),
    "podium": ("podium", "pedestal", "stage", "plinth", "platform", "display", "premium", "luxur"),
    "gradient": ("gradient", "abstract", "colorful", "colourful", "vibrant", "neon", "modern"),
    "sunset": ("sunset", "sunrise", "dusk", "dawn", "golden", "beach", "warm", "evening", "summer"),
    "window": ("window", "sunlight", "daylight", "morning", "indoor", "kitchen", "room", "home", "interior"),
    "botanical": ("botanic", "leaf", "leaves", "plant", "nature", "natural", "forest", "garden", "green", "organic"),
}


# A set this much wider than the picture has its middle at two thirds of it.
ASIDE_WIDTH: Final = 4 / 3


class ReplaceBackgroundParams(Params):
    """A product and at most one of colour, gradient, background picture and scene; a prompt may choose the scene."""

    image: ImageSlot = Field(description="A cut-out; a photo without transparency is cut out first.")
    color: HexColor | BrandColor | None = Field(None, description="A flat colour, or a brand colour by name.")
    gradient: list[HexColor | BrandColor] | None = Field(
        None, min_length=2, max_length=5, description="Two to five colours that turn into each other."
    )
    angle: float = Field(90, ge=0, lt=360, description="Where the gradient runs, in degrees: 0 to the right, 90 down.")
    background: ImageSlot | None = Field(None, description="A picture to stand on, scaled to fill the canvas.")
    scene: SceneName | None = Field(None, description="A generated set in the brand's colours.")
    prompt: str = Field("", max_length=2_000, description="Where nothing else is chosen, its words pick the scene.")
    width: int | None = Field(None, ge=16, le=MAX_SIDE, description="Width in pixels; default: the picture's own size.")
    height: int | None = Field(None, ge=16, le=MAX_SIDE, description="Height in pixels; goes with width.")
    ratio: str | None = Field(
        None, pattern=r"^[1-9]\d{0,2}:[1-9]\d{0,2}$", description='Shape of the canvas, e.g. "4:5", instead of a size.'
    )
    scale: float | None = Field(
        None, ge=0.1, le=0.95, description="The product's share of the canvas; default: what the scene has room for."
    )
    anchor: Literal["auto", "center", "bottom", "top", "left", "right"] = Field(
        "auto", description="Where it stands; auto is the scene's own place, on its ground."
    )
    shadow: Literal["contact", "cast", "none"] = Field(
        "contact", description="contact darkens where it touches the ground, cast falls away from the light as well."
    )
    shadow_strength: float = Field(0.7, ge=0, le=1, description="0 is invisible, 1 is black at the darkest point.")
    light: Literal["auto", "left", "right", "above", "front", "back", "back_left", "back_right"] = Field(
        "auto", description="Where the light comes from; auto is the scene's own, or where the picture is brighter."
    )
    match: float = Field(
        0.5,
        ge=0,
        le=1,
        description="How far the product takes on colour, exposure and side of the light; 0 not at all.",
    )
    negative_prompt: str = Field("", max_length=2_000, description="What must not be there; for models.")
    foreground_prompt: str = Field(
        "", max_length=2_000, description="What the product is; for models that light it anew."
    )
    preserve: float | None = Field(
        None, ge=0, le=1, description="How much of the product's own pixels such a model keeps; default: its own."
    )
    light_strength: float | None = Field(
        None, ge=0, le=1, description="How strong the light is that such a model sets; default: its own."
    )
    method: CutMethod = "auto"
    network: CutNetwork = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _is_one_background(self) -> ReplaceBackgroundParams:
        given = [name for name in ("color", "gradient", "background", "scene") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"choose one background, got {' and '.join(given)}")
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height belong together: give both or none")
        if self.ratio is not None and self.width is not None:
            raise ValueError("give ratio, or width and height, not both")
        check_outline(self.method, self.network)
        return self


def expect(
    params: ReplaceBackgroundParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """An opaque PNG of the canvas size, which follows the picture's where nothing is said."""
    source = inputs[params.image]
    known = (source.width, source.height) if source.width and source.height else None
    size = canvas_size(params, known)
    output = MediaInfo(Kind.IMAGE, mime_of("png"), *(size or (None, None)))
    units = {"call": 1.0, "image": 1.0, "megapixel": output.megapixels, "1k_characters": len(params.prompt) / 1000}
    return Expectation((("", output),), units)


def run(params: ReplaceBackgroundParams, work: Workspace) -> Sequence[Made]:
    """Cut out where needed, set the stage, compose. Raises Permanent when there is no subject."""
    import numpy as np  # pixel libraries load slower than a plan takes to make
    from PIL import Image

    from pressroom.media.compositing.staging import Arrangement, staged
    from pressroom.media.cutout.cutting import cutout_of
    from pressroom.media.files.images import open_image, save_png

    source = open_image(work.inputs[params.image], work.limits)
    size = canvas_size(params, source.size)
    assert size is not None
    cut = cutout_of(source, way=way_of(params.method, params.network))
    stage, chosen = _stage(params, work, size)
    # On a drawn set the side is where the set's own place is; on a colour or a picture it is the product that moves.
    aside = params.anchor in ("left", "right") and not (params.color or params.gradient or params.background)
    anchor = "auto" if aside else params.anchor
    light = None if params.light == "auto" else params.light
    how = Arrangement(params.scale, anchor, params.shadow, params.shadow_strength, light, params.match)
    made = staged(np.asarray(cut.picture), stage, how)
    target = work.folder / "replaced.png"
    save_png(Image.fromarray(made.pixels, "RGB"), target)
    details: dict[str, Any] = {"background": chosen, SUBJECT: made.box, "cutout": cut.method} | cut.record
    details["light"] = {"from": made.light.direction}
    if stage.is_lit and params.match:
        gains, stops = made.light.gains, made.light.stops
        details["light"] |= {
            "gains": [round(gain, 3) for gain in gains],
            "stops": round(stops, 2),
            "match": params.match,
        }
    return [Made(target, mime_of("png"), details=details)]


def canvas_size(params: ReplaceBackgroundParams, source: tuple[int, int] | None) -> tuple[int, int] | None:
    """(width, height) of the result, or None while the picture's own size is not known."""
    if params.width is not None and params.height is not None:
        return params.width, params.height
    if source is None:
        return None
    longest = min(max(source), MAX_SIDE)
    width, height = source
    if params.ratio is not None:
        across, _, down = params.ratio.partition(":")
        width, height = int(across), int(down)
    factor = longest / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def scene_for(prompt: str) -> SceneName:
    """The scene most of the prompt's words speak of; the studio when none does."""
    words = re.findall(r"[a-z]+", prompt.lower())
    counts = {name: sum(word.startswith(starts) for word in words) for name, starts in SCENE_WORDS.items()}
    best: Any = max(counts, key=lambda name: counts[name])
    chosen: SceneName = best if counts[best] else DEFAULT_SCENE
    return chosen


def _stage(params: ReplaceBackgroundParams, work: Workspace, size: tuple[int, int]) -> tuple[Stage, str]:
    """The stage and a word for what was chosen."""
    import numpy as np

    from pressroom.media.compositing.scenery import Stage, draw_stage, plain_stage
    from pressroom.media.compositing.staging import cover
    from pressroom.media.files.images import flatten, open_image

    if params.color is not None:
        color = _color(params.color, work.brand)
        return plain_stage([color], size), color
    if params.gradient is not None:
        colors = [_color(color, work.brand) for color in params.gradient]
        return plain_stage(colors, size, params.angle), " to ".join(colors)
    if params.background is not None:
        picture = flatten(open_image(work.inputs[params.background], work.limits), "#ffffff")
        return Stage(cover(np.asarray(picture), size), 0.5, 0.9, (0.75, 0.75), light=None), "picture"
    scene = params.scene or scene_for(params.prompt)
    if params.anchor in ("left", "right"):
        return _stage_aside(scene, size, work.brand.colors, params), scene
    return draw_stage(scene, size, work.brand.colors, params.seed), scene


def _stage_aside(
    scene: SceneName, size: tuple[int, int], colors: Mapping[str, str], params: ReplaceBackgroundParams
) -> Stage:
    """A set drawn wider than asked and cut so that its own place, with podium and light, is at the side."""
    import numpy as np

    from pressroom.media.compositing.scenery import draw_stage

    width, height = size
    wide = draw_stage(scene, (round(width * ASIDE_WIDTH), height), colors, params.seed)
    extra = wide.picture.shape[1] - width
    start = 0 if params.anchor == "right" else extra
    factor = wide.picture.shape[1] / width
    x = (wide.x * wide.picture.shape[1] - start) / width
    room = (min(0.5, wide.room[0] * factor), wide.room[1])
    cut = np.s_[:, start : start + width]
    floor = None if wide.floor is None else wide.floor[cut]
    widest = min(0.5, wide.widest * factor)
    return replace(wide, picture=wide.picture[cut], x=x, room=room, widest=widest, floor=floor)


def _color(color: str, brand: Brand) -> str:
    if not color.startswith("brand."):
        return color
    name = color.removeprefix("brand.")
    if name not in brand.colors:
        raise Permanent(f"the brand kit has no {name} colour", hint=f"add colors.{name} to the brand or give a #rrggbb")
    return brand.colors[name]


OPERATION = Operation(
    name="replace_background",
    version=6,
    family="image",
    params=ReplaceBackgroundParams,
    makes=Kind.IMAGE,
    summary="Stand a product on a colour, a gradient, a picture or a generated scene, in its light and with its shadow.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    seeded=True,
    prompt_field="prompt",
)
