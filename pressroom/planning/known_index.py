"""An index of keys held in memory: what a library has and what is being bought, without a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownIndex:
    """Keys that are in the library, and keys with an unfinished purchase. Implements pressroom.planning.values.Index."""

    known: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()

    def known_keys(self, keys: list[str]) -> set[str]:
        return set(self.known.intersection(keys))

    def open_keys(self, keys: list[str]) -> set[str]:
        return set(self.unfinished.intersection(keys))
