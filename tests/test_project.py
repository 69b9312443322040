"""The Prefect project is found in a checkout, comes first on the path, and reaches child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pressroom.project import project_root

ROOT = Path(__file__).parents[1]


def run(code: str, folder: Path, **environment: str) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.split("\n")[:-1]


def test_in_a_checkout_the_project_is_its_root() -> None:
    assert project_root() == ROOT
    assert (project_root() / "prefect.toml").is_file()


def test_our_tasks_win_over_a_tasks_module_where_the_user_stands(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("")
    code = "from pressroom.project import put_on_path; put_on_path(); import tasks; print(tasks.__file__)"

    assert run(code, tmp_path) == [str(ROOT / "tasks" / "__init__.py")]


def test_children_find_the_project_and_keep_what_was_on_their_path(tmp_path: Path) -> None:
    code = """
import subprocess, sys
from pressroom.project import put_on_path
put_on_path()
child = "import os, flows; print(flows.__file__); print(os.environ['PYTHONPATH'])"
print(subprocess.run([sys.executable, "-c", child], check=True, capture_output=True, text=True).stdout, end="")
"""
    kept = os.pathsep.join([str(tmp_path), str(ROOT)])

    assert run(code, tmp_path, PYTHONPATH=kept) == [
        str(ROOT / "flows" / "__init__.py"),
        os.pathsep.join([str(ROOT), str(tmp_path)]),
    ]


def test_putting_it_on_the_path_twice_changes_nothing(tmp_path: Path) -> None:
    code = """
import os, sys
from pressroom.project import put_on_path
put_on_path(); first = (list(sys.path), os.environ["PYTHONPATH"])
put_on_path(); print((sys.path, os.environ["PYTHONPATH"]) == first)
"""
    assert run(code, tmp_path) == ["True"]
