"""Every operation, one file each. Adding one: its file here, one line below, its test, its row in docs/operations.md."""

from __future__ import annotations

from typing import Any

from pressroom.operation import Operation
from pressroom.operations import image_to_video, resize

ALL: tuple[Operation[Any], ...] = (
    image_to_video.OPERATION,
    resize.OPERATION,
)
OPERATIONS: dict[str, Operation[Any]] = {operation.name: operation for operation in ALL}
