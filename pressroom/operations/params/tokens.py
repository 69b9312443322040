"""Tokens, the measure of models that read and write: bounded before, since nobody counts them but the vendor."""

from __future__ import annotations

# Bounds of what vendors' pages count: 2 characters a token in any script of ours, 2,600 tokens for a picture read finely.
_CHARACTERS, _PICTURE = 2, 2_600
_INSTRUCTION = 400  # what we say around the user's words


def thousands(text: str, pictures: int, max_tokens: int) -> float:
    """The most thousands of tokens that an order can take, read and written together."""
    return (len(text) / _CHARACTERS + pictures * _PICTURE + _INSTRUCTION + max_tokens) / 1000
