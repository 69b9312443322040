"""One operation without a campaign file: compiled to a campaign of one step, for the same plan, gate, hold and capture."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from pressroom.campaign.dump import dump_document
from pressroom.campaign.models import BrandSpec
from pressroom.campaign.paths import as_reference, is_reference
from pressroom.domain.asked import Asked
from pressroom.domain.errors import Invalid, Problem, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.media import Kind
from pressroom.domain.money import MAX_CREDITS
from pressroom.domain.operation import Operation, asset_slots
from pressroom.domain.suggest import did_you_mean
from pressroom.planning.inputs import kind_of_input
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.plan_campaign import PlanningContext
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import run_id_of
from pressroom.services.templates import Template, template_of
from pressroom.services.webhook_targets import expect_generation

STEP: Final = "make"
_OF_THE_STEP: Final = ("steps", STEP)
MOST: Final = 10
_MADE_BY: Final = {
    Kind.IMAGE: "generate_image",
    Kind.VIDEO: "text_to_video",
    Kind.AUDIO: "speak",
    Kind.TEXT: "write_text",
}  # what makes each kind of media out of words
_SEEDS: Final = 2**31
MEDIA: Final = "Id of an asset or an upload, or an https address."


class Generation(Asked):
    """What is to be made: `operation`, `media_type` or `template` says by what. `parameters` are its, the others shorter ways."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str = Field("", max_length=63, description="One of `/operations`.")
    media_type: Literal["image", "video", "audio", "text"] | None = Field(
        None, description="In place of an operation: what is made out of the prompt."
    )
    template: str = Field("", max_length=63, description="In place of an operation: one of `/templates`.")
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
    quality: int | str | None = Field(None, description="As the operation has it.")
    seed: int | None = Field(None, ge=0, lt=_SEEDS, description="Null: another one each time.")
    count: int = Field(1, ge=1, le=MOST)
    image: str = Field("", max_length=2_000, description=MEDIA)
    mask: str = Field("", max_length=2_000, description=MEDIA)
    audio: str = Field("", max_length=2_000, description=MEDIA)
    parameters: dict[str, Any] = Field(default_factory=dict, description="Any others, by the operation's schema.")
    brand: BrandSpec | None = Field(None, description="Colours, fonts, and a logo as media are given.")
    collection: str = Field("", max_length=200, description="Where what is made is put; made where there is none.")
    tags: tuple[str | int, ...] = Field((), max_length=100, description="Put on what is made.")
    max_credits: float | None = Field(None, ge=0, le=MAX_CREDITS, description="Refused where it may cost more.")
    webhook: str = Field(
        "", max_length=2_000, description="Address that is told of it, signed with the account's own secret."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(map(bool, (self.operation, self.media_type, self.template))) != 1:
            raise ValueError("say what to make: give one of operation, media_type and template")
        return self

    @property
    def uses(self) -> str:
        return self.operation or _MADE_BY[Kind(self.media_type or "")]


_SHORTER: Final = (
    "prompt", "negative_prompt", "style", "ratio", "width", "height", "placement", "duration", "resolution", "quality", "seed",
    "image", "mask", "audio",
)  # fmt: skip


def request_of(
    wanted: Generation, operations: Mapping[str, Operation[Any]], name: str = "", *, paths: bool = False
) -> RunRequest:
    """The run that makes it. `name` is the run's, and decides the seed where none is given: asking twice is asking once.

    `paths`: media may be paths, which planning looks at. Raises Invalid for an operation that is not there, and for media that is
    a path where that may not be; NotFound for a template that there is not.
    """
    if wanted.template:
        template = template_of(wanted.template)
        if template.document is not None:
            return _of_template(wanted, template, name, paths)
        twice = {"style"} & ({*wanted.parameters} | ({"style"} if wanted.style else set()))
        if twice:
            raise Invalid.of([Problem("parameter", "a design is a style: style is given twice", path=("style",))])
        drawn = {"template": "", "operation": template.operation, "style": template.name}
        wanted = wanted.model_copy(update=drawn)
    operation = operations.get(wanted.uses)
    if operation is None:
        hint = did_you_mean(wanted.uses, operations, "operations")
        raise Invalid.of(
            [Problem("unknown_operation", f"there is no operation {wanted.uses!r}", hint, path=("operation",))]
        )
    texts: dict[str, str] = {}
    step: dict[str, Any] = {"uses": wanted.uses, "with": _with(wanted, operation, texts, name, paths)}
    if wanted.model:
        step["model"] = wanted.model
    if wanted.count > 1:
        step["count"] = wanted.count
    step |= _put(wanted)
    document = {
        "pressroom": 1,
        "name": wanted.uses,
        "policy": {"tier": wanted.tier},
        **({} if wanted.max_credits is None else {"budget": {"credits": wanted.max_credits}}),
        **_brand(wanted, paths),
        **({"inputs": {field: _input(text) for field, text in texts.items()}} if texts else {}),
        "steps": {STEP: step},
    }
    text = dump_document(document)
    any_seed = wanted.seed is None and "seed" not in wanted.parameters
    return RunRequest(yaml=text, inputs=texts, label=wanted.uses, run_id=name, generation=True, any_seed=any_seed)


def _of_template(wanted: Generation, template: Template, name: str, paths: bool) -> RunRequest:
    """The campaign of the template, with what was asked for in place of what it says."""
    other = sorted(field for field in _SHORTER if getattr(wanted, field) not in ("", None))
    if other or wanted.model or wanted.count > 1:
        field = other[0] if other else "model" if wanted.model else "count"
        hint = f"what {template.name} takes stands in `parameters`"
        raise Invalid.of([Problem("parameter", f"{field} means nothing for this template", hint, path=(field,))])
    inputs = template.inputs
    given = {
        field: _media(field, value, paths) if field in inputs and kind_of_input(inputs[field]) else value
        for field, value in wanted.parameters.items()
    }
    document = dict(template.document or {})
    document.pop("deploy", None)
    document["inputs"] = {
        field: {key: value for key, value in values.items() if key != "default" or not kind_of_input(inputs[field])}
        for field, values in document.get("inputs", {}).items()
    }
    if "tier" in wanted.model_fields_set:
        document["policy"] = {**document.get("policy", {}), "tier": wanted.tier}
    if wanted.max_credits is not None:
        document["budget"] = {**document.get("budget", {}), "credits": wanted.max_credits}
    document |= _brand(wanted, paths)
    document["steps"] = {step: {**values, **_put(wanted)} for step, values in document["steps"].items()}
    text = dump_document(document)
    return RunRequest(yaml=text, inputs=given, label=template.name, run_id=name, generation=True)


def _put(wanted: Generation) -> dict[str, Any]:
    """What is said of a step's files: it is told as words, so that it holds whoever finishes the run."""
    for field in ("collection", "tags"):
        if "{{" in str(getattr(wanted, field)):
            raise Invalid.of([Problem("parameter", f"{field} may not hold {{{{ }}}}", "leave it out", path=(field,))])
    tags = {"tags": [str(tag) for tag in wanted.tags]} if wanted.tags else {}
    return {**({"collection": wanted.collection} if wanted.collection else {}), **tags}


def _brand(wanted: Generation, paths: bool) -> dict[str, Any]:
    if wanted.brand is None:
        return {}
    values = wanted.brand.model_dump(exclude_defaults=True)
    logo = {"logo": _media("brand", values["logo"], paths)} if values.get("logo") else {}
    return {"brand": {**values, **logo}}


def asked_of(problem: Problem) -> Problem:
    """A problem of a campaign that was made of a request, at the field of the request that it is about."""
    if problem.path[: len(_OF_THE_STEP)] != _OF_THE_STEP:
        return problem
    field, *inner = problem.path[len(_OF_THE_STEP) :] or ("uses",)
    path = tuple(inner) if field == "with" else ("operation" if field == "uses" else field, *inner)
    message = problem.message.removeprefix(f"{STEP}: ")
    return replace(problem, message=message, path=path, file="", line=None, column=None, step="")


@contextmanager
def asked_for() -> Iterator[None]:
    """Errors of the campaign that a request became, as errors of the request."""
    try:
        yield
    except (Invalid, Refused) as exc:
        asked = tuple(map(asked_of, exc.problems))
        for before, after in zip(exc.problems, asked, strict=True):
            exc.message = exc.message.replace(str(before), str(after))
        if asked:
            exc.fields["problems"] = asked
        raise


def start_generation(
    principal: Principal,
    context: Context,
    crew: Crew,
    planning: PlanningContext,
    wanted: Generation,
    name: str,
) -> str:
    """The id of the run that makes it, as `Crew.launch` begins it; what is wrong is told at the fields of the request."""
    with asked_for():
        request = request_of(wanted, context.operations, name, paths=bool(planning.paths))
    if wanted.webhook:
        expect_generation(principal, context, wanted.webhook, run_id_of(principal, context, request))
    with asked_for():
        return crew.launch(principal, planning, request)


def _with(
    wanted: Generation, operation: Operation[Any], texts: dict[str, str], name: str, paths: bool
) -> dict[str, Any]:
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
        field: _media(field, value, paths) if field in slots else _literal(field, value, texts)
        for field, value in given.items()
    }


def _media(field: str, value: Any, paths: bool) -> Any:
    """Ids of assets and addresses as campaigns write them; whether a path may be, planning decides where some may."""
    if isinstance(value, list):
        return [_media(field, each, paths) for each in value]
    if not isinstance(value, str) or is_reference(value):
        return value
    if paths and ("/" in value or "." in value):
        return value
    if "/" in value or "\\" in value or value.startswith("."):
        hint = "bring the file into the library first, and give its id"
        raise Invalid.of([Problem("input", f"{field}: {value[:80]!r} is no id of an asset", hint, path=(field,))])
    return as_reference(value)


def _literal(field: str, value: Any, texts: dict[str, str]) -> Any:
    """A text as it stands, also where it looks like an expression: then it is passed in, and not evaluated."""
    if not isinstance(value, str) or "{" not in value:
        return value
    texts[field] = value
    return "{{ inputs." + field + " }}"


def _input(text: str) -> dict[str, Any]:
    return {"type": "text", "max_length": len(text)}
