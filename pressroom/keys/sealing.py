"""Secrets that the database keeps and that have to be read again, sealed: without the key, which is elsewhere, they say nothing.

The key is a setting, or one of the home's own that is made when something is first sealed. Of several keys in the setting, by
comma, the first seals and all open: so a key gives way to the next.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from pressroom.domain.errors import Corrupt, Invalid, Problem
from pressroom.keys.kept_keys import KeptKeys

KEPT_AS: Final = "PRESSROOM_SEALING_KEY"  # among the keys that a home keeps
LEAST_CHARACTERS: Final = 32


class Sealer:
    """`keys` reads the keys, as a text; they are read when something is first sealed or opened."""

    def __init__(self, keys: Callable[[], str]) -> None:
        self._keys = keys

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises Corrupt for what was sealed with another key, or is damaged."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as exc:
            hint = f"the key that sealed it belongs into {KEPT_AS}; without it, make a new secret"
            raise Corrupt("a secret in the database cannot be opened with the key that is here", hint=hint) from exc

    @cached_property
    def _fernet(self) -> MultiFernet:
        keys = [key.strip() for key in self._keys().split(",") if key.strip()]
        if not keys or any(len(key) < LEAST_CHARACTERS for key in keys):
            message = f"setting 'sealing_key': a key has {LEAST_CHARACTERS} characters or more"
            raise Invalid.of([Problem("setting", message, "e.g. what `openssl rand -hex 32` prints")])
        return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])


def keys_of_home(given: SecretStr, kept: KeptKeys) -> str:
    """What the setting says, else the home's own key, which is made where there is none."""
    return given.get_secret_value() or kept.read_or_make(KEPT_AS, lambda: secrets.token_hex(32)).get_secret_value()
