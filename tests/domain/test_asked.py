"""What callers send is what it reads: no flag is a number, no number a flag, no text either of them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from pressroom.domain.asked import Asked


class Order(Asked):
    count: int = 1
    cap: Annotated[float | None, Field(ge=0)] = None
    again: bool = False
    hidden: bool | None = None
    name: str = ""
    choice: int | str = 0
    flags: tuple[bool, ...] = ()


@pytest.mark.parametrize(
    "given",
    [{"count": 3}, {"cap": 1.5}, {"cap": None}, {"again": True}, {"hidden": None}, {"choice": "a"}, {"flags": (True,)}],
)
def test_what_a_field_takes_is_taken(given: dict[str, Any]) -> None:
    (name, value), *_ = given.items()

    assert getattr(Order.model_validate(given), name) == value


@pytest.mark.parametrize(
    ("given", "says"),
    [
        *(({"count": value}, "write a number") for value in (True, "3", "yes")),
        *(({"cap": value}, "write a number") for value in (False, "1.5")),
        *(({"again": value}, "write true or false") for value in (0, 1, "true", "no", 1.0)),
        *(({"hidden": value}, "write true or false") for value in (0, "")),
    ],
)
def test_what_only_reads_like_it_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Order.model_validate(given)
