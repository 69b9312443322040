"""An index of keys held in memory: what a library has and what is being bought, without a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownIndex:
    """Keys in the library (`lost`: whose media is gone), and keys with an unfinished purchase. Implements values.Index."""

    known: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def known_keys(self, keys: list[str]) -> dict[str, bool]:
        return {key: key not in self.lost for key in keys if key in self.known or key in self.lost}

    def open_keys(self, keys: list[str]) -> set[str]:
        return set(self.unfinished.intersection(keys))
