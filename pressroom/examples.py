"""The example campaigns that travel with Pressroom."""

from __future__ import annotations

import shutil
from pathlib import Path

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.suggest import did_you_mean
from pressroom.project import project_root

CAMPAIGN_FILE = "campaign.yaml"


def examples() -> dict[str, str]:
    """Name -> first line of its header."""
    found = {}
    for path in sorted(_folder().glob(f"*/{CAMPAIGN_FILE}")):
        first = next((line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# ")), "")
        found[path.parent.name] = first.removeprefix("# ")
    return found


def example_text(name: str) -> str:
    """The campaign of an example."""
    return (_folder() / name / CAMPAIGN_FILE).read_text(encoding="utf-8")


def write_example(name: str, folder: Path) -> Path:
    """Copy an example's files into `folder/name`; returns its campaign file. Never overwrites anything."""
    known = examples()
    if name not in known:
        hint = did_you_mean(name, known, "examples")
        raise Invalid.of([Problem("unknown_example", f"there is no example {name!r}", hint)])
    target = folder / name
    if target.exists():
        raise Invalid.of([Problem("exists", f"{target} is already there", "give another folder with --into")])
    source = _folder() / name
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("out", ".pressroom", "__pycache__"))
    return target / CAMPAIGN_FILE


def _folder() -> Path:
    return project_root() / "deployments" / "campaigns"
