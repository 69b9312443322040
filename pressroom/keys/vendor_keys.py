"""Vendors' keys: which there are, under the names that the catalog gives, and what they are.

The environment comes first: each name may be set there, or with `_FILE` at its end to the path of a file that holds the key, as
containers do. Then comes what the home keeps. A key is read when it is needed and is never part of settings, plans or messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr

from pressroom.catalog.load import Catalog
from pressroom.keys.kept_keys import KeptKeys

SUFFIX = "_FILE"
MAX_KEY_BYTES = 64_000  # longer than any key or service account file


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys for work in one home."""

    environ: Mapping[str, str]
    home: Path

    @cached_property
    def kept(self) -> KeptKeys:
        return KeptKeys(self.home)

    def known(self, catalog: Catalog) -> frozenset[str]:
        """The names of the catalog's providers under which there is a key. Asks no keyring."""
        kept = self.kept.places()
        return frozenset(name for name in names_in(catalog) if name in kept or self._given(name))

    def read(self, names: Iterable[str]) -> SecretStr | None:
        """The key under the first of these names that has one; None where none is set, is empty, or its file cannot be read.

        Raises Retryable where it is in a keyring that cannot be read now.
        """
        names = tuple(names)
        given = next(filter(None, map(self._given, names)), "")
        return SecretStr(given) if given else next(filter(None, map(self.kept.read, names)), None)

    def origin(self, names: Iterable[str]) -> tuple[str, str] | None:
        """(`FAL_KEY`, `environment`): the name under which `read` finds the key, and where; None where it finds none."""
        names = tuple(names)
        kept = self.kept.places()
        given = next(((name, "environment") for name in names if self._given(name)), None)
        return given or next(((name, kept[name].value) for name in names if name in kept), None)

    def secrets(self, catalog: Catalog) -> tuple[str, ...]:
        """Every key that this process could show."""
        return (*filter(None, map(self._given, names_in(catalog))), *self.kept.shown())

    def with_key(self, name: str, key: SecretStr) -> Keys:
        """The same, but with this key."""
        return Keys({**self.environ, name: key.get_secret_value()}, self.home)

    def _given(self, name: str) -> str:
        """What the environment has."""
        return self.environ.get(name, "").strip() or _in_file(self.environ.get(name + SUFFIX, ""))


def names_in(catalog: Catalog) -> frozenset[str]:
    """Every name that the catalog gives to a key."""
    return frozenset(name for row in catalog.providers.values() for name in (*row.keys, *row.billing_keys))


def variables_of(catalog: Catalog) -> frozenset[str]:
    """Every environment variable that may hold a key, or the path of one."""
    names = names_in(catalog)
    return names | {name + SUFFIX for name in names}


def _in_file(path: str) -> str:
    if not path:
        return ""
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(MAX_KEY_BYTES).decode().strip()
    except (OSError, RuntimeError, ValueError):  # no such file, no home to expand ~ to, not text
        return ""
