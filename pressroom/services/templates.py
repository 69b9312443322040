"""Templates: what somebody begins with who knows what it is for, and not yet how it is made.

A design is one of the shapes in which the free tier draws. A campaign is one of the examples that travel with Pressroom, where it
needs no file beside it: what it shows is passed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pressroom.campaign.document import read_document
from pressroom.campaign.models import InputSpec
from pressroom.domain.errors import NotFound
from pressroom.domain.suggest import did_you_mean
from pressroom.examples import example_text, examples
from pressroom.planning.input_form import input_form
from pressroom.planning.inputs import kind_of_input

DESIGN: Final = "design"
CAMPAIGN: Final = "campaign"
DRAWS: Final = "generate_image"


@dataclass(frozen=True, slots=True)
class Template:
    """`document` holds the values of a campaign; a design has none, and `operation` draws it."""

    name: str
    kind: str
    summary: str
    operation: str
    group: str = ""
    document: Mapping[str, Any] | None = None

    @property
    def inputs(self) -> dict[str, InputSpec]:
        """Of a campaign; what it would take from a file beside it has to be given."""
        found = {}
        for name, values in (self.document or {}).get("inputs", {}).items():
            spec = InputSpec.model_validate(values)
            found[name] = spec.model_copy(update={"default": None}) if kind_of_input(spec) else spec
        return found

    def parameters(self, operations: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON Schema of what can be given."""
        if self.document is not None:
            return input_form(self.inputs, {}, paths=False)
        schema: dict[str, Any] = operations[self.operation].params.model_json_schema()
        return schema


def list_templates() -> tuple[Template, ...]:
    """Campaigns first, then designs, each by name."""
    return tuple(_known().values())


def template_of(name: str) -> Template:
    """Raises NotFound with the nearest name."""
    if name not in _known():
        raise NotFound(f"there is no template {name[:80]!r}", hint=did_you_mean(name, _known(), "templates"))
    return _known()[name]


@lru_cache(maxsize=1)
def _known() -> dict[str, Template]:
    from pressroom.art.gallery import TEMPLATES

    found = {}
    for name, summary in examples().items():
        document = read_document(example_text(name), name).value
        if _stands_alone(document):
            found[name] = Template(name, CAMPAIGN, summary.partition(": ")[2] or summary, "", document=document)
    for each in sorted(TEMPLATES, key=lambda template: template.name):
        found[each.name] = Template(each.name, DESIGN, each.summary, DRAWS, each.family)
    return found


def _stands_alone(document: Mapping[str, Any]) -> bool:
    """Whether it names no file of its folder but as the default of an input."""
    brand = document.get("brand", {})
    return (
        isinstance(brand, Mapping)
        and not brand.get("logo")
        and not any("feed" in step for step in document["steps"].values())
    )
