"""Secrets in the database: sealed with a key that is elsewhere, which can give way to another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from pressroom.domain.errors import Corrupt, Invalid
from pressroom.keys.kept_keys import KeptKeys
from pressroom.keys.sealing import Sealer, keys_of_home

ONE, TWO = "1" * 32, "2" * 32


def test_what_is_sealed_opens_with_the_same_key_alone() -> None:
    sealed = Sealer(lambda: ONE).seal("secret")

    assert "secret" not in sealed
    assert Sealer(lambda: ONE).open(sealed) == "secret"
    with pytest.raises(Corrupt, match="cannot be opened"):
        Sealer(lambda: TWO).open(sealed)


def test_a_key_gives_way_to_the_next() -> None:
    old = Sealer(lambda: ONE).seal("old")
    both = Sealer(lambda: f"{TWO}, {ONE}")

    assert both.open(old) == "old"
    assert Sealer(lambda: TWO).open(both.seal("new")) == "new"


@pytest.mark.parametrize("keys", ["", "short", f"{ONE},short"])
def test_a_key_that_can_be_guessed_is_refused(keys: str) -> None:
    with pytest.raises(Invalid, match="32 characters"):
        Sealer(lambda: keys).seal("secret")


def test_a_home_has_one_key_of_its_own_however_many_ask(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: keys_of_home(SecretStr(""), KeptKeys(tmp_path)), range(8)))

    assert len(keys) == 1
    assert keys_of_home(SecretStr(ONE), KeptKeys(tmp_path)) == ONE
