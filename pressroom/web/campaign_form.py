"""The form of what a campaign takes: its inputs, and the tables that open its dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.datastructures import FormData

from pressroom.api.backend import Backend
from pressroom.campaign.load import parse_campaign
from pressroom.campaign.models import Campaign
from pressroom.campaign.paths import as_reference, is_reference
from pressroom.domain.errors import Corrupt, Invalid, Problem, Refused, problems_of
from pressroom.domain.media import Kind
from pressroom.domain.operation import AssetSlot
from pressroom.planning.input_form import input_form
from pressroom.planning.inputs import kind_of_input
from pressroom.web.schema_form import Field, fields_of, values_in, written_in
from pressroom.web.sent_files import media_sent
from pressroom.web.visitor import Visitor

# Before the names of inputs and of feeds in the form.
_INPUT: Final = "input-"
_FEED: Final = "feed-"
_TABLE: Final = AssetSlot((Kind.TEXT,))


# What stands before their names, the schema, and which of them are media: of the inputs, or of the feeds.
Part = tuple[str, Mapping[str, Any], Mapping[str, AssetSlot]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A campaign's text with what stands in its form by the fields' ids, what this means, and what is wrong with it."""

    text: str
    parts: tuple[Part, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    feeds: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def asked_of(text: str) -> Asked:
    """The campaign as it is opened; a text that is no campaign yet has no form."""
    try:
        campaign = parse_campaign(text, "").campaign
    except Invalid:
        return Asked(text)
    kinds = {name: kind_of_input(spec) for name, spec in campaign.inputs.items()}
    media = {name: AssetSlot((kind,)) for name, kind in kinds.items() if kind}
    feeds = _feeds_of(campaign)
    inputs = _INPUT, input_form(campaign.inputs, {}, paths=False), media
    return Asked(text, (inputs, (_FEED, _schema_of(feeds), dict.fromkeys(feeds, _TABLE))))


def asked_in(backend: Backend, visitor: Visitor, form: FormData, text: str) -> Asked:
    """The campaign with what stands in its form, and the files that were sent for it in the library."""
    opened, written = asked_of(text), dict[str, str]()
    values: dict[str, dict[str, Any]] = {_INPUT: {}, _FEED: {}}
    problems: list[Problem] = []
    for prefix, schema, slots in opened.parts:
        found = written_in(form, schema, prefix)
        try:
            found |= media_sent(backend, visitor, form, fields_of(schema, slots, found, {}, prefix=prefix))
        except (Invalid, Refused, Corrupt) as exc:
            problems += problems_of(exc)
        written |= {prefix + name: value for name, value in found.items()}
        values[prefix], wrong = values_in(schema, slots, found)
        problems += (replace(each, path=("inputs", *each.path)) for each in wrong)
        for name in slots.keys() & values[prefix].keys():
            values[prefix][name] = _referring(values[prefix][name])
    return replace(opened, written=written, inputs=values[_INPUT], feeds=values[_FEED], problems=tuple(problems))


def form_of(asked: Asked, told: Mapping[str, str]) -> list[Field]:
    """The fields of the campaign, with what is told of each by its id."""
    return [
        each
        for prefix, schema, slots in asked.parts
        for each in fields_of(schema, slots, _of(prefix, asked.written), _of(prefix, told), prefix=prefix)
    ]


def field_of(problem: Problem) -> str:
    """The id of the field that the problem is about; empty where it is about the text."""
    match problem.path:
        case ("inputs", str(name), *_):
            return _INPUT + name
        case ("steps", _, "feed", str(name), *_):
            return _FEED + name
    return ""


def _feeds_of(campaign: Campaign) -> dict[str, str]:
    """What the campaign says of each dimension that a table opens: that of its first step counts."""
    steps = reversed(campaign.steps.values())
    return {dimension: path for step in steps for dimension, path in step.feed.items()}


def _schema_of(feeds: Mapping[str, str]) -> dict[str, Any]:
    properties = {
        name: {"type": "string", "description": f"A table in place of {path}, each line a {name}."}
        for name, path in feeds.items()
    }
    return {"properties": properties, "required": [name for name, path in feeds.items() if not is_reference(path)]}


def _of(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _referring(given: Any) -> Any:
    return [*map(as_reference, given)] if isinstance(given, list) else as_reference(given)
