"""choose: one of several takes, or some: the best by a score that says why, those that a person picks, or simply the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import CHOICE, Kind, Made, MediaInfo
from pressroom.domain.operation import Asks, Expectation, ImageSlot, Operation, Params, Workspace

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement
    from pressroom.media.quality.score import Score

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
    """Several pictures in, one of them out, untouched; a step with `count` keeps so many of them."""

    images: Annotated[list[ImageSlot], BeforeValidator(_several)] = Field(
        min_length=1,
        max_length=MOST_TAKES,
        description="The takes, of one format: a step with `count`, gathered over `take`.",
    )
    by: Literal["score", "person", "first"] = Field(
        "score",
        description="score: the highest mean of sharpness, contrast, exposure, palette and subject; person: the run waits for "
        "somebody who picks one, shown with their scores; first: no look.",
    )
    weights: ScoreWeights = Field(ScoreWeights(), description="How much each part of the score counts.")
    place: int = Field(
        1,
        ge=1,
        le=MOST_TAKES,
        description="1: the best of them, 2: the second best; a `count` in the step numbers them.",
    )


def expect(params: ChooseParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """One of the takes: of their format, and of their size where all have the same."""
    takes = [inputs[name] for name in params.images]
    mimes = sorted({take.mime for take in takes})
    sizes = {(take.width, take.height) for take in takes}
    size = sizes.pop() if len(sizes) == 1 else (None, None)
    output = MediaInfo(Kind.IMAGE, mimes[0], *size, has_alpha=any(take.has_alpha for take in takes))
    several = f"the takes are of several formats ({', '.join(mimes)}): convert them to one" if len(mimes) > 1 else ""
    units = {"call": 1.0, "image": float(len(takes)), "megapixel": sum(take.megapixels or 0 for take in takes)}
    few = f"the best {params.place} are to be kept, of {len(takes)}" if params.place > len(takes) else ""
    return Expectation((("", output),), units, tuple(filter(None, (several, few))))


def run(params: ChooseParams, work: Workspace) -> Sequence[Made]:
    """Look at every take, copy the best one, or the one in this place."""
    from pressroom.domain.content_hash import file_digest
    from pressroom.media.files.copies import copied

    paths = [work.inputs[name] for name in params.images]
    best, why, looks = _CHOSEN[params.by](params, work)
    takes = [{"sha256": file_digest(path), **look} for path, look in zip(paths, looks, strict=True)]
    chosen = {"by": params.by, "why": why, "chosen": best, "takes": takes}
    return [copied(work, params.images[best], "chosen", {CHOICE: chosen})]


Chosen = tuple[
    int, str, list[dict[str, Any]]
]  # the position of the take, why it is that one, and what was seen of each


def _first(params: ChooseParams, work: Workspace) -> Chosen:
    return params.place - 1, "", [{}] * len(params.images)


def _picked(params: ChooseParams, work: Workspace) -> Chosen:
    answer = work.answer
    if answer is None or answer.take is None:
        raise Permanent("nobody has chosen one of the takes", hint="pressroom approve RUN --choose STEP=TAKE")
    who = f"take {answer.take} of {len(params.images)}, chosen by {answer.by or 'a person'} from {answer.door}"
    return answer.take - 1, who, _looks(params, work)


def _scored(params: ChooseParams, work: Workspace) -> Chosen:
    from pressroom.media.quality.score import ranking, reason

    scores = _scores(params, work)
    return ranking(scores)[params.place - 1], reason(scores, params.place), _seen(scores)


_CHOSEN: Final = {"first": _first, "person": _picked, "score": _scored}


def _looks(params: ChooseParams, work: Workspace) -> list[dict[str, Any]]:
    return _seen(_scores(params, work))


def _seen(scores: Sequence[Score]) -> list[dict[str, Any]]:
    return [{"score": each.total, "parts": dict(each.parts)} for each in scores]


def _scores(params: ChooseParams, work: Workspace) -> list[Score]:
    from pressroom.media.files.images import open_image
    from pressroom.media.quality.measures import measure
    from pressroom.media.quality.score import score

    colors = tuple(work.brand.colors.values()) if params.weights.palette else ()
    weights = params.weights.model_dump()
    pictures = (open_image(work.inputs[name], work.limits) for name in params.images)
    return [score(measure(picture, colors), weights) for picture in pictures]


def _brand_of(params: ChooseParams) -> frozenset[str]:
    return frozenset({"colors"} if params.by != "first" and params.weights.palette else ())


OPERATION = Operation(
    name="choose",
    version=1,
    family="image",
    params=ChooseParams,
    makes=Kind.IMAGE,
    summary="Keep one of several takes, or some: the best by a score that says why, what a person picks, or the first.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=_brand_of,
    ranked=True,
    asks=lambda params: Asks.CHOICE if params.by == "person" else None,
    looks=_looks,
)
