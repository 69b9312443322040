"""What callers send, as models: a number is a number there and a yes a yes, not what reads like one."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationInfo, field_validator


class Asked(BaseModel):
    """`true` is not one credit, and 0 not `false`: where a field takes one of them alone, nothing else is made it."""

    @field_validator("*", mode="before")
    @classmethod
    def _is_what_it_reads(cls, value: Any, info: ValidationInfo) -> Any:
        takes = _kinds(cls.model_fields[info.field_name or ""].annotation)
        if takes and takes <= {int, float} and isinstance(value, bool | str):
            raise ValueError("write a number")
        if takes == {bool} and not isinstance(value, bool | NoneType):
            raise ValueError("write true or false")
        return value


def _kinds(annotation: Any) -> set[Any]:
    """What a field takes besides nothing."""
    return {*(get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,))} - {NoneType}
