"""Days in UTC, written like 2026-12-01: what the caps of tokens count by."""

from __future__ import annotations

from datetime import UTC, datetime


def day_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
