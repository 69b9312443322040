"""The port of provenance: what tells in files where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from pressroom.provenance.history import History


class ProvenanceDraft(Protocol):
    """What the files of one node will say of where they come from."""

    @property
    def reserved_bytes(self) -> int:
        """The most that `attach` adds to a file of a format that has a byte limit."""
        ...

    def attach(self, path: Path, mime: str, max_bytes: int | None = None) -> dict[str, Any]:
        """Add it to the file, pixels untouched; JSON values for its record, empty when nothing was to be added.

        Never raises over what it cannot do and never loses a file: the record then holds a `reason`.
        """
        ...


class Provenance(Protocol):
    """Tells in files where they come from. Safe to use from several threads."""

    def draft(self, history: History) -> ProvenanceDraft:
        """Raises Refused when nothing can be signed."""
        ...

    def check(self) -> str:
        """One line about what signs. Raises Refused when nothing can be signed. For pre-flight and `pressroom doctor`."""
        ...
