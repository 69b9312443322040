"""Every operation has a form, and what stands in it means what its schema says."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData

from pressroom.domain.media import Kind
from pressroom.domain.operation import AssetSlot, Operation, Picked, asset_slots
from pressroom.operations import OPERATIONS
from pressroom.web.schema_form import Control, fields_of, values_in, written_in

PICTURE = AssetSlot((Kind.IMAGE,))
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
            "box": "{left: 0.1, top: 0, ratio: 9:16, word: no}",
            "color": "#fff",
            "image": "i123",
        }
    )

    values, problems = values_in(SCHEMA, {"image": PICTURE}, written_in(form, SCHEMA))

    assert problems == []
    assert values == {
        "whole": 7,
        "any": 2.5,
        "on": False,
        "side": "right",
        "words": "red\nkettle",
        "places": ["a.b", "c.d", "e.f"],
        "box": {"left": 0.1, "top": 0, "ratio": "9:16", "word": "no"},
        "color": "#fff",
        "image": "i123",
    }


POINT = {
    "x-picked": "point",
    "properties": {"x": {"type": "number", "minimum": 0, "description": "Across."}, "y": {"type": "number"}},
}
PICKED: dict[str, Any] = {
    "$defs": {"Point": POINT},
    "properties": {
        "image": {"type": "string"},
        "mask": {"anyOf": [{"type": "string", "x-picked": "mask"}, {"type": "null"}], "default": None},
        "at": {
            "anyOf": [
                {"$ref": "#/$defs/Point"},
                {"type": "array", "items": {"$ref": "#/$defs/Point"}},
                {"type": "null"},
            ],
            "default": None,
        },
    },
}


def test_what_is_picked_on_a_picture_has_a_field_for_each_part() -> None:
    mask, at = fields_of(PICKED, {"image": PICTURE, "mask": PICTURE}, {"at": "{x: 0.25, y: 1}"}, {})[1:]
    sent = FormData({"image": "i1", "mask": "m1", "at.x": "0.5", "at.y": "1"})

    assert (mask.picked, mask.control, mask.parts) == (Picked.MASK, Control.ASSET, ())
    assert (at.picked, at.control) == (Picked.POINT, Control.PARTS)
    assert [(part.name, part.written, part.number, part.least) for part in at.parts] == [
        ("x", "0.25", True, 0),
        ("y", "1", True, None),
    ]
    values, problems = values_in(PICKED, {"image": PICTURE, "mask": PICTURE}, written_in(sent, PICKED))
    assert (values, problems) == ({"image": "i1", "mask": "m1", "at": {"x": 0.5, "y": 1}}, [])
    nothing = written_in(FormData({"at.x": "", "at.y": ""}), PICKED)
    assert values_in(PICKED, {"image": PICTURE}, nothing) == ({}, [])


@pytest.mark.parametrize("written", ["[{x: 0, y: 0}, {x: 1, y: 1}]", "{x: ", "words"])
def test_what_has_no_such_parts_is_written_as_it_is(written: str) -> None:
    field = fields_of(PICKED, {}, {"at": written}, {})[2]

    assert (field.control, field.written, field.parts, field.picked) == (Control.STRUCTURE, written, (), None)


@pytest.mark.parametrize("text", ["0.5: [", "&a", "{", "- - :", "!!python/object:os.system x", "1e999"])
def test_parts_hold_whatever_was_typed_until_somebody_judges_it(text: str) -> None:
    written = written_in(FormData({"at.x": text, "at.y": "1"}), PICKED)

    values, problems = values_in(PICKED, {}, written)
    assert (list(values) == ["at"]) or problems


def test_what_cannot_be_read_is_told_at_its_field() -> None:
    values, problems = values_in(SCHEMA, {}, {"whole": "many", "box": "{", "words": "x"})

    assert values == {"words": "x"}
    assert [(each.path, each.message) for each in problems] == [
        (("whole",), "Whole: 'many' cannot be read"),
        (("box",), "Box: '{' cannot be read"),
    ]


def test_controls_fit_their_values() -> None:
    fields = {
        field.name: field
        for field in fields_of(SCHEMA, {"image": PICTURE}, {}, {"side": "wrong"}, {"color": ("#000",)})
    }

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


def test_names_in_a_form_may_have_a_word_before_them() -> None:
    schema = {"properties": {"text": {"type": "string"}, "on": {"type": "boolean", "default": True}}}

    form = FormData({"text": "of the editor", "input-text": "of the input", "shown": "input-on"})
    (text, _) = fields_of(schema, {}, written_in(form, schema, "input-"), {}, prefix="input-")

    assert (text.name, text.id, text.written) == ("text", "input-text", "of the input")
    assert values_in(schema, {}, written_in(form, schema, "input-")) == ({"text": "of the input", "on": False}, [])


def test_a_list_is_written_as_its_lines_and_what_is_media_is_known() -> None:
    items = {"type": "array", "items": {"type": "string"}}
    schema = {"properties": {"scenes": {**items, "default": ["podium", "007"]}, "shots": items}}

    scenes, shots = fields_of(schema, {"shots": PICTURE}, {"shots": "asset:aaaa, bbbb"}, {})

    assert (scenes.written, scenes.media) == ("podium\n007", [])
    assert (shots.kinds, shots.media) == ((Kind.IMAGE,), ["aaaa", "bbbb"])
