"""What killed processes have left in the store goes, what anything on record refers to stays."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import pytest

from pressroom.domain.identity import Principal
from pressroom.library.search import Query
from pressroom.services.finding import search_assets
from pressroom.services.sweep_store import sweep_store
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

CAMPAIGN = """
name: swept
steps:
  scene: {uses: draw, model: simulated-direct/ink, with: {prompt: a kettle}}
  wrong: {uses: draw, model: simulated-direct/ink, with: {prompt: a pot, fault: size}}
"""


def grown_old(studio: Studio) -> list[Path]:
    objects = [path for path in studio.home.rglob("*") if path.is_file() and len(path.name) == 64]
    for path in objects:
        os.utime(path, (time.time() - 200_000,) * 2)
    return objects


def test_only_what_nothing_refers_to_is_removed(studio: Studio) -> None:
    studio.go(CAMPAIGN)
    orphan = studio.context.store.put(BytesIO(b"of a process that was killed"))
    kept = {path.name for path in grown_old(studio)} - {orphan}

    found = sweep_store(studio.context)

    assert found is not None
    assert (found.objects, found.size_bytes) == (1, 28)
    assert not studio.context.store.has(orphan)
    assert all(studio.context.store.has(name) for name in kept)
    assets = search_assets(Principal("default"), studio.context, Query()).items
    assert {asset.sha256 for asset in assets} < kept  # a rejected delivery is kept too
