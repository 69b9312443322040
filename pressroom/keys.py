"""Vendors' keys: which are set in the environment, under the names that the catalog gives, and what they are.

Each name may also be set with `_FILE` at its end, to the path of a file that holds the key, as containers do. A key is read
when an adapter is built and is never kept in settings, plans or messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import SecretStr

from pressroom.catalog.load import Catalog

SUFFIX = "_FILE"
MAX_KEY_BYTES = 64_000  # longer than any key or service account file


def keys_known(catalog: Catalog, environ: Mapping[str, str]) -> frozenset[str]:
    """The names of the catalog's providers under which there is a key."""
    names = {name for provider in catalog.providers.values() for name in provider.keys}
    return frozenset(name for name in names if read_key([name], environ) is not None)


def read_key(names: Iterable[str], environ: Mapping[str, str]) -> SecretStr | None:
    """The key under the first of these names that has one; None where none is set, is empty, or its file cannot be read."""
    for name in names:
        key = environ.get(name, "").strip() or _in_file(environ.get(name + SUFFIX, ""))
        if key:
            return SecretStr(key)
    return None


def _in_file(path: str) -> str:
    if not path:
        return ""
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(MAX_KEY_BYTES).decode().strip()
    except (OSError, RuntimeError, ValueError):  # no such file, no home to expand ~ to, not text
        return ""
