"""One operation without a campaign file: compiled to a campaign of one step, for the same plan, gate, hold and capture."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pressroom.campaign.paths import is_reference
from pressroom.domain.errors import Invalid, Problem, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.media import Kind
from pressroom.domain.money import MAX_CREDITS
from pressroom.domain.operation import Operation, asset_slots
from pressroom.domain.suggest import did_you_mean
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.plan_campaign import PlanningContext
from pressroom.services.run_request import RunRequest

STEP: Final = "make"
_WITH: Final = ("steps", STEP, "with")
MOST: Final = 10
_MADE_BY: Final = {
    Kind.IMAGE: "generate_image",
    Kind.VIDEO: "text_to_video",
    Kind.AUDIO: "speak",
    Kind.TEXT: "write_text",
}  # what makes each kind of media out of words
_SEEDS: Final = 2**31
_ASSET: Final = "asset:"


class Generation(BaseModel):
    """What is to be made: `operation` or `media_type` says by what. `parameters` are the operation's, the others shorter ways."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str = Field("", max_length=63, description="One of `/operations`.")
    media_type: Literal["image", "video", "audio", "text"] | None = Field(
        None, description="In place of an operation: what is made out of the prompt."
    )
    prompt: str = Field("", max_length=20_000)
    negative_prompt: str = Field("", max_length=20_000)
    style: str = Field("", max_length=63)
    model: str = Field("", max_length=200, description="Provider and model; empty: chosen by tier.")
    tier: Literal["free", "budget", "premium", "auto"] = "free"
    ratio: str = Field("", max_length=20)
    width: int | None = Field(None, ge=1)
    height: int | None = Field(None, ge=1)
    placement: str = Field("", max_length=100)
    duration: float | None = Field(None, gt=0)
    resolution: str = Field("", max_length=20)
    seed: int | None = Field(None, ge=0, lt=_SEEDS, description="Null: another one each time.")
    count: int = Field(1, ge=1, le=MOST)
    image: str = Field("", max_length=2_000, description="Id of an asset, or an https address.")
    mask: str = Field("", max_length=2_000, description="Id of an asset, or an https address.")
    audio: str = Field("", max_length=2_000, description="Id of an asset, or an https address.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Any others, by the operation's schema.")
    max_credits: float | None = Field(None, ge=0, le=MAX_CREDITS, description="Refused where it may cost more.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.operation) == bool(self.media_type):
            raise ValueError("say what to make: give one of operation and media_type")
        return self

    @property
    def uses(self) -> str:
        return self.operation or _MADE_BY[Kind(self.media_type or "")]


_SHORTER: Final = (
    "prompt", "negative_prompt", "style", "ratio", "width", "height", "placement", "duration", "resolution", "seed", "image",
    "mask", "audio",
)  # fmt: skip


def request_of(wanted: Generation, operations: Mapping[str, Operation[Any]], name: str = "") -> RunRequest:
    """The run that makes it. `name` is the run's, and decides the seed where none is given: asking twice is asking once.

    Raises Invalid for an operation that is not there, and for media that is a path.
    """
    operation = operations.get(wanted.uses)
    if operation is None:
        hint = did_you_mean(wanted.uses, operations, "operations")
        raise Invalid.of(
            [Problem("unknown_operation", f"there is no operation {wanted.uses!r}", hint, path=("operation",))]
        )
    texts: dict[str, str] = {}
    step: dict[str, Any] = {"uses": wanted.uses, "with": _with(wanted, operation, texts, name)}
    if wanted.model:
        step["model"] = wanted.model
    if wanted.count > 1:
        step["count"] = wanted.count
    document = {
        "pressroom": 1,
        "name": wanted.uses,
        "policy": {"tier": wanted.tier},
        **({} if wanted.max_credits is None else {"budget": {"credits": wanted.max_credits}}),
        **({"inputs": {field: _input(text) for field, text in texts.items()}} if texts else {}),
        "steps": {STEP: step},
    }
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=10_000)
    return RunRequest(yaml=text, inputs=texts, label=wanted.uses, run_id=name)


def asked_of(problem: Problem) -> Problem:
    """A problem of a campaign that was made of a request, at the field of the request that it is about."""
    if problem.path[: len(_WITH)] != _WITH:
        return problem
    return replace(problem, path=problem.path[len(_WITH) :], file="", line=None, column=None)


@contextmanager
def asked_for() -> Iterator[None]:
    """Errors of the campaign that a request became, as errors of the request."""
    try:
        yield
    except (Invalid, Refused) as exc:
        if exc.problems:
            exc.fields["problems"] = tuple(map(asked_of, exc.problems))
        raise


def start_generation(
    principal: Principal, context: Context, crew: Crew, planning: PlanningContext, wanted: Generation, name: str
) -> str:
    """The id of the run that makes it, as `Crew.launch` begins it; what is wrong is told at the fields of the request."""
    with asked_for():
        return crew.launch(principal, planning, request_of(wanted, context.operations, name))


def _with(wanted: Generation, operation: Operation[Any], texts: dict[str, str], name: str) -> dict[str, Any]:
    given = {field: value for field in _SHORTER if (value := getattr(wanted, field)) not in ("", None)}
    twice = sorted(given.keys() & wanted.parameters)
    if twice:
        raise Invalid.of(
            [Problem("parameter", f"{twice[0]} is given twice", "leave it out of parameters", path=(twice[0],))]
        )
    given |= wanted.parameters
    if operation.seeded and "seed" not in given:
        given["seed"] = (int(name[1:9], 16) if name else secrets.randbelow(_SEEDS)) % _SEEDS
    slots = asset_slots(operation.params)
    return {
        field: _media(field, value) if field in slots else _literal(field, value, texts)
        for field, value in given.items()
    }


def _media(field: str, value: Any) -> Any:
    """Ids of assets and addresses as campaigns write them; a path is nobody's business on a server."""
    if isinstance(value, list):
        return [_media(field, each) for each in value]
    if not isinstance(value, str) or is_reference(value):
        return value
    if "/" in value or "\\" in value or value.startswith("."):
        hint = "bring the file into the library first, and give its id"
        raise Invalid.of([Problem("input", f"{field}: {value[:80]!r} is no id of an asset", hint, path=(field,))])
    return value if value.startswith(_ASSET) else f"{_ASSET}{value}"


def _literal(field: str, value: Any, texts: dict[str, str]) -> Any:
    """A text as it stands, also where it looks like an expression: then it is passed in, and not evaluated."""
    if not isinstance(value, str) or "{" not in value:
        return value
    texts[field] = value
    return "{{ inputs." + field + " }}"


def _input(text: str) -> dict[str, Any]:
    return {"type": "text", "max_length": len(text)}
