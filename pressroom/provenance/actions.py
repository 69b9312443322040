"""What each operation does to a picture, in C2PA's words (C2PA specification 2.2, table of actions)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Action:
    """The C2PA name, and whether the operation adds elements of its own to what it is given."""

    name: str
    composes: bool = False


# Operations without a row count as edits that add something: that never claims less than happened.
OTHER: Final = Action("c2pa.edited", composes=True)
ACTIONS: Final[dict[str, Action]] = {
    "generate_image": Action("c2pa.created", composes=True),
    "remove_background": Action("c2pa.edited"),
    "replace_background": Action("c2pa.edited", composes=True),
    "upscale": Action("c2pa.resized"),
    "resize": Action("c2pa.resized"),
    "overlay": Action("c2pa.drawing", composes=True),
    "image_to_video": Action("c2pa.converted", composes=True),
    "text_to_video": Action("c2pa.created", composes=True),
    "crop": Action("c2pa.cropped"),
    "rotate": Action("c2pa.orientation"),
    "flip": Action("c2pa.orientation"),
    "adjust": Action("c2pa.color_adjustments"),
    "filter": Action("c2pa.filtered"),
    "recolor": Action("c2pa.color_adjustments"),
    "watermark": Action("c2pa.drawing", composes=True),
    "convert": Action("c2pa.converted"),
    "choose": Action("c2pa.opened"),
    "approve": Action("c2pa.opened"),
    "compress": Action("c2pa.transcoded"),
    "edit_image": Action("c2pa.edited", composes=True),
    "control": Action("c2pa.created", composes=True),
    "enhance_face": Action("c2pa.edited"),
    "lip_sync": Action("c2pa.edited", composes=True),
    "talking_avatar": Action("c2pa.converted", composes=True),
    "image_to_3d": Action("c2pa.converted", composes=True),
    "speak": Action("c2pa.created", composes=True),
    "sound_effect": Action("c2pa.created", composes=True),
    "describe_image": Action("c2pa.created", composes=True),
    "write_text": Action("c2pa.created", composes=True),
    "print_export": Action("c2pa.converted"),
}


def action_of(operation: str) -> Action:
    return ACTIONS.get(operation, OTHER)
