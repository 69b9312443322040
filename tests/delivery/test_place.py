"""Every account delivers into a folder of its own, whatever it is called."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from pressroom.delivery.place import delivery_folder
from pressroom.domain.content_hash import digest

OUT = Path("/c/out")
NAMES = [
    "acme",
    "Acme",
    "ACME",
    "a/b",
    "a-b",
    "a b",
    "..",
    ".",
    "../../etc",
    "@acme",
    "acme.",
    "Zürich",
    "新",
    "x" * 64,
    "X" * 64,
]


def test_the_default_account_delivers_beside_the_campaign_and_others_each_by_name() -> None:
    assert delivery_folder(OUT, "default", "sale") == OUT / "sale"
    assert delivery_folder(OUT, "acme", "sale") == OUT / "@acme" / "sale"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_never_leaves_the_folder_nor_meets_a_campaign(name: str) -> None:
    found = delivery_folder(OUT, name, "sale")

    assert found.parent.parent == OUT
    assert found.parent.name.startswith("@")
    assert found.parent.name.isascii()
    assert not found.parent.name.endswith(".")
    assert len(found.parent.name) < 255


def test_no_two_accounts_share_a_folder_even_where_case_does_not_count() -> None:
    forged = f"acme~{digest('ACME')[:16]}"  # called as the folder of another
    names = [*NAMES, "default", "Default", forged]

    folders = {name: str(delivery_folder(OUT, name, "sale")).casefold() for name in names}

    assert [pair for pair in combinations(names, 2) if folders[pair[0]] == folders[pair[1]]] == []
