"""What an operation is: typed parameters, what it will make, how much of a priced unit it uses, and how to do it locally.

Each file in `pressroom/operations/` defines one; `pressroom.operations.OPERATIONS` is the visible list. The planner asks
`expect` (pure) and the executor asks `run` (local providers only); both get the same validated parameters, so what a plan
shows is what a run does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Edges, Kind, Made, MediaInfo, mime_of

if TYPE_CHECKING:
    from pressroom.domain.media_limits import MediaLimits
    from pressroom.domain.placement import Placement


@dataclass(frozen=True, slots=True)
class AssetSlot:
    """Marks a parameter that takes a media file and says which kinds it accepts."""

    kinds: tuple[Kind, ...]


PICKED: Final = "x-picked"  # in the JSON Schema of a parameter: how it is shown on a picture, one of Picked
PICKED_ON: Final = "image"  # the parameter whose picture that is
COMPARED: Final = "x-compared"  # in the schema of parameters: the one whose picture lies below the result


class Asks(StrEnum):
    """What a person is asked before a node is made."""

    CHOICE = "choice"  # which of its inputs it is to be
    APPROVAL = "approval"  # whether anything is made of its input


class Picked(StrEnum):
    """What people point out on a picture in place of writing numbers."""

    MASK = "mask"  # painted: white where the picture changes
    POINT = "point"  # x and y as shares
    BOX = "box"  # left, top, right and bottom as shares
    AREA = "area"  # x, y, width and height in pixels or percent


# In a validated Params object an asset parameter holds the *name* of an input: a key of Workspace.inputs and of the `inputs`
# given to `expect`. Names look like "image" or "images[2]". Campaign authors write a path, an input or `{{ steps.x }}`.
ImageSlot = Annotated[str, AssetSlot((Kind.IMAGE,))]
MaskSlot = Annotated[str, AssetSlot((Kind.IMAGE,)), Field(json_schema_extra={PICKED: Picked.MASK.value})]
AudioSlot = Annotated[str, AssetSlot((Kind.AUDIO,))]
VideoSlot = Annotated[str, AssetSlot((Kind.VIDEO,))]
ProfileSlot = Annotated[str, AssetSlot((Kind.PROFILE,))]  # an ICC colour profile
VisualSlot = Annotated[str, AssetSlot((Kind.IMAGE, Kind.VIDEO))]

Seed = Annotated[int, Field(ge=0, le=4_294_967_294, description="Same seed, same result. 0 is a seed like any other.")]
HexColor = Annotated[str, Field(pattern=r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$")]
BrandColor = Literal["brand.primary", "brand.secondary", "brand.accent", "brand.background", "brand.text"]


class Params(BaseModel):
    """Base of every operation's parameters: unknown names are errors, values never change after validation."""

    # A number where a text belongs (`headline: "{{ inputs.price }}"`) is meant as its text.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)


@dataclass(frozen=True, slots=True)
class Brand:
    """The resolved brand kit as operations see it. Font values are names of bundled fonts or keys of Workspace.files."""

    name: str = ""
    colors: Mapping[str, str] = field(default_factory=dict)  # primary, secondary, accent, background, text -> #rrggbb
    fonts: Mapping[str, str] = field(default_factory=dict)  # heading, body -> font name or file key
    logo: str | None = None  # key of Workspace.files

    def color_of(self, value: str) -> str:
        """`#rrggbb` as it is, `brand.ROLE` as the kit has it. Raises Permanent when it has none."""
        if value.startswith("#"):
            return value
        found = self.colors.get(value.removeprefix("brand."))
        if found is None:
            raise Permanent(f"the brand has no color {value!r}", hint="name it in the brand kit or write it as #rrggbb")
        return found


class ByteLimit(int):
    """What an operation may write of the bytes that were `asked` for; messages name what was asked for."""

    asked: int

    @classmethod
    def leaving(cls, asked: int, reserved_bytes: int) -> ByteLimit:
        """The limit with that many bytes kept free for what is added to the file afterwards."""
        limit = cls(max(1, asked - reserved_bytes))
        limit.asked = asked.asked if isinstance(asked, ByteLimit) else asked
        return limit


def limit_text(limit: int) -> str:
    """`20,000`, or `20,000 (4,677 of them for its provenance)`."""
    if isinstance(limit, ByteLimit) and limit < limit.asked:
        return f"{limit.asked:,} ({limit.asked - limit:,} of them for its provenance)"
    return f"{limit:,}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person has said of a node that asks: `take` is the number of the input that was chosen, from 1; None where all that
    was asked is whether to go on. `door` is where it was said: the command line, the API, the pages, Prefect."""

    take: int | None
    by: str
    door: str
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything a local operation may touch: its input files, a private output folder, brand, placements and limits.

    `inputs` maps the names held by asset parameters to local files; `files` maps brand file keys (logo, fonts) to local
    files; `folder` is empty and writable, and is deleted afterwards. `limits` bound what may be decoded.
    `words` says where words and logos stand in inputs that steps before have lettered, `subjects` where the subject stands in
    those where one has placed it. `answer` is a person's, where one was
    asked for.
    What is added to every file after the operation (its provenance) counts against byte limits: `reserve` says how many bytes
    that takes, which is found out only where it is asked for.
    """

    folder: Path
    inputs: Mapping[str, Path]
    files: Mapping[str, Path]
    brand: Brand
    placements: Mapping[str, Placement]
    limits: MediaLimits
    ffmpeg: str
    reserve: Callable[[], int] = int
    words: Mapping[str, tuple[Edges, ...]] = field(default_factory=dict)
    subjects: Mapping[str, tuple[Edges, ...]] = field(default_factory=dict)
    answer: Answer | None = None

    def bytes_left(self, max_bytes: int | None) -> int | None:
        """What an operation may write so that the finished file keeps to `max_bytes`; None is no limit."""
        return None if max_bytes is None else ByteLimit.leaving(max_bytes, self.reserve())


