"""Every operation, one file each. Adding one: its file here, one line below, its test, its row in docs/operations.md."""

from __future__ import annotations

from typing import Any

from pressroom.operation import Operation
from pressroom.operations import (
    generate_image,
    image_to_video,
    overlay,
    remove_background,
    replace_background,
    resize,
    upscale,
)

ALL: tuple[Operation[Any], ...] = (
    generate_image.OPERATION,
    image_to_video.OPERATION,
    overlay.OPERATION,
    remove_background.OPERATION,
    replace_background.OPERATION,
    resize.OPERATION,
    upscale.OPERATION,
)
OPERATIONS: dict[str, Operation[Any]] = {operation.name: operation for operation in ALL}
