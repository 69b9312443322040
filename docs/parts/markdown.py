"""Markdown tables and their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell(text) for text in line)} |\n" for line in lines)


def cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def or_dash(text: object) -> str:
    return "–" if text in (None, "", (), [], {}) else str(text)


def code(value: object) -> str:
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "–"


def default_text(value: object) -> str:
    return "–" if value in (None, "", [], {}) else code(value)
