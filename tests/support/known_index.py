"""An index of keys held in memory: what a library has and what is being bought, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pressroom.domain.purchases import OpenJob


@dataclass(frozen=True)
class KnownIndex:
    """Keys in the library (`lost`: whose media is gone), and keys with an unfinished purchase. Implements values.Index."""

    known: frozenset[str] = frozenset()
    unfinished: Mapping[str, OpenJob] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()

    def known_keys(self, keys: list[str]) -> dict[str, bool]:
        return {key: key not in self.lost for key in keys if key in self.known or key in self.lost}

    def open_jobs(self, keys: list[str]) -> dict[str, OpenJob]:
        return {key: self.unfinished[key] for key in keys if key in self.unfinished}
