"""`resize` as a plan and as a run, with any parameters."""

from __future__ import annotations

from pathlib import Path

from pressroom.domain.media import Made, MediaInfo
from pressroom.domain.placement import Placement
from pressroom.operations.resize import OPERATION, ResizeParams
from tests.support.media import all_placements, workspace


def resized(folder: Path, master: Path, **params: object) -> list[Made]:
    assert OPERATION.run is not None
    return list(OPERATION.run(ResizeParams(image="image", **params), workspace(folder, image=master)))  # type: ignore[arg-type]


def problems(master: MediaInfo, **params: object) -> tuple[str, ...]:
    placements = all_placements()
    return OPERATION.expect(ResizeParams(image="image", **params), {"image": master}, placements).problems  # type: ignore[arg-type]


def limited(placement: Placement, **changes: object) -> dict[str, Placement]:
    return all_placements() | {placement.name: placement.model_copy(update=changes)}
