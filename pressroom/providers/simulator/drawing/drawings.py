"""The visible list of what the simulated vendor draws by itself; everything else it has made by the operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Made
from pressroom.domain.operation import Operation, Workspace
from pressroom.providers.simulator.drawing import films, pictures, recordings, solids, words
from pressroom.providers.simulator.drawing.commission import Commission

DRAWINGS: Final[Mapping[str, Callable[[Commission], Sequence[Made]]]] = {
    "control": pictures.controlled,
    "describe_image": words.described,
    "edit_image": pictures.edited,
    "enhance_face": pictures.enhanced,
    "generate_image": pictures.pictured,
    "image_to_3d": solids.modelled,
    "image_to_video": films.from_pictures,
    "lip_sync": films.synced,
    "sound_effect": recordings.effect,
    "speak": recordings.spoken,
    "talking_avatar": films.talking,
    "text_to_video": films.from_words,
    "upscale": pictures.enlarged,
    "write_text": words.written,
}


def drawn(
    name: str, params: Mapping[str, Any], work: Workspace, operations: Mapping[str, Operation[Any]]
) -> Sequence[Made]:
    """The files of an order. Raises Permanent where nobody here can draw them."""
    operation = operations[name]
    draw = DRAWINGS.get(name)
    if draw is not None:
        return draw(Commission(operation, operation.params.model_validate(params), work, operations))
    if operation.run is None:
        raise Permanent(f"the simulated vendor cannot draw {name}")
    return operation.run(operation.params.model_validate(params), work)
