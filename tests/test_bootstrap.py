"""What does not go together in the settings is told when the adapters are built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.bootstrap import open_identity_provider
from pressroom.domain.errors import Invalid
from pressroom.settings import settings_for

ISSUER = "https://id.acme.example/realms/acme"
WITHOUT_THE_EXTRA = """
import sys
sys.modules["authlib"] = None  # as where it is not installed
from pressroom.bootstrap import open_identity_provider
from pressroom.settings import settings_for
try:
    open_identity_provider(settings_for(oidc_issuer=sys.argv[1], oidc_client_id="pressroom"))
except Exception as exc:
    print(type(exc).__name__, exc.problems[0].message, exc.problems[0].hint)
"""


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, "oidc_client_id"), ({"oidc_client_id": "pressroom", "oidc_account": "default"}, "oidc_domains")],
)
def test_a_provider_needs_a_client_and_an_account_needs_to_know_whom_it_takes_in(
    tmp_path: Path, given: dict[str, str], missing: str
) -> None:
    with pytest.raises(Invalid, match=f"'{missing}' is empty"):
        open_identity_provider(settings_for(tmp_path, {}, oidc_issuer=ISSUER, **given))


def test_without_its_extra_the_setting_says_what_to_install(tmp_path: Path) -> None:
    asked = [sys.executable, "-c", WITHOUT_THE_EXTRA, ISSUER]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout

    assert said.startswith("Invalid setting 'oidc_issuer'")
    assert said.strip().endswith("pip install 'pressroom[oidc]'")