P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a node will make (one MediaInfo per file, `label`ed) and how many priced units that is.

    `units` holds every measure a price may be in: call, image, second, megapixel, 1k_characters, 1k_tokens. `problems` are
    messages about parameters that cannot work with these inputs (found before anything is spent). `placement` is the one that the
    file without a label is made for.
    """

    outputs: tuple[tuple[str, MediaInfo], ...]
    units: Mapping[str, float]
    problems: tuple[str, ...] = ()
    placement: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the local implementation will refuse (`problems`), and what it will do otherwise than asked (`warnings`)."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Parameters in which everything is decided that the campaign left open, and why so."""

    params: Params
    why: str


@dataclass(frozen=True, slots=True)
class Operation(Generic[P]):
    """One row of `OPERATIONS`.

    `version` is part of every content key: raise it when the same parameters give other pixels. `brand` says which brand
    facets the result may depend on ("colors", "fonts", "logo", "name"), `brand_of(params)` narrows that for given
    parameters; only these enter the key. `expect(params, inputs, placements)` is pure: `inputs` maps asset names to what
    is known of them. `run` is the local implementation; None means only vendors offer it. `seeded` operations get the
    take number mixed into their seed. `foresee(params, inputs, placements, brand)` is pure too; it is asked where the
    local implementation was chosen, since a vendor may do better. `keeps_places` says that all of `image` stays where it is.
    `ways(params, inputs)` is pure: where parameters leave something to the plan, the ways to decide it, the preferred first.
    `chain` is the name under which a step may list several sets of parameters: a step each, on the `image` before it.
    `only_sold` says why there is no `run`, in words that follow "no free model offers it: ".
    `at_size(params, size)` are parameters for the same picture with these sides, for what is made in any size.
    `enlarges(params, inputs, placements)` says how many times `image` is enlarged for the largest file that is made of it.
    `ranked` says that takes of `count` are the best, the second best and so on: each has its number as `place`.
    `asks(params)` is what a person is asked before such a node is made, None where nobody is; `looks(params, workspace)` is what
    is seen of each input, for the person: `score` and its `parts`, or nothing.
    """

    name: str
    version: int
    family: str
    params: type[P]
    makes: Kind
    summary: str
    expect: Callable[[P, Mapping[str, MediaInfo], Mapping[str, Placement]], Expectation]
    run: Callable[[P, Workspace], Sequence[Made]] | None = None
    brand: frozenset[str] = frozenset()
    brand_of: Callable[[P], frozenset[str]] | None = None
    seeded: bool = False
    prompt_field: str | None = None
    keeps_places: bool = False
    ways: Callable[[P, Mapping[str, MediaInfo]], Sequence[Way]] | None = None
    chain: str = ""
    only_sold: str = ""
    foresee: Callable[[P, Mapping[str, MediaInfo], Mapping[str, Placement], Brand], Foreseen] | None = None
    at_size: Callable[[P, tuple[int, int]], P] | None = None
    enlarges: Callable[[P, Mapping[str, MediaInfo], Mapping[str, Placement]], float] | None = None
    ranked: bool = False
    asks: Callable[[P], Asks | None] | None = None
    looks: Callable[[P, Workspace], Sequence[Mapping[str, Any]]] | None = None


def form_schema(operation: Operation[Any]) -> dict[str, Any]:
    """The JSON Schema of an operation's parameters, with what a form shows beside them."""
    schema = operation.params.model_json_schema()
    return {**schema, COMPARED: PICKED_ON} if operation.keeps_places and PICKED_ON in schema["properties"] else schema


def asset_slots(params: type[BaseModel]) -> dict[str, AssetSlot]:
    """Field name -> slot, for fields that are an asset or a list (or optional) of assets."""
    found: dict[str, AssetSlot] = {}
    for name, info in params.model_fields.items():
        slot = _slot_in((info.annotation, *info.metadata))
        if slot is not None:
            found[name] = slot
    return found


def _slot_in(parts: Sequence[Any]) -> AssetSlot | None:
    for part in parts:
        if isinstance(part, AssetSlot):
            return part
        inner = _slot_in([*getattr(part, "__metadata__", ()), *getattr(part, "__args__", ())])
        if inner is not None:
            return inner
    return None


def one_picture(source: MediaInfo, size: tuple[int, int] | None, *problems: str, alpha: bool = False) -> Expectation:
    """The expectation of an edit: one PNG of `size` (None: not known yet), transparent if the source is or `alpha` says so."""
    width, height = size or (None, None)
    output = MediaInfo(Kind.IMAGE, mime_of("png"), width, height, has_alpha=source.has_alpha or alpha)
    units = {"call": 1.0, "image": 1.0, "megapixel": output.megapixels}
    return Expectation((("", output),), units, tuple(problem for problem in problems if problem))


def named_colors(params: BaseModel) -> frozenset[str]:
    """For `brand_of`: the brand's colours count where a parameter names one of them (`brand.ROLE`), and only there."""
    written = params.model_dump_json()
    return frozenset({"colors"} if any(f'"{color}"' in written for color in get_args(BrandColor)) else ())


def facts_in(params: Params) -> dict[str, Any]:
    """What prices and models may depend on of parameters, as JSON values; `audio` is whether a model is to make sound."""
    values = params.model_dump(mode="json")
    return values | {"audio": bool(values.get("generate_audio"))}


def size_of(source: MediaInfo) -> tuple[int, int] | None:
    """Width and height where both are known."""
    return None if source.width is None or source.height is None else (source.width, source.height)
