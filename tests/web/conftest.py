"""One server for all tests of the pages that leave it as it is, and one for those that do not."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.web_server import RIVAL, Served, another_account, served, signed_in, with_passwords


@pytest.fixture(scope="session")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A home in which nobody has a password: whoever is at this machine runs it."""
    with served(tmp_path_factory.mktemp("open")) as found:
        yield found


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A home with a member of each role."""
    with served(tmp_path_factory.mktemp("house"), trusts_this_machine=False) as found:
        with_passwords(found.context)
        yield found


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same for tests that begin runs, file what they bring, or move things."""
    with served(tmp_path_factory.mktemp("workshop"), trusts_this_machine=False) as found:
        with_passwords(found.context)
        yield found


@pytest.fixture(scope="session")
def rival(house: Served) -> Iterator[httpx.Client]:
    """Somebody of another account in the same home, who has signed in."""
    another_account(house.context)
    with signed_in(house, RIVAL) as client:
        yield client
