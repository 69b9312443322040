"""Commands that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.core import TyperGroup

from pressroom.cli.deferred import DeferredCommands
from pressroom.cli.main import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    assert DeferredCommands("pressroom.cli", COMMANDS)[name].name == name


def test_what_joins_a_group_is_in_it() -> None:
    assets = DeferredCommands("pressroom.cli", COMMANDS)["assets"]

    assert isinstance(assets, TyperGroup)
    assert {"list", "trash", "versions"} <= assets.commands.keys()  # of three modules


def test_a_command_imports_no_other() -> None:
    program = (
        "import sys; from pressroom.cli.main import app\n"
        "app(['store', '--help'], standalone_mode=False); print(*sys.modules)"
    )

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    others = {f"pressroom.cli.{places[0].partition('.')[0]}" for places in COMMANDS.values()} - {"pressroom.cli.store"}
    assert "pressroom.cli.store" in loaded
    assert others & set(loaded) == set()
