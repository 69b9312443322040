"""A backend of the keyring library that keeps its passwords in a file, for tests: nobody's real keyring is touched."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

NAME = "tests.support.file_keyring.FileKeyring"
VARIABLE = "PRESSROOM_TEST_KEYRING"


class FileKeyring(KeyringBackend):
    """The file is named by the environment; where it is `locked` every call fails as with a locked keyring."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._kept() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._kept()
        if kept.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("not found")
        self._write(kept)

    def _kept(self) -> dict[str, str]:
        file = Path(os.environ[VARIABLE])
        if file.name == "locked":
            raise RuntimeError("the collection is locked")
        found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def _write(self, kept: dict[str, str]) -> None:
        Path(os.environ[VARIABLE]).write_text(json.dumps(kept))
