"""Every operation, one file each: the visible list. CONTRIBUTING.md names what else a new one needs."""

from __future__ import annotations

from typing import Any

from pressroom.domain.operation import Operation
from pressroom.operations import (
    adjust,
    compress,
    convert,
    crop,
    filter,
    flip,
    generate_image,
    image_to_video,
    overlay,
    print_export,
    recolor,
    remove_background,
    replace_background,
    resize,
    rotate,
    text_to_video,
    upscale,
    watermark,
)

ALL: tuple[Operation[Any], ...] = (
    adjust.OPERATION,
    compress.OPERATION,
    convert.OPERATION,
    crop.OPERATION,
    filter.OPERATION,
    flip.OPERATION,
    generate_image.OPERATION,
    image_to_video.OPERATION,
    overlay.OPERATION,
    print_export.OPERATION,
    recolor.OPERATION,
    remove_background.OPERATION,
    replace_background.OPERATION,
    resize.OPERATION,
    rotate.OPERATION,
    text_to_video.OPERATION,
    upscale.OPERATION,
    watermark.OPERATION,
)
OPERATIONS: dict[str, Operation[Any]] = {operation.name: operation for operation in ALL}
