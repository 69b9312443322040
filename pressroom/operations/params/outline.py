"""The parameters by which people choose who finds a subject's outline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Field

if TYPE_CHECKING:
    from pressroom.media.cutout.matting import Way

CutMethod: TypeAlias = Annotated[
    Literal["auto", "classical", "network"],
    Field(
        description="auto finds outlines by edges, by colours and by a small network that comes along, and takes the best; "
        "classical leaves the network out; network asks the one in `network` alone."
    ),
]
CutNetwork: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=500,
        pattern=r"^(?:/|~/).+\.onnx$",
        description="For method: network: path of a larger ONNX file that finds subjects, e.g. U-2-Net or IS-Net, on the "
        "machine that runs this, from / or ~/. Nothing is downloaded.",
    ),
]


def check_outline(method: CutMethod, network: CutNetwork) -> None:
    """Raises ValueError when one is given without the other."""
    if (method == "network") != (network is not None):
        raise ValueError("method: network and network belong together: give both or none")


def way_of(method: CutMethod, network: CutNetwork) -> Way:
    """Who finds the outline."""
    from pressroom.media.cutout.matting import Way  # pixel libraries load slower than a plan takes to make

    return Way(method != "classical", None if network is None else Path(network).expanduser())
