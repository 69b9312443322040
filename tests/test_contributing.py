"""CONTRIBUTING.md tells the truth: its commands and files exist, and developers and CI go through the same door."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Tests of a whole room or of the whole product: what they test is no single file.
WHOLE = frozenset(
    {
        "agents/test_overspending.py",
        "api/test_fuzz.py",
        "api/test_nobody_reads.py",
        "buying/test_faults.py",
        "buying/test_kill.py",
        "buying/test_kill_over_http.py",
        "catalog/test_rendition_list.py",
        "cli/test_commands.py",
        "cli/test_account_commands.py",
        "cli/test_run_command.py",
        "cli/test_secrets.py",
        "cli/test_surroundings.py",
        "database/test_owners_migration.py",
        "flows/test_campaign_flow.py",
        "flows/test_life_and_death.py",
        "flows/test_interruption.py",
        "ledger/test_concurrency.py",
        "ledger/test_model.py",
        "simulator/test_charges.py",
        "simulator/test_every_row.py",
        "simulator/test_every_vendor.py",
        "simulator/test_odd_answers.py",
        "simulator/test_official_sdks.py",
        "simulator/test_price_lock.py",
        "simulator/test_sdks_further.py",
        "simulator/test_vendor_table.py",
        "library/test_two_accounts.py",
        "media/test_hostile.py",
        "services/test_plan_is_run.py",
        "services/test_start_and_finish_run.py",
        "sources/test_campaign_source.py",
        "storage/test_object_store.py",
        "test_additions.py",
        "test_contributing.py",
        "test_deployments.py",
        "test_docs.py",
        "test_docs_codes.py",
        "test_servers.py",
        "test_wheel.py",
        "web/test_nobody_reads.py",
    }
)
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


def stands_beside(test: Path) -> bool:
    """`test_x.py` and `test_x_part.py` test x.py at the same path; one named after its folder, or a package in it, tests that."""
    room, words = test.parent, test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    places = [ROOT / "pressroom" / room, ROOT / room]
    return (bool(room.parts) and room.name in names) or any(
        (place / f"{name}.py").is_file() or (place / name / "__init__.py").is_file()
        for place in places
        for name in names
    )


def test_tests_stand_where_what_they_test_stands() -> None:
    found = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}

    astray = sorted(str(path) for path in found if str(path) not in WHOLE and not stands_beside(path))

    assert astray == [], "move them beside what they test, or name them in WHOLE"
