"""The parameters by which people choose who finds a subject's outline."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

CutMethod: TypeAlias = Annotated[
    Literal["classical", "rembg"],
    Field(
        description="classical finds the outline by edges and colours. rembg asks a network: it needs the extra "
        "`pressroom[rembg]` and the network's weights on this machine's disk; nothing is downloaded."
    ),
]
CutNetwork: TypeAlias = Annotated[
    Literal["u2net", "u2netp", "u2net_human_seg", "silueta", "isnet-general-use"],
    Field(description="The network of method: rembg."),
]


def network_of(method: CutMethod, network: CutNetwork) -> str | None:
    """The network to ask, None for the classical way."""
    return network if method == "rembg" else None
