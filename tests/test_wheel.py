"""The built wheel, installed into an empty environment, runs campaigns from any folder and claims no foreign names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
UV = os.environ.get("UV") or shutil.which("uv")
TIMEOUT_SECONDS = 600
EXAMPLE = "product-launch"

pytestmark = [
    pytest.mark.wheel,
    pytest.mark.timeout(TIMEOUT_SECONDS),
    pytest.mark.skipif(UV is None, reason="NO uv: the wheel is neither built nor installed; `pip install uv`"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--wheel", "--out-dir", str(folder), str(ROOT))
    (built,) = folder.glob("pressroom-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment with the wheel and the locked versions of what it requires."""
    folder = tmp_path_factory.mktemp("installed")
    locked = folder / "locked.txt"
    locked.write_text(uv("export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--project", str(ROOT)))
    uv("venv", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    uv("pip", "install", "--python", str(python), "--constraint", str(locked), str(wheel))
    return folder / "venv"


@pytest.fixture
def elsewhere(environment: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder that has nothing to do with the checkout; the background server started for it is stopped afterwards."""
    yield tmp_path
    if (tmp_path / EXAMPLE).is_dir():
        pressroom(environment, tmp_path / EXAMPLE, "down")


def uv(*arguments: str) -> str:
    return run([str(UV), *arguments], ROOT)


def pressroom(environment: Path, folder: Path, *arguments: str, expect: int | None = 0) -> str:
    return run([str(environment / "bin" / "pressroom"), *arguments], folder, expect)


def run(command: Sequence[str], folder: Path, expect: int | None = 0) -> str:
    """Standard output of a command that sees neither this checkout nor this environment."""
    hidden = ("PYTHONPATH", "VIRTUAL_ENV", "PRESSROOM_", "PREFECT_")
    finished = subprocess.run(
        command,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith(hidden)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if expect is not None:
        assert finished.returncode == expect, f"{command} in {folder}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


def test_the_wheel_claims_only_its_own_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pressroom"}
    assert not [name for name in names if name.endswith(".pyc")]


@pytest.mark.parametrize("folder", ["flows", "tasks", "blocks", "deployments/campaigns"])
def test_every_file_of_the_project_travels_in_the_wheel(wheel: Path, folder: str) -> None:
    tracked = files_below(folder)

    names = set(zipfile.ZipFile(wheel).namelist())

    assert tracked
    assert {f"pressroom/_project/{name}" for name in tracked} <= names


def files_below(folder: str) -> list[str]:
    """Every file below a folder of the checkout, without what Python, the tools and runs leave there."""
    files = (file for file in (ROOT / folder).rglob("*") if file.is_file())
    return [
        str(file.relative_to(ROOT))
        for file in files
        if not {"__pycache__", "out"} & set(file.parts)
        and not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
    ]


def test_data_files_travel_in_the_wheel(wheel: Path) -> None:
    data = [name for name in files_below("pressroom") if not name.endswith(".py")]

    assert any(name.endswith("placements.yaml") for name in data)
    assert set(data) <= set(zipfile.ZipFile(wheel).namelist())


def test_an_empty_environment_gets_no_flows_tasks_or_blocks_at_the_top(environment: Path) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")

    assert (packages / "pressroom").is_dir()
    for name in ("flows", "tasks", "blocks", "deployments", "tests"):
        assert not (packages / name).exists()


def test_the_installed_project_is_put_on_the_path_only_when_asked(environment: Path, tmp_path: Path) -> None:
    code = """
import importlib.util, pressroom
print(importlib.util.find_spec("flows"))
from pressroom.project import put_on_path
root = put_on_path()
import flows, tasks, blocks
print(root.name, flows.__file__ == str(root / "flows" / "__init__.py"), (root / "prefect.toml").is_file())
"""
    printed = run([str(environment / "bin" / "python"), "-c", code], tmp_path).split("\n")

    assert printed == ["None", "_project True True", ""]


def test_campaigns_are_planned_in_python_where_it_is_installed(environment: Path, tmp_path: Path) -> None:
    code = """
from pressroom.flows import campaign_run, generate_image, resize
with campaign_run("autumn") as autumn:
    resize(image=generate_image(prompt="autumn leaves"), width=90, height=90)
print([node.id for node in autumn.plan().plan.nodes])
"""
    printed = run([str(environment / "bin" / "python"), "-c", code], tmp_path)

    assert printed == "['generate_image', 'resize']\n"


def test_the_installed_command_explains_itself(environment: Path, tmp_path: Path) -> None:
    text = pressroom(environment, tmp_path, "--help")

    assert all(command in text for command in ("init", "plan", "run"))


def test_a_new_user_has_a_running_campaign_from_any_folder(environment: Path, elsewhere: Path) -> None:
    """init writes an example, plan prices it, run makes it, and a second run has nothing to do."""
    pressroom(environment, elsewhere, "init", EXAMPLE)
    campaign = f"{EXAMPLE}/campaign.yaml"

    plan = as_json(pressroom(environment, elsewhere, "plan", campaign, "--json"))
    first = as_json(pressroom(environment, elsewhere, "run", campaign, "--json"))
    second = as_json(pressroom(environment, elsewhere, "run", campaign, "--json"))

    assert plan["allowed"]
    assert {node["action"] for node in plan["nodes"]} == {"create"}
    assert [node["id"] for node in first["nodes"]] == [node["id"] for node in plan["nodes"]]
    files = [Path(asset["path"]) for node in first["nodes"] for asset in node["assets"]]
    assert files
    assert all((elsewhere / file).stat().st_size > 0 for file in files)
    assert {node["action"] for node in second["nodes"]} == {"reuse"}


def as_json(text: str) -> dict[str, Any]:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
