"""Secrets as text that an address can hold."""

from __future__ import annotations

import base64
import secrets
from typing import Final

SECRET_BYTES: Final = 32


def secret_text(seed: bytes = b"") -> str:
    """43 letters, digits, - and _ of these 32 bytes, or of random ones."""
    return base64.urlsafe_b64encode(seed or secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode()
