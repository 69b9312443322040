"""choose: the best of several takes, by a score that says why, or simply the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pressroom.domain.media import CHOICE, MOVED_WORDS, UNKNOWN_MIME, Kind, Made, MediaInfo, suffix_for
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Workspace

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

MOST_TAKES = 50


def _several(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("one picture leaves nothing to choose: collect the takes with `gather: [take]` in the step")
    return value


class ScoreWeights(BaseModel):
    """How much each part of the score counts; 0 leaves it out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sharpness: float = Field(1, ge=0, le=10, description="How little is blurred.")
    contrast: float = Field(1, ge=0, le=10, description="From the dark to the light parts.")
    exposure: float = Field(
        1, ge=0, le=10, description="Neither too dark nor too light where the eye goes, and nothing lost."
    )
    palette: float = Field(
        1, ge=0, le=10, description="How near the colours are to the brand's; without any it does not count."
    )
    subject: float = Field(1, ge=0, le=10, description="That the subject is neither small nor cut off by the edges.")

    @model_validator(mode="after")
    def _weighs_something(self) -> ScoreWeights:
        if self.sharpness + self.contrast + self.exposure + self.subject == 0:
            raise ValueError("a weight besides that of the palette must be above 0")
        return self


class ChooseParams(Params):
    """Several pictures in, one of them out, untouched."""

    images: Annotated[list[ImageSlot], BeforeValidator(_several)] = Field(
        min_length=1,
        max_length=MOST_TAKES,
        description="The takes, of one format: a step with `count`, gathered over `take`.",
    )
    by: Literal["score", "first"] = Field(
        "score",
        description="score: the highest mean of sharpness, contrast, exposure, palette and subject; first: no look.",
    )
    weights: ScoreWeights = Field(ScoreWeights(), description="How much each part of the score counts.")


def expect(params: ChooseParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """One of the takes: of their format, and of their size where all have the same."""
    takes = [inputs[name] for name in params.images]
    mimes = sorted({take.mime for take in takes})
    sizes = {(take.width, take.height) for take in takes}
    size = sizes.pop() if len(sizes) == 1 else (None, None)
    output = MediaInfo(Kind.IMAGE, mimes[0], *size, has_alpha=any(take.has_alpha for take in takes))
    several = f"the takes are of several formats ({', '.join(mimes)}): convert them to one" if len(mimes) > 1 else ""
    units = {"call": 1.0, "image": float(len(takes)), "megapixel": sum(take.megapixels or 0 for take in takes)}
    return Expectation((("", output),), units, (several,) if several else ())


def run(params: ChooseParams, work: Workspace) -> Sequence[Made]:
    """Look at every take, copy the best one."""
    import shutil

    from pressroom.domain.content_hash import file_digest
    from pressroom.media.files.sniff import HEAD_BYTES, sniff
    from pressroom.media.geometry import visible

    paths = [work.inputs[name] for name in params.images]
    best, why, looks = (0, "", [{}] * len(paths)) if params.by == "first" else _scored(params, work)
    takes = [{"sha256": file_digest(path), **look} for path, look in zip(paths, looks, strict=True)]
    with paths[best].open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    mime = found.mime if found else UNKNOWN_MIME
    target = work.folder / f"chosen{suffix_for(mime)}"
    shutil.copyfile(paths[best], target)
    words = work.words.get(params.images[best], ())
    moved = {MOVED_WORDS: visible(words)} if words else {}
    return [
        Made(target, mime, details={CHOICE: {"by": params.by, "why": why, "chosen": best, "takes": takes}, **moved})
    ]


def _scored(params: ChooseParams, work: Workspace) -> tuple[int, str, list[dict[str, Any]]]:
    """The position of the best take, why it is the best, and what was seen of each."""
    from pressroom.media.files.images import open_image
    from pressroom.media.quality.measures import measure
    from pressroom.media.quality.score import best_of, reason, score

    colors = tuple(work.brand.colors.values()) if params.weights.palette else ()
    weights = params.weights.model_dump()
    pictures = (open_image(work.inputs[name], work.limits) for name in params.images)
    scores = [score(measure(picture, colors), weights) for picture in pictures]
    best = best_of(scores)
    return best, reason(scores, best), [{"score": each.total, "parts": dict(each.parts)} for each in scores]


def _brand_of(params: ChooseParams) -> frozenset[str]:
    return frozenset({"colors"} if params.by == "score" and params.weights.palette else ())


OPERATION = Operation(
    name="choose",
    version=1,
    family="image",
    params=ChooseParams,
    makes=Kind.IMAGE,
    summary="Keep the best of several takes, by a score of measured quality that says why, or the first of them.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=_brand_of,
)
