"""What `--json` prints of an error: the answers of `plan` and `run` keep their shape, all others are state and problems."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pressroom.cli.console import NO_PLAN
from pressroom.cli.main import app

ANSWERS_OF_A_RUN = {("plan",), ("run",)}
ERROR = {"state", "problems"}


def commands(group: typer.core.TyperGroup, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every command as its words, and how many arguments it must have."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, (*names, name))
        else:
            required = [item for item in command.params if item.param_type_name == "argument" and item.required]
            options = {option for item in command.params for option in item.opts}
            if "--json" in options:
                yield (*names, name), len(required)


ALL = [*commands(typer.main.get_command(app)), (("runs",), 0), (("credits",), 0)]  # type: ignore[arg-type]


def printed(words: tuple[str, ...], arguments: int) -> str:
    return CliRunner().invoke(app, [*words, *["1"] * arguments, "--json"]).stdout


@pytest.mark.parametrize(
    ("words", "arguments"), ALL, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_an_error_has_the_keys_of_a_run_only_where_a_run_was_asked_for(
    words: tuple[str, ...], arguments: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pressroom.toml").write_text("acount = 1\n", encoding="utf-8")  # no command gets further

    found = json.loads(printed(words, arguments))

    assert set(found) == (ERROR | set(NO_PLAN) if words in ANSWERS_OF_A_RUN else ERROR)


def test_a_command_that_always_prints_json_is_no_exception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    found = json.loads(CliRunner().invoke(app, ["assets", "show", "zz"]).stdout)

    assert set(found) == ERROR
    assert "nothing was run here yet" in found["problems"][0]["message"]
