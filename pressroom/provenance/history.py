"""How a file came to be, as far as its provenance needs to know: plain values, worked out by the executor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pressroom.provenance.actions import action_of
from pressroom.provenance.source_types import source_type
from pressroom.provenance.xmp import Origin


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One file that went into another. `source_type` is an IPTC term, None where nothing is known of it.

    `brought` marks a file of the user's: what it says of itself was not checked when it was made, so it is now.
    """

    asset_id: str
    sha256: str
    path: Path
    mime: str
    source_type: str | None = None
    brought: bool = False

    @property
    def origin(self) -> Origin:
        return Origin(f"urn:pressroom:asset:{self.asset_id}", f"urn:sha256:{self.sha256}")


@dataclass(frozen=True, slots=True)
class History:
    """What made a file, and from what. No prompt and no parameter is in it, only their digest.

    `generative` says that a trained model made pixels; `bought` that a vendor delivered the file, which may then carry
    a history of its own.
    """

    operation: str
    version: int
    maker: str
    params_digest: str
    generative: bool = False
    bought: bool = False
    ancestors: tuple[Ancestor, ...] = ()

    @property
    def source_type(self) -> str:
        """The IPTC term for what was made."""
        composes = action_of(self.operation).composes
        parents = [ancestor.source_type for ancestor in self.ancestors]
        return source_type(parents, generative=self.generative, composes=composes)
