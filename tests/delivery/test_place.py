"""Every account delivers into a folder of its own, whatever it is called."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.delivery.place import BucketPlace, delivery_place, folder_name, place_of
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Invalid

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
    assert delivery_place(OUT, "default", "sale") == OUT / "sale"
    assert delivery_place(OUT, "acme", "sale") == OUT / "@acme" / "sale"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_never_leaves_the_folder_nor_meets_a_campaign(name: str) -> None:
    found = delivery_place(OUT, name, "sale")

    assert found.parent.parent == OUT
    assert found.parent.name.startswith("@")
    assert found.parent.name.isascii()
    assert not found.parent.name.endswith(".")
    assert len(found.parent.name) < 255


def test_no_two_accounts_share_a_folder_even_where_case_does_not_count() -> None:
    forged = f"acme~{digest('ACME')[:16]}"  # called as the folder of another
    names = [*NAMES, "default", "Default", forged]

    folders = {name: str(delivery_place(OUT, name, "sale")).casefold() for name in names}

    assert [pair for pair in combinations(names, 2) if folders[pair[0]] == folders[pair[1]]] == []


def test_a_campaign_as_it_is_written_has_its_name_and_other_values_have_their_own() -> None:
    assert folder_name("sale", {}) == "sale"
    assert re.fullmatch(r"sale-made-for-mornings-[0-9a-f]{8}", folder_name("sale", {"headline": "Made for mornings!"}))
    assert re.fullmatch(r"sale-mug-80-[0-9a-f]{8}", folder_name("sale", {"width": 80, "photo": "../my/mug.png"}))
    assert re.fullmatch(r"sale-[0-9a-f]{8}", folder_name("sale", {"headline": "新"}))


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=60)), max_size=6, unique_by=repr))
def test_no_two_different_sets_of_values_share_a_folder(sets: list[dict[str, str]]) -> None:
    names = [folder_name("sale", values) for values in sets]

    assert len({name.casefold() for name in names}) == len({repr(sorted(values.items())) for values in sets})
    assert all(len(name) < 100 and "/" not in name for name in names)


def test_a_place_in_a_bucket_is_a_folder_too() -> None:
    place = place_of("s3://media/shop//2026/")

    assert place == BucketPlace("media", "shop/2026")
    assert str(delivery_place(place, "acme", "sale")) == "s3://media/shop/2026/@acme/sale"
    assert str(place_of("s3://media") / "sale") == "s3://media/sale"
    assert (place.name, str(place.parent)) == ("2026", "s3://media/shop")


@pytest.mark.parametrize("text", ["s3://", "s3://UPPER/x", "s3://key:secret@host/x", "s3://media/../x"])
def test_what_names_no_bucket_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Invalid, match="s3://BUCKET/FOLDER") as refused:
        place_of(text)

    assert "secret" not in str(refused.value)
