"""A run is of one campaign: a file, or a document that the account has stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from pressroom.services.run_request import RunRequest


@pytest.mark.parametrize("named", [{}, {"file": ""}, {"file": "a.yaml", "document": "a"}])
def test_it_names_a_file_or_a_document_and_not_both(named: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give one of document, yaml and file"):
        RunRequest(**named)


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ({"file": "/c/launch.yaml"}, "launch"),
        ({"file": "/c/spring/campaign.yaml"}, "spring"),
        ({"document": "autumn"}, "autumn"),
        ({"document": "autumn", "label": "sale"}, "sale"),
        ({"document": "\u202eautumn\x1b[31m"}, "\\u202eautumn\\x1b[31m"),
    ],
)
def test_it_is_called_by_its_label_or_after_what_it_names_in_harmless_text(named: dict[str, str], name: str) -> None:
    assert RunRequest(**named).name == name


def test_files_go_beside_the_campaign_and_those_of_a_document_into_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert RunRequest(file=str(tmp_path / "a.yaml")).out_folder("default", "a", home) == tmp_path / "out" / "a"
    assert RunRequest(document="a").out_folder("default", "a", home) == home / "out" / "a"
    assert RunRequest(document="a", out=str(tmp_path)).out_folder("default", "a", home) == tmp_path / "a"


def test_another_account_has_a_folder_of_its_own_wherever_files_go(tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert RunRequest(file=str(tmp_path / "a.yaml")).out_folder("b", "a", home) == tmp_path / "out" / "@b" / "a"
    assert RunRequest(document="a").out_folder("b", "a", home) == home / "out" / "@b" / "a"
    assert RunRequest(document="a", out=str(tmp_path)).out_folder("b", "a", home) == tmp_path / "@b" / "a"
