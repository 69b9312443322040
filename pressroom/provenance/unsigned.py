"""No provenance at all, where the setting says so: files stay as their operations wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pressroom.provenance.history import History


class NoProvenance:
    """Adds nothing to any file."""

    reserved_bytes = 0

    def check(self) -> str:
        return "off (setting 'provenance'): files say nothing of where they come from"

    def draft(self, history: History) -> NoProvenance:
        return self

    def attach(self, path: Path, mime: str, max_bytes: int | None = None) -> dict[str, Any]:
        return {}
