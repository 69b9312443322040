from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from pressroom.domain.media import Kind
from pressroom.domain.operation import AssetSlot, AudioSlot, ImageSlot, Params, VisualSlot, asset_slots
from pressroom.operations import OPERATIONS


class SlotParams(Params):
    image: ImageSlot
    maybe: Annotated[str, AssetSlot((Kind.VIDEO,))] | None = None
    several: list[VisualSlot] = Field(default_factory=list)
    one_or_several: ImageSlot | Annotated[list[ImageSlot], Field(min_length=1)] | None = None
    optional_list: list[AudioSlot] | None = None
    text: str = ""
    numbers: list[int] = Field(default_factory=list)


def test_slots_are_found_in_optional_fields_lists_and_unions() -> None:
    assert asset_slots(SlotParams) == {
        "image": AssetSlot((Kind.IMAGE,)),
        "maybe": AssetSlot((Kind.VIDEO,)),
        "several": AssetSlot((Kind.IMAGE, Kind.VIDEO)),
        "one_or_several": AssetSlot((Kind.IMAGE,)),
        "optional_list": AssetSlot((Kind.AUDIO,)),
    }


def test_parameters_without_media_have_no_slots() -> None:
    class PlainParams(Params):
        prompt: str
        seed: int = 0

    assert asset_slots(PlainParams) == {}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_describes_itself_and_each_of_its_parameters(name: str) -> None:
    operation = OPERATIONS[name]
    fields = operation.params.model_fields

    assert operation.name == name
    assert operation.version >= 1
    assert operation.summary.endswith(".")
    assert [field for field, info in fields.items() if not info.description and field != "seed"] == []
    assert operation.seeded == ("seed" in fields)
    assert operation.prompt_field is None or operation.prompt_field in fields
    assert operation.brand <= {"colors", "fonts", "logo", "name"}
