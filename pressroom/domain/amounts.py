"""Amounts of credits and dollars as people write them."""

from __future__ import annotations

from pressroom.domain.errors import Invalid
from pressroom.domain.money import micros


def said_amount(text: str, of: str = "credits") -> int | None:
    """Millionths of `12.5` or `12,5`; None where nothing was said. Raises Invalid for what is no amount."""
    if not text.strip():
        return None
    try:
        return micros(text.strip().replace(",", "."))
    except ValueError as exc:
        raise Invalid(f"{text[:40]!r} is no amount of {of}", hint="write it like 12.5") from exc
