"""What a drawing works from: the order's parameters, its files, what it promises, and the operations of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Made, MediaInfo
from pressroom.domain.operation import Operation, Workspace
from pressroom.media.files.probe import inspect


@dataclass(frozen=True)
class Commission:
    """One order to draw. `params` are validated; `work` holds what the customer sent along."""

    operation: Operation[Any]
    params: Any
    work: Workspace
    operations: Mapping[str, Operation[Any]]

    @cached_property
    def promised(self) -> Mapping[str, MediaInfo]:
        """Label -> what a file has to be, worked out from what was really sent."""
        sent = {name: inspect(path, self.work.limits) for name, path in self.work.inputs.items()}
        return dict(self.operation.expect(self.params, sent, self.work.placements).outputs)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the one picture or clip. Raises Permanent where nothing says them."""
        found = self.promised[""]
        if found.width is None or found.height is None:
            raise Permanent(f"{self.operation.name} leaves the size open")
        return found.width, found.height

    def made_by(self, name: str, inputs: Mapping[str, Path] | None = None, **params: Any) -> Sequence[Made]:
        """What an operation of this machine makes of these inputs, in a folder of its own."""
        operation = self.operations[name]
        folder = self.work.folder / f"{name}-{len(list(self.work.folder.iterdir()))}"
        folder.mkdir()
        assert operation.run is not None, f"{name} is made here"
        there = replace(self.work, folder=folder, inputs=inputs or {})
        return operation.run(operation.params.model_validate(params), there)

    def picture(self, prompt: str, size: tuple[int, int], seed: int = 0) -> Path:
        """A picture of these words; an abstract one where the gallery cannot draw them."""
        width, height = size
        words: dict[str, Any] = {"prompt": prompt[:2_000], "width": width, "height": height, "seed": seed}
        try:
            return self.made_by("generate_image", None, **words)[0].path
        except Permanent:
            return self.made_by("generate_image", None, **words, style="abstract")[0].path
