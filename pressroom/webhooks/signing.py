"""Signatures after Standard Webhooks (https://www.standardwebhooks.com, read 2026-12-01), symmetric: HMAC-SHA256 under a secret.

Signed is `ID.TIMESTAMP.BODY`. While a secret gives way to the next there are several signatures, and a receiver takes any.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

BEGINS: Final = "whsec_"
KEY_BYTES: Final = 32
VERSION: Final = "v1"


def new_secret(seed: bytes = b"") -> str:
    """Random, or these random bytes: for a call that is sent again."""
    return BEGINS + base64.b64encode(seed or secrets.token_bytes(KEY_BYTES)).decode()


def signed_headers(keys: Iterable[str], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of a message that is sent at this time, in seconds since 1970."""
    text = f"{message_id}.{seconds}.".encode() + body
    signatures = [_signature(key, text) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"{VERSION},{signature}" for signature in signatures),
    }


def _signature(secret: str, text: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(BEGINS), validate=True)
    return base64.b64encode(hmac.digest(key, text, "sha256")).decode()
