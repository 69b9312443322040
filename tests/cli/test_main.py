"""`pressroom plan` as a person and a program see it: exit status, JSON, problems with lines; and it starts light."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.operations import OPERATIONS
from pressroom.planning.plan_file import FORMAT

CAMPAIGN = """name: small
inputs: {photo: {type: image, default: photo.png}}
steps:
  cutout: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}
  scene:
    uses: replace_background
    for_each: {scene: [studio, podium]}
    with: {image: "{{ steps.cutout }}", scene: "{{ each.scene }}"}
  posts: {uses: resize, with: {image: "{{ steps.scene }}", placements: [instagram.feed_square]}}
"""
FIVE_MISTAKES = """name: wrong
inputs:
  photo: {type: picture}
steps:
  cutout:
    uses: remove_backgrund
    with: {image: photo.png}
  large:
    uses: upscale
    with: {image: "{{ steps.cutot }}", scale: 3}
  posts:
    uses: resize
    with:
      image: photo.png
      placements: [instagram.fed_square]
"""
HEAVY = {"prefect", "sqlalchemy", "numpy", "cv2", "pyvips", "fastapi", "jinja2", "httpx", "minio", "cryptography"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (40, 50), "#ccddee").save(tmp_path / "photo.png")
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN, encoding="utf-8")
    return tmp_path


def pressroom(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")}
    return subprocess.run(
        [sys.executable, "-m", "pressroom.cli.main", *arguments],
        cwd=folder,
        env={**environment, "COLUMNS": "200", "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def problems_of(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = pressroom(folder, "plan", *arguments, "--json")
    assert done.returncode == 2, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["problems"]
    return found


def test_an_allowed_plan_is_shown_on_standard_error_and_exits_with_0(folder: Path) -> None:
    done = pressroom(folder, "plan", "campaign.yaml")

    assert (done.returncode, done.stdout) == (0, "")
    assert all(word in done.stderr for word in ("cutout", "local/scene", "5 nodes", "0 credits"))


def test_planning_writes_nothing(folder: Path) -> None:
    pressroom(folder, "plan", "campaign.yaml")

    assert sorted(path.name for path in folder.iterdir()) == ["campaign.yaml", "photo.png"]


def test_the_json_is_all_there_is_on_standard_output(folder: Path) -> None:
    done = pressroom(folder, "plan", "campaign.yaml", "--json")

    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, found["allowed"], found["problems"]) == (0, "", True, [])
    assert len(found["plan_hash"]) == 64
    assert [node["id"] for node in found["nodes"]] == [
        "cutout",
        "scene[scene=studio]",
        "scene[scene=podium]",
        "posts[scene=studio]",
        "posts[scene=podium]",
    ]
    node = found["nodes"][1]
    assert (node["step"], node["variant"], node["operation"]) == ("scene", {"scene": "studio"}, "replace_background")
    assert (node["provider"], node["model"], node["action"]) == ("local", "scene", "create")
    assert len(node["key"]) == 64
    assert (node["credits_estimate"], node["credits_bound"], node["usd_estimate_micros"]) == (0, 0, 0)
    assert found["totals"]["nodes"] == 5


def test_a_refused_plan_exits_with_3(folder: Path) -> None:
    paid = CAMPAIGN.replace("uses: replace_background", "uses: replace_background\n    model: simulated/relight")
    (folder / "campaign.yaml").write_text("budget: {credits: 15}\n" + paid, encoding="utf-8")

    done = pressroom(folder, "plan", "campaign.yaml", "--json")

    found = json.loads(done.stdout)
    assert (done.returncode, found["allowed"]) == (3, False)
    assert {"balance", "budget_credits"} <= {problem["code"] for problem in found["problems"]}
    assert "plan" in found["problems"][0]["message"] or "needs up to 16 credits" in found["problems"][0]["message"]
    assert pressroom(folder, "plan", "campaign.yaml").returncode == 3


def test_five_mistakes_are_five_problems_with_lines(folder: Path) -> None:
    (folder / "campaign.yaml").write_text(FIVE_MISTAKES, encoding="utf-8")

    found = problems_of(folder, "campaign.yaml")

    assert [problem["line"] for problem in found] == [3, 6, 10, 10, 15]
    assert all(problem["column"] and problem["file"].endswith("campaign.yaml") for problem in found)
    shown = pressroom(folder, "plan", "campaign.yaml").stderr
    assert shown.count("campaign.yaml:") == 5
    assert "did you mean 'remove_background'?" in shown


def test_an_invalid_document_keeps_the_shape_of_the_json(folder: Path) -> None:
    (folder / "campaign.yaml").write_text(FIVE_MISTAKES, encoding="utf-8")

    found = json.loads(pressroom(folder, "plan", "campaign.yaml", "--json").stdout)

    assert (found["plan_hash"], found["allowed"], found["nodes"], found["totals"]) == (None, False, [], {})
    assert {"code", "message", "hint", "file", "line", "column", "step"} <= found["problems"][0].keys()


def test_a_written_plan_holds_what_it_was_made_for(folder: Path) -> None:
    done = pressroom(folder, "plan", "campaign.yaml", "-o", "plan.json", "-i", "photo=photo.png")

    contract = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert done.returncode == 0
    assert (contract["pressroom"], contract["account"], contract["balance"]) == (FORMAT, "default", 10)
    assert contract["inputs"] == {"photo": str(folder / "photo.png")}
    used = ("remove_background", "replace_background", "resize")
    assert contract["operations"] == {name: OPERATIONS[name].version for name in used}
    assert [len(sha256) for sha256 in contract["files"].values()] == [64]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["campaign.yaml", "-i", "photo"], "usage", "is not NAME=VALUE"),
        (["campaign.yaml", "-i", "=x"], "usage", "is not NAME=VALUE"),
        (["nothing.yaml"], "file", "nothing.yaml"),
        (["."], "file", "directory"),
        (["campaign.yaml", "--feed", "rows.csv"], "unknown_feed", "no step has a feed 'row'"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(
    folder: Path, arguments: list[str], code: str, message: str
) -> None:
    (problem,) = problems_of(folder, *arguments)

    assert problem["code"] == code
    assert message in problem["message"] + problem["file"]


@pytest.mark.parametrize(
    ("given", "code", "hint"),
    [
        ("foto=photo.png", "unknown_input", "did you mean 'photo'?"),
        ("photo=nothing.png", "input", ""),
    ],
)
def test_a_wrong_input_refuses_the_plan_and_is_named(folder: Path, given: str, code: str, hint: str) -> None:
    done = pressroom(folder, "plan", "campaign.yaml", "-i", given, "--json")

    (problem,) = json.loads(done.stdout)["problems"]
    assert done.returncode in (2, 3)
    assert (problem["code"], problem["hint"], problem["line"]) == (code, hint, None)
    assert problem["file"] == f"-i {given.partition('=')[0]}"


def test_planning_imports_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys; from pressroom.cli.main import main; sys.argv = ['pressroom', 'plan', 'campaign.yaml']\n"
        "try:\n    main()\nexcept SystemExit as exc:\n    assert exc.code == 0, exc.code\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )

    loaded = set(done.stdout.split())
    assert "pressroom" in loaded
    assert loaded & HEAVY == set()
