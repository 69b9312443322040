"""Every operation has a form, and what stands in it means what its schema says."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData

from pressroom.domain.operation import Operation, asset_slots
from pressroom.operations import OPERATIONS
from pressroom.web.schema_form import Control, fields_of, values_in, written_in

NUMBERS = {
    "whole": {"type": "integer", "minimum": 1, "maximum": 9},
    "any": {"anyOf": [{"type": "number"}, {"type": "null"}]},
}
SCHEMA: dict[str, Any] = {
    "properties": {
        **NUMBERS,
        "on": {"type": "boolean", "default": True},
        "side": {"enum": ["left", "right"], "type": "string", "default": "left"},
        "words": {"type": "string", "maxLength": 2_000},
        "places": {"type": "array", "items": {"type": "string"}, "default": []},
        "box": {"anyOf": [{"$ref": "#/$defs/Box"}, {"type": "null"}], "default": None},
        "color": {"anyOf": [{"type": "string", "pattern": "^#"}, {"const": "clear", "type": "string"}]},
        "image": {"type": "string"},
    },
    "required": ["words"],
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_form_that_nobody_has_filled_in_means_the_defaults(operation: Operation[Any]) -> None:
    schema, slots = operation.params.model_json_schema(), asset_slots(operation.params)
    fields = fields_of(schema, slots, {}, {})
    sent = FormData([("shown", field.name) for field in fields if field.control is Control.SWITCH])
    boxes = {
        field.name: field.default for field in fields if field.control is not Control.SWITCH or field.default == "true"
    }
    form = FormData([*sent.multi_items(), *((name, text) for name, text in boxes.items() if text != "false")])

    assert values_in(schema, slots, written_in(form, schema)) == ({}, [])
    assert [field.name for field in fields] == list(schema["properties"])
    assert all(field.choices for field in fields if field.control is Control.CHOICE)
    assert all(field.help for field in fields if field.control is not Control.STRUCTURE)


def test_each_kind_of_value_is_read_as_its_schema_says() -> None:
    form = FormData(
        {
            "whole": "7",
            "any": "2,5",
            "shown": "on",
            "side": "right",
            "words": "red\r\nkettle",
            "places": "a.b\nc.d, e.f",
            "box": "{left: 0.1, top: 0}",
            "color": "#fff",
            "image": "i123",
        }
    )

    values, problems = values_in(SCHEMA, {"image"}, written_in(form, SCHEMA))

    assert problems == []
    assert values == {
        "whole": 7,
        "any": 2.5,
        "on": False,
        "side": "right",
        "words": "red\nkettle",
        "places": ["a.b", "c.d", "e.f"],
        "box": {"left": 0.1, "top": 0},
        "color": "#fff",
        "image": "i123",
    }


def test_what_cannot_be_read_is_told_at_its_field() -> None:
    values, problems = values_in(SCHEMA, set(), {"whole": "many", "box": "{", "words": "x"})

    assert values == {"words": "x"}
    assert [(each.path, each.message) for each in problems] == [
        (("whole",), "Whole: 'many' cannot be read"),
        (("box",), "Box: '{' cannot be read"),
    ]


def test_controls_fit_their_values() -> None:
    fields = {field.name: field for field in fields_of(SCHEMA, {"image"}, {}, {"side": "wrong"}, {"color": ("#000",)})}

    controls = {name: field.control.value for name, field in fields.items()}
    assert controls == {
        "whole": "number",
        "any": "number",
        "on": "switch",
        "side": "choice",
        "words": "long",
        "places": "items",
        "box": "structure",
        "color": "text",
        "image": "asset",
    }
    assert (fields["whole"].least, fields["whole"].most, fields["whole"].whole, fields["any"].whole) == (
        1,
        9,
        True,
        False,
    )
    assert (fields["side"].problem, fields["color"].choices, fields["words"].required) == ("wrong", ("#000",), True)
