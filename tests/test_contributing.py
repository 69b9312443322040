"""CONTRIBUTING.md tells the truth: its commands and files exist, and developers and CI go through the same door."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
JUST = Path(sys.executable).parent / "just"


def recipes() -> set[str]:
    listed = subprocess.run([JUST, "--summary"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return set(listed.split())


def named_paths() -> list[str]:
    """Everything in backticks that looks like a path of this repository: it has a slash or a suffix, and no blank."""
    quoted = re.findall(r"`([^`\s]+)`", TEXT)
    return sorted({name for name in quoted if re.fullmatch(r"[\w./-]+(/|\.(py|md|yaml|toml))|\.ci/run", name)})


def test_every_recipe_but_the_list_itself_is_explained() -> None:
    explained = set(re.findall(r"`uv run just ([\w-]+)", TEXT))

    assert explained == recipes() - {"default", "install", "serve"}


@pytest.mark.parametrize("name", named_paths())
def test_every_file_it_names_exists(name: str) -> None:
    """Names inside the package may be given without `pressroom/`, as the text says where they are."""
    assert (ROOT / name).exists() or (ROOT / "pressroom" / name).exists()


def test_developers_and_ci_run_the_tests_with_the_same_command() -> None:
    assert "uv run pytest" in (ROOT / "justfile").read_text(encoding="utf-8")
    assert "tests/servers.py uv run pytest" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "uv run just check" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
