"""One attempt to sign in by a provider: what it sends along and must get back, all of it made of one secret.

The browser that has begun keeps the secret in a cookie; whoever comes back without it has begun elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

SECRET_BYTES: Final = 32
LASTS_SECONDS: Final = 600
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """`target` is the path of ours to go to afterwards."""

    secret: str
    target: str

    @classmethod
    def begin(cls, target: str) -> Attempt:
        return cls(secrets.token_urlsafe(SECRET_BYTES), target)

    @classmethod
    def of_cookie(cls, value: str) -> Attempt | None:
        """None for what no `as_cookie` has made."""
        secret, _, target = value.partition(".")
        try:
            return cls(secret, base64.urlsafe_b64decode(target).decode()) if _SECRET.fullmatch(secret) else None
        except (ValueError, binascii.Error):
            return None

    def as_cookie(self) -> str:
        return f"{self.secret}.{base64.urlsafe_b64encode(self.target.encode()).decode()}"

    @property
    def state(self) -> str:
        """Comes back with the browser: another site cannot make it sign in as somebody else."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Comes back in the ID token, which was made for this attempt and no other."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Goes to the provider with the code, which is worth nothing without it (PKCE)."""
        return self._derived("verifier")

    def is_state(self, given: str) -> bool:
        return hmac.compare_digest(self.state.encode(), given.encode("utf-8", "replace"))

    def _derived(self, what: str) -> str:
        digest = hmac.digest(self.secret.encode(), what.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def __repr__(self) -> str:
        return f"Attempt({self.target!r})"  # a secret is in no log
