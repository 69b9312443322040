"""Files of every format, and a signer with a certificate of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pressroom.provenance.certificates import Certificate, development
from pressroom.provenance.signer import C2paSigner


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return development(tmp_path_factory.mktemp("signing"), now=datetime.now(UTC))


@pytest.fixture(scope="session")
def signer(certificate: Certificate) -> C2paSigner:
    return C2paSigner(lambda: certificate)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from tests.support.formats import write_samples

    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture
def copy_of(samples: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    def copied(name: str, to: str = "") -> Path:
        return Path(shutil.copy(samples[name], tmp_path / (to or name)))

    return copied
