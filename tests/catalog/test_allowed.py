"""What an operator says that vendors allow stands over the catalog."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.bootstrap import catalog_for
from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Invalid
from pressroom.settings import settings_for


def test_limits_of_the_settings_stand_over_those_of_the_catalog(tmp_path: Path) -> None:
    said = {"PRESSROOM_REQUESTS_PER_MINUTE": "replicate=6, stability=100", "PRESSROOM_JOBS_AT_ONCE": "wavespeed=300"}

    rows = catalog_for(settings_for(tmp_path, said)).providers

    assert (rows["replicate"].requests_per_minute, rows["stability"].requests_per_minute) == (6, 100)
    assert (rows["wavespeed"].jobs_at_once, rows["wavespeed"].limits_source) == (300, "setting 'jobs_at_once'")
    assert rows["fal"] == load_catalog().providers["fal"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("replicat=6", "did you mean 'replicate'"),
        ("replicate", "is not VENDOR=NUMBER"),
        ("replicate=0", "'replicate=0'"),
    ],
)
def test_what_is_no_limit_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        catalog_for(settings_for(tmp_path, {"PRESSROOM_JOBS_AT_ONCE": text}))


def test_every_limit_of_the_catalog_says_where_it_is_from() -> None:
    limited = [row for row in load_catalog().providers.values() if row.is_limited]

    assert len(limited) >= 5
    assert all(row.limits_source and row.limits_as_of for row in limited)
