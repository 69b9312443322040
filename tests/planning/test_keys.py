"""Content keys: everything that changes the result is in them, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.planning.known_files import KnownFiles
from tests.support.planning import FILES, font, image, keys_of, plan_of, with_file, with_model, with_operation

CAMPAIGN = """title: The launch
brand:
  name: Fern
  colors: {primary: "#224433"}
  fonts: {heading: head.ttf, body: inter}
  logo: logo.png
policy: {tier: auto, prefer: [simulated/enlarge]}
steps:
  scene:
    uses: replace_background
    title: A scene
    with: {image: photo.jpg, scene: studio, seed: 3}
  large:
    uses: upscale
    with: {image: "{{ steps.scene }}"}
  posts:
    uses: resize
    with: {image: "{{ steps.large }}", placements: [instagram.feed_*]}
"""
FONTS = {"head.ttf": font("head")}
ALL = {"scene", "large", "posts"}


def keys(text: str = CAMPAIGN, **changes: Any) -> dict[str, str]:
    files = changes.pop("files", FILES)
    return keys_of(plan_of(text, files=KnownFiles(files.facts, files.fonts or FONTS), **changes))


def changed(text: str = CAMPAIGN, **changes: Any) -> set[str]:
    before, after = keys(), keys(text, **changes)
    return {name for name in before if before[name] != after[name]}


def test_two_processes_give_the_same_keys() -> None:
    program = "from tests.planning.test_keys import keys; print(sorted(keys().items()))"

    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert found == {str(sorted(keys().items()))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: The launch", "title: Another"),
        ("title: A scene", "title: Other, tags: [a]".replace(", ", "\n    ")),
        ("name: Fern", "name: Moss"),
        ("seed: 3", "seed: 3, shadow: contact"),
        ("scene: studio", "scene: \"{{ 'studio' }}\""),
        ("policy:", "budget: {credits: 100}\npolicy:"),
        ("    uses: upscale", "    uses: upscale\n    deliver: true"),
    ],
)
def test_names_titles_budgets_and_defaults_are_not_in_the_key(old: str, new: str) -> None:
    assert old in CAMPAIGN
    assert changed(CAMPAIGN.replace(old, new)) == set()


def test_the_name_of_a_step_is_not_in_the_key() -> None:
    renamed = keys(CAMPAIGN.replace("large:", "bigger:").replace("steps.large", "steps.bigger"))

    assert set(renamed.values()) == set(keys().values())


def test_the_path_of_a_file_is_not_in_the_key_but_its_bytes_are() -> None:
    moved = CAMPAIGN.replace("photo.jpg", "moved.jpg")

    assert changed(moved, files=with_file("moved.jpg", FILES.media("photo.jpg"))) == set()
    assert changed(files=with_file("photo.jpg", image("retouched"))) == ALL


def test_prices_are_not_in_the_key() -> None:
    dearer = with_model(load_catalog(), "simulated/enlarge", credits=9_000_000, usd=90_000)

    assert changed(catalog=dearer) == set()


def test_where_a_placements_numbers_are_from_is_not_in_the_key_but_the_numbers_are() -> None:
    catalog = load_catalog()
    row = catalog.placements["instagram.feed_square"]

    def with_row(**changes: Any) -> Any:
        new = row.model_copy(update=changes)
        return replace(catalog, placements={**catalog.placements, row.name: new})

    assert changed(catalog=with_row(notes="read again", as_of="2027-01-01")) == set()
    assert changed(catalog=with_row(max_bytes=1_000_000)) == {"posts"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("seed: 3", "seed: 4", ALL),
        ("scene: studio", "scene: podium", ALL),
        ('primary: "#224433"', 'primary: "#224434"', {"scene", "large", "posts"}),
        ("uses: upscale", "uses: upscale\n    tier: free", {"large", "posts"}),
        ('image: "{{ steps.scene }}"', 'image: "{{ steps.scene }}", scale: 4', {"large", "posts"}),
        ("instagram.feed_*", "instagram.*", {"posts"}),
    ],
)
def test_what_changes_the_result_changes_the_key_and_those_after_it(old: str, new: str, expected: set[str]) -> None:
    assert old in CAMPAIGN
    assert changed(CAMPAIGN.replace(old, new)) == expected


def test_the_version_of_an_operation_is_in_the_key() -> None:
    assert changed(operations=with_operation("upscale", version=99)) == {"large", "posts"}


def test_how_files_of_a_kind_are_read_is_in_the_key_of_what_is_computed_here() -> None:
    photo = FILES.media("photo.jpg")
    assert photo.info is not None
    scan = with_file("photo.jpg", replace(photo, info=replace(photo.info, mime="image/tiff")))
    here = CAMPAIGN.replace('image: "{{ steps.large }}"', "image: photo.jpg")

    assert changed(files=scan) == set()
    assert keys(here)["posts"] != keys(here, files=scan)["posts"]


def test_the_bytes_of_logo_and_fonts_are_in_the_key_of_what_uses_them() -> None:
    every = frozenset({"colors", "fonts", "logo"})
    uses = with_operation("upscale", brand=every)

    def branded(**changes: Any) -> dict[str, str]:
        files = KnownFiles({**FILES.facts, **changes.get("facts", {})}, {**FONTS, **changes.get("fonts", {})})
        return keys_of(plan_of(CAMPAIGN, files=files, operations=uses))

    before = branded()
    new_logo = branded(facts={"logo.png": image("new logo", 400, 400)})
    new_font = branded(fonts={"head.ttf": font("new head")})
    for after in (new_logo, new_font):
        assert {name for name in before if before[name] != after[name]} == {"large", "posts"}


def test_a_bundled_font_counts_by_its_name() -> None:
    uses = with_operation("upscale", brand=frozenset({"fonts"}))

    before, after = (keys_of(plan_of(CAMPAIGN.replace("inter", name), operations=uses)) for name in ("inter", "oswald"))

    assert before["scene"] == after["scene"]
    assert before["large"] != after["large"]
