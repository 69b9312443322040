"""Vendors' keys that a home keeps: in the system's keyring, where there is none in a file that only its owner may read.

`keys.json` says of each name where its key is, `{"FAL_KEY": {"keyring": "FAL_KEY of /home/me/.pressroom"}}` or
`{"FAL_KEY": {"key": "…"}}`: which names there are is known without asking a keyring, which may want to be unlocked first.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from pressroom.database.lock import taking_turns
from pressroom.domain.errors import Corrupt, Retryable

FILE: Final = "keys.json"
SERVICE: Final = "pressroom"  # under which the keyring lists them
OWNER_ONLY: Final = 0o600

# Entry of the keyring -> key, of those that this process has read: what it has not read it cannot show.
_read: dict[str, str] = {}
_NO_HOME: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # nothing is kept in a home that is not there


class Place(StrEnum):
    """Where a kept key is."""

    KEYRING = "keyring"
    FILE = "file"


class KeptKeys:
    """The keys that are kept for one home, by the names that they have in the environment."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / FILE

    def places(self) -> dict[str, Place]:
        """Name -> where its key is."""
        return {name: Place.KEYRING if "keyring" in entry else Place.FILE for name, entry in self._entries().items()}

    def read(self, name: str) -> SecretStr | None:
        """None where none is kept. Raises Retryable where the keyring cannot be read now."""
        entry = self._entries().get(name, {})
        key = _from_keyring(entry["keyring"]) if "keyring" in entry else entry.get("key", "")
        return SecretStr(key) if key else None

    def shown(self) -> tuple[str, ...]:
        """Those that this process could show: all in the file, and of the keyring what was read."""
        entries = self._entries().values()
        return tuple(
            key for each in entries for key in (each.get("key", ""), _read.get(each.get("keyring", ""), "")) if key
        )

    def keep(self, name: str, key: SecretStr) -> Place:
        """Put a key in place of the one that was kept under this name; returns where it is now."""
        entry = f"{name} of {self._home}"
        in_keyring = _into_keyring(entry, key.get_secret_value())
        self._change(name, {"keyring": entry} if in_keyring else {"key": key.get_secret_value()})
        return Place.KEYRING if in_keyring else Place.FILE

    def read_or_make(self, name: str, make: Callable[[], str]) -> SecretStr:
        """What is kept under this name, else what `make` makes: one for all processes that ask at the same time."""
        self._home.mkdir(parents=True, exist_ok=True)
        with taking_turns(self._home / "keys.turns", f"{FILE} {name}"):
            known = self.read(name)
            if known is None:
                known = SecretStr(make())
                self.keep(name, known)
            return known

    def remove(self, name: str) -> bool:
        """Whether there was one. Raises Retryable where the keyring cannot be changed now."""
        entry = self._entries().get(name)
        if entry is None:
            return False
        if "keyring" in entry:
            _out_of_keyring(entry["keyring"])
        self._change(name, None)
        return True

    def _entries(self) -> dict[str, dict[str, str]]:
        try:
            entries = json.loads(self._path.read_bytes())
            return {str(name): dict(entry) for name, entry in entries.items()}
        except OSError as exc:
            if exc.errno in _NO_HOME:
                return {}
            raise
        except (ValueError, AttributeError, TypeError) as exc:
            hint = "remove it, and set the keys again: pressroom providers set"
            raise Corrupt(f"the file of vendors' keys {self._path} is damaged", hint=hint) from exc

    def _change(self, name: str, entry: dict[str, str] | None) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        with taking_turns(self._home / "keys.turns", FILE):
            others = {other: kept for other, kept in self._entries().items() if other != name}
            _write_for_owner(self._path, json.dumps(others | ({name: entry} if entry else {}), indent=1))


def _write_for_owner(path: Path, text: str) -> None:
    """As a whole, and never readable for others."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _from_keyring(entry: str) -> str:
    if entry not in _read:
        import keyring  # takes long to import, and most commands need no key

        try:
            _read[entry] = keyring.get_password(SERVICE, entry) or ""
        except Exception as exc:
            raise _unreadable(exc) from exc
    return _read[entry]


def _into_keyring(entry: str, key: str) -> bool:
    """Whether this machine has a keyring that keeps it and gives it back."""
    import keyring

    _read.pop(entry, None)
    try:
        keyring.set_password(SERVICE, entry, key)
        return keyring.get_password(SERVICE, entry) == key
    except Exception:  # noqa: BLE001 - each backend fails in its own way: without a service, locked, not built in
        return False


def _out_of_keyring(entry: str) -> None:
    import keyring
    from keyring.errors import PasswordDeleteError

    _read.pop(entry, None)
    try:
        keyring.delete_password(SERVICE, entry)
    except PasswordDeleteError:  # it is no longer there
        return
    except Exception as exc:
        raise _unreadable(exc) from exc


def _unreadable(exc: Exception) -> Retryable:
    return Retryable(f"the system's keyring cannot be used now ({type(exc).__name__})", hint="unlock it and try again")
