"""How the plan's reader asks a database, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Rows(Protocol):
    """Runs one SELECT with named parameters; no rows where there is no database or no schema yet."""

    def __call__(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]: ...
