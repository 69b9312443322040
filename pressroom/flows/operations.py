"""The operations as functions that add a step to the campaign whose block is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import Signature
from typing import Any, Self, TypedDict, Unpack

from pressroom.domain.operation import Operation
from pressroom.flows.campaign_run import StepHandle, building


class StepOptions(TypedDict, total=False):
    """What a step has besides its operation and its parameters, as in YAML; `name` is the operation's where none is given."""

    name: str
    for_each: Mapping[str, str | Sequence[Any]]
    feed: str | Mapping[str, str]
    count: int | str
    gather: bool | Sequence[str]
    when: bool | str
    model: str
    tier: str
    fallback: bool | Sequence[str]
    deliver: bool
    title: str
    description: str
    alt_text: str
    tags: Sequence[str]
    collection: str


class OperationTask:
    """An operation: called with its parameters by name, it adds a step and returns the handle of what that will make."""

    def __init__(self, operation: Operation[Any], options: StepOptions | None = None) -> None:
        self._operation = operation
        self._options: StepOptions = options or {}
        self.__name__ = operation.name
        self.__doc__ = operation.summary
        self.__signature__: Signature = operation.params.__signature__.replace(return_annotation=StepHandle)

    def __call__(self, *args: Any, **given: Any) -> StepHandle:
        if args:
            raise TypeError(f"{self.__name__} takes its parameters by name")
        return building().add(self.__name__, given, self._options)

    def with_options(self, **options: Unpack[StepOptions]) -> Self:
        """The same operation, with more of a step said: `generate_image.with_options(name="hero", count=3)(prompt=…)`."""
        merged: StepOptions = {**self._options, **options}
        return type(self)(self._operation, merged)

    def __repr__(self) -> str:
        return f"<operation {self.__name__}>"
