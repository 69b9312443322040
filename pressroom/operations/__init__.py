"""Every operation, one file each: the visible list. CONTRIBUTING.md names what else a new one needs."""

from __future__ import annotations

from typing import Any

from pressroom.domain.operation import Operation
from pressroom.operations import (
    adjust,
    choose,
    compress,
    control,
    convert,
    crop,
    describe_image,
    edit_image,
    enhance_face,
    filter,
    flip,
    generate_image,
    image_to_3d,
    image_to_video,
    overlay,
    print_export,
    recolor,
    remove_background,
    replace_background,
    resize,
    rotate,
    sound_effect,
    speak,
    talking_avatar,
    text_to_video,
    upscale,
    watermark,
    write_text,
)

ALL: tuple[Operation[Any], ...] = (
    adjust.OPERATION,
    choose.OPERATION,
    compress.OPERATION,
    control.OPERATION,
    convert.OPERATION,
    crop.OPERATION,
    describe_image.OPERATION,
    edit_image.OPERATION,
    enhance_face.OPERATION,
    filter.OPERATION,
    flip.OPERATION,
    generate_image.OPERATION,
    image_to_3d.OPERATION,
    image_to_video.OPERATION,
    overlay.OPERATION,
    print_export.OPERATION,
    recolor.OPERATION,
    remove_background.OPERATION,
    replace_background.OPERATION,
    resize.OPERATION,
    rotate.OPERATION,
    sound_effect.OPERATION,
    speak.OPERATION,
    talking_avatar.OPERATION,
    text_to_video.OPERATION,
    upscale.OPERATION,
    watermark.OPERATION,
    write_text.OPERATION,
)
OPERATIONS: dict[str, Operation[Any]] = {operation.name: operation for operation in ALL}
