"""What `--help` says of a command is a whole sentence, at the width of a pipe as well."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from pressroom.cli.main import app

GROUPS = ["", "account", "assets", "credits", "jobs", "runs", "tokens", "users"]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("columns", ["60", "80"])
def test_no_sentence_is_cut(group: str, columns: str) -> None:
    done = CliRunner(env={"COLUMNS": columns}).invoke(app, [*filter(None, [group]), "--help"])

    listed = done.output.partition("Commands:")[2]
    assert listed.strip()
    assert "..." not in listed
    assert "…" not in listed
