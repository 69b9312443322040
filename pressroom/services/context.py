"""What running a node needs, in one frozen value; pressroom.bootstrap builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pressroom.catalog.load import Catalog
from pressroom.database.engine import Database
from pressroom.domain.operation import Operation
from pressroom.provenance.base import Provenance
from pressroom.providers.base import Provider
from pressroom.settings import Settings
from pressroom.storage.base import ObjectStore


@dataclass(frozen=True, eq=False)
class Context:
    """Adapters, data and settings of one process. `now` is an aware clock."""

    settings: Settings
    database: Database
    store: ObjectStore
    providers: Mapping[str, Provider]
    catalog: Catalog
    operations: Mapping[str, Operation[Any]]
    ffmpeg: str
    provenance: Provenance
    now: Callable[[], datetime]

    @property
    def work(self) -> Path:
        """Folder of the nodes' workspaces."""
        return self.settings.home / "work"

    @property
    def runs(self) -> Path:
        """Folder of one lock file per living run."""
        return self.settings.home / "runs"
