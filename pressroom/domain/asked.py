"""What callers send, as models: a number is a number there, not a yes or a text that reads like one."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationInfo, field_validator


class Asked(BaseModel):
    """`true` is not one credit: where a field takes numbers alone, nothing else is made one."""

    @field_validator("*", mode="before")
    @classmethod
    def _is_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool | str) and _takes_numbers(cls.model_fields[info.field_name or ""].annotation):
            raise ValueError("write a number")
        return value


def _takes_numbers(annotation: Any) -> bool:
    """Whether it is of numbers alone, or of none."""
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return set(kinds) <= {int, float, NoneType} and kinds != (NoneType,)
