"""The JSON Schema of campaigns: current, valid, and of one mind with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pressroom.campaign.document import read_document
from pressroom.campaign.load import parse_campaign
from pressroom.campaign.schema import campaign_schema, schema_text
from pressroom.domain.errors import Invalid
from pressroom.operations import OPERATIONS
from tests.campaign.small_operations import PLACEMENTS, SMALL_OPERATIONS

ROOT = Path(__file__).parents[2]
CAMPAIGNS = sorted(path for path in (ROOT / "deployments" / "campaigns").rglob("*.yaml") if path.name != "brand.yaml")
SMALL = Draft202012Validator(campaign_schema(SMALL_OPERATIONS, PLACEMENTS))


def accepts(validator: Draft202012Validator, text: str) -> bool:
    return bool(validator.is_valid(read_document(text, "c.yaml").value))


def loads(text: str) -> bool:
    try:
        parse_campaign(text, "c.yaml", operations=SMALL_OPERATIONS, placements=PLACEMENTS)
    except Invalid:
        return False
    return True


def test_the_committed_schema_is_current() -> None:
    """Regenerate it with `just docs`."""
    committed = json.loads((ROOT / "docs" / "campaign.schema.json").read_text(encoding="utf-8"))

    assert committed == campaign_schema()


def test_the_schema_is_valid_draft_2020_12() -> None:
    for schema in (campaign_schema(), campaign_schema(SMALL_OPERATIONS, PLACEMENTS)):
        Draft202012Validator.check_schema(schema)


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    schema = campaign_schema()

    def references(value: Any) -> set[str]:
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        own = {value["$ref"]} if isinstance(value, dict) and isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, items))

    assert {item.removeprefix("#/$defs/") for item in references(schema)} <= schema["$defs"].keys()


def test_every_operation_and_all_its_parameters_are_described() -> None:
    definitions = campaign_schema()["$defs"]

    assert definitions["Step"]["properties"]["uses"]["enum"] == list(OPERATIONS)
    for name, operation in OPERATIONS.items():
        properties = definitions[f"{name}.with"]["properties"]
        assert properties.keys() - {operation.chain} == operation.params.model_fields.keys()
        assert all(value.get("description") for value in properties.values()), name


def test_every_key_of_a_step_but_the_plainest_is_described() -> None:
    properties = campaign_schema()["$defs"]["Step"]["properties"]

    assert {key for key, value in properties.items() if "description" not in value} <= {"title", "description", "tags"}


STEP = "name: c\nsteps:\n  a:\n    uses: draw\n    with: {prompt: p}\n"


@pytest.mark.parametrize(
    "text",
    [
        STEP,
        STEP + "    count: '{{ inputs.n }}'\ninputs: {n: {type: number}}\n",
        STEP + "    feed: rows.csv\n",
        STEP + "    feed: {product: rows.csv}\n",
        STEP + "    for_each: {a: [1, b, {c: d}]}\n    gather: true\n    when: false\n    tags: [x]\n",
        STEP + "policy: {tier: auto, prefer: best}\nbudget: {credits: 3.5}\n",
        STEP + "policy: {prefer: [local/a]}\nbrand: {colors: {primary: '#fff'}}\n",
        "name: c\nsteps:\n  a: {uses: draw, with: {prompt: p, seed: '{{ each.take }}'}, count: 2}\n",
        "name: c\nsteps:\n  a: {uses: resize, with: {image: a.png, placements: [instagram.reel, 'x.*']}}\n",
        "name: c\nsteps:\n  a: {uses: resize, with: {image: a.png, width: 5, focal_point: {x: 0.5, y: 1}}}\n",
        "name: c\nsteps:\n  a: {uses: resize, with: {image: a.png, width: 5, focal_point: {x: '{{ 1 }}', y: 1}}}\n",
        "name: c\nsteps:\n  a: {uses: collage, with: {images: [a.png, b.png], gap: 3}}\n",
    ],
)
def test_schema_and_loader_accept(text: str) -> None:
    assert accepts(SMALL, text)
    assert loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "name: c\n",
        "name: C\nsteps: {a: {uses: draw, with: {prompt: p}}}\n",
        "name: c\nsteps: {a: {uses: drew}}\n",
        "name: c\nsteps: {a: {uses: draw}}\n",
        "name: c\nsteps: {a: {uses: draw, with: {prompt: p, sed: 3}}}\n",
        "name: c\nsteps: {a: {uses: draw, with: {prompt: p, seed: x}}}\n",
        "name: c\nsteps: {a: {uses: draw, with: {prompt: p, color: x}}}\n",
        "name: c\nsteps: {a: {uses: resize, with: {image: a.png, placements: [instagram.rel]}}}\n",
        "name: c\nsteps: {a: {uses: resize, with: {image: a.png, width: 5, focal_point: {x: 5, y: 1}}}}\n",
        STEP + "    count: 0\n",
        STEP + "    count: many\n",
        STEP + "    when: maybe\n",
        STEP + "    for_each: {a: []}\n",
        STEP + "    for_each: {a: b}\n",
        STEP + "    feed: {a: b, c: d}\n",
        STEP + "    extra: 1\n",
        STEP + "brand: logo.png\n",
        STEP + "budget: {credits: -1}\n",
        STEP + "pressroom: 2\n",
    ],
)
def test_schema_and_loader_refuse(text: str) -> None:
    assert not accepts(SMALL, text)
    assert not loads(text)


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.parent.name)
def test_shipped_campaigns_fit_the_schema(path: Path) -> None:
    value = read_document(path.read_text(encoding="utf-8"), str(path)).value

    errors = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(campaign_schema()).iter_errors(value)
    ]

    assert errors == []


def test_its_own_examples_fit_it() -> None:
    schema = campaign_schema(SMALL_OPERATIONS | {"remove_background": SMALL_OPERATIONS["resize"]})
    example = json.loads(
        json.dumps(schema["examples"][0]).replace('"{{ inputs.product }}"', '"{{ inputs.product }}", "width": 5')
    )

    assert list(Draft202012Validator(schema).iter_errors(example)) == []


def test_the_schema_names_the_dialect_that_it_is_written_in() -> None:
    assert json.loads(schema_text())["$schema"] == "https://json-schema.org/draft/2020-12/schema"
