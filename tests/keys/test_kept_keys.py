"""Keys that a home keeps: in a keyring, else in a file of its owner; what is read when, and what a process could show."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from pydantic import SecretStr

from pressroom.domain.errors import Corrupt, Retryable
from pressroom.keys.kept_keys import KeptKeys, Place
from tests.support.file_keyring import VARIABLE, FileKeyring

KEY = SecretStr("hunter2-and-more")


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file in which the keyring of this test keeps its passwords."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "ring.json"))
    with using(FileKeyring()):  # type: ignore[no-untyped-call]
        yield tmp_path / "ring.json"


@contextmanager
def using(backend: KeyringBackend) -> Iterator[None]:
    """The keyring library has this backend meanwhile."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)


def test_a_keyring_keeps_the_key_and_the_home_only_says_so(ring: Path, tmp_path: Path) -> None:
    kept = KeptKeys(tmp_path / "home")

    assert kept.keep("FAL_KEY", KEY) is Place.KEYRING

    assert kept.places() == {"FAL_KEY": Place.KEYRING}
    assert KeptKeys(tmp_path / "home").read("FAL_KEY") == KEY
    assert KEY.get_secret_value() not in (tmp_path / "home" / "keys.json").read_text()
    assert list(json.loads(ring.read_text()).values()) == [KEY.get_secret_value()]


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
def test_without_a_keyring_a_file_that_only_its_owner_reads_keeps_it(
    tmp_path: Path, backend: type[KeyringBackend]
) -> None:
    kept = KeptKeys(tmp_path / "home")

    with using(backend()):
        assert kept.keep("FAL_KEY", KEY) is Place.FILE
        assert kept.read("FAL_KEY") == KEY

    path = tmp_path / "home" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == ["keys.json"]


def test_two_homes_keep_keys_of_their_own(ring: Path, tmp_path: Path) -> None:
    one, other = KeptKeys(tmp_path / "one"), KeptKeys(tmp_path / "other")
    one.keep("FAL_KEY", KEY)
    other.keep("FAL_KEY", SecretStr("of the other"))

    assert one.read("FAL_KEY") == KEY


def test_a_key_in_place_of_another_is_the_one_that_is_read(ring: Path, tmp_path: Path) -> None:
    kept = KeptKeys(tmp_path)
    kept.keep("FAL_KEY", KEY)
    assert kept.read("FAL_KEY") == KEY

    kept.keep("FAL_KEY", SecretStr("a-new-one"))

    assert kept.read("FAL_KEY") == SecretStr("a-new-one")


def test_a_removed_key_is_nowhere(ring: Path, tmp_path: Path) -> None:
    kept = KeptKeys(tmp_path)
    kept.keep("FAL_KEY", KEY)

    assert kept.remove("FAL_KEY")

    assert (kept.places(), kept.read("FAL_KEY"), json.loads(ring.read_text())) == ({}, None, {})
    assert not kept.remove("FAL_KEY")


def test_a_key_that_is_gone_from_the_keyring_can_be_removed(ring: Path, tmp_path: Path) -> None:
    kept = KeptKeys(tmp_path)
    kept.keep("FAL_KEY", KEY)
    ring.write_text("{}")

    assert KeptKeys(tmp_path).read("FAL_KEY") is None
    assert kept.remove("FAL_KEY")


def test_what_is_shown_is_what_this_process_has_read(ring: Path, tmp_path: Path) -> None:
    kept = KeptKeys(tmp_path)
    kept.keep("FAL_KEY", KEY)
    assert kept.shown() == ()

    kept.read("FAL_KEY")

    assert kept.shown() == (KEY.get_secret_value(),)


def test_a_locked_keyring_can_be_asked_later_and_needs_no_asking_for_the_names(
    ring: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptKeys(tmp_path)
    kept.keep("FAL_KEY", KEY)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "locked"))

    assert kept.places() == {"FAL_KEY": Place.KEYRING}
    with pytest.raises(Retryable, match="keyring cannot be used now"):
        kept.read("FAL_KEY")
    with pytest.raises(Retryable):
        kept.remove("FAL_KEY")


@pytest.mark.parametrize("text", ["{", "[]", '{"FAL_KEY": 3}'])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)

    with pytest.raises(Corrupt, match="damaged"):
        KeptKeys(tmp_path).places()
