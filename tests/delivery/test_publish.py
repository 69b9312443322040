"""What a person and what a tool get of a finished run: the out folder and the JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from PIL import Image

from pressroom.delivery.publish import CONTACT_SHEET, Published, publish
from pressroom.domain.content_hash import file_digest
from pressroom.reporting.summary import summary_of
from pressroom.runs.records import run_of
from pressroom.services.finish_run import Settlement
from tests.support.studio import Studio

WALLS = """
name: walls
steps:
  scene:
    uses: draw
    model: simulated/ink
    for_each: {place: [beach, forest]}
    with: {prompt: "{{ each.place }}", width: 48, height: 32}
  posts:
    uses: press
    with: {image: "{{ steps.scene }}", placements: [wall.square, wall.banner]}
"""
HALF_BROKEN = """
name: half
steps:
  scene:
    uses: draw
    for_each: {case: [{name: good}, {name: bad, fault: size}]}
    with: {fault: "{{ each.case.fault | default('') }}", prompt: "{{ each.case.name }}"}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""


def published(studio: Studio, text: str) -> tuple[Settlement, Published, dict[str, Any]]:
    _, settled = studio.go(text)
    found = publish(studio.context, settled)
    return settled, found, summary_of(studio.context, settled, found)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_deliverables_land_under_readable_names_with_the_contact_sheet_beside_them(studio: Studio) -> None:
    settled, found, _ = published(studio, WALLS)

    assert found.folder == studio.home / "out" / "walls"
    assert names(found.folder) == [
        CONTACT_SHEET,
        "posts-beach.wall.banner.jpg",
        "posts-beach.wall.square.jpg",
        "posts-forest.wall.banner.jpg",
        "posts-forest.wall.square.jpg",
    ]
    with Image.open(found.folder / "posts-beach.wall.banner.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (64, 16))
    with studio.context.database.read() as conn:
        record = run_of(conn, settled.account_id, settled.run_id)
    assert (record.report, record.out_dir) == (str(found.report), str(found.folder))


def test_variants_that_are_the_same_file_are_each_delivered_under_their_own_name(studio: Studio) -> None:
    text = "name: twins\nsteps:\n  card: {uses: draw, for_each: {row: [ann, bob]}, with: {prompt: same}}\n"

    _, found, summary = published(studio, text)

    assert names(found.folder) == ["card-ann.png", "card-bob.png", CONTACT_SHEET]
    paths = [node["assets"][0]["path"] for node in summary["nodes"]]
    assert [Path(path).name for path in paths] == ["card-ann.png", "card-bob.png"]


def test_different_files_that_would_share_a_name_are_told_apart(studio: Studio) -> None:
    """Dashes in names of steps and variants can meet: card-a + b, card + a-b."""
    _, found, summary = published(
        studio,
        "name: clash\nsteps:\n"
        "  card: {uses: draw, for_each: {row: [a-b]}, with: {prompt: one}}\n"
        "  card-a: {uses: draw, for_each: {row: [b]}, with: {prompt: two}}\n",
    )

    assets = [node["assets"][0] for node in summary["nodes"]]
    assert len({asset["path"] for asset in assets}) == 2
    for asset in assets:
        assert file_digest(Path(asset["path"])) == asset["sha256"]
        assert re.fullmatch(r"card-a-b-[0-9a-f]{8}\.png", Path(asset["path"]).name)
    assert len(names(found.folder)) == 3


def test_a_run_with_failures_delivers_the_rest_and_says_what_failed(studio: Studio) -> None:
    settled, found, summary = published(studio, HALF_BROKEN)

    assert settled.state == summary["state"] == "completed_with_failures"
    assert names(found.folder) == [CONTACT_SHEET, "dusk-good.png"]
    states = {node["id"]: (node["state"], bool(node["error"]), len(node["assets"])) for node in summary["nodes"]}
    assert states == {
        "scene[case=good]": ("done", False, 1),
        "scene[case=bad]": ("failed", True, 0),
        "dusk[case=good]": ("done", False, 1),
        "dusk[case=bad]": ("failed", True, 0),
    }


def test_a_run_that_made_nothing_leaves_the_earlier_delivery_alone(studio: Studio) -> None:
    published(studio, "name: poster\nsteps:\n  scene: {uses: draw}\n")

    settled, found, _ = published(studio, "name: poster\nsteps:\n  scene: {uses: draw, with: {fault: size}}\n")

    assert names(studio.home / "out" / "poster") == [CONTACT_SHEET, "scene.png"]
    assert found.folder.name == f"poster-{settled.run_id}"
    assert names(found.folder) == [CONTACT_SHEET]


def test_an_unchanged_second_run_delivers_the_same_files(studio: Studio) -> None:
    published(studio, WALLS)
    before = {path.name: path.stat().st_ino for path in (studio.home / "out" / "walls").glob("*.jpg")}

    settled, _, summary = published(studio, WALLS)

    assert {path.name: path.stat().st_ino for path in (studio.home / "out" / "walls").glob("*.jpg")} == before
    assert settled.captured_micros == 0
    assert {node["state"] for node in summary["nodes"]} == {"reused"}
    assert all(Path(asset["path"]).is_file() for node in summary["nodes"] for asset in node["assets"] if asset["path"])


# the JSON that tools rely on


def test_the_summary_has_the_promised_shape(studio: Studio) -> None:
    settled, found, summary = published(studio, WALLS)

    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert {"run_id", "state", "flow_run_id", "nodes", "credits", "report"} <= summary.keys()
    assert summary["run_id"] == settled.run_id
    assert summary["report"] == str(found.folder / CONTACT_SHEET)
    assert summary["credits"] == {"held": 2, "captured": 2, "released": 0, "balance": 98}
    for node in summary["nodes"]:
        assert {"id", "step", "variant", "operation", "state", "action", "credits", "assets"} <= node.keys()
        for asset in node["assets"]:
            assert {
                *("id", "sha256", "kind", "mime", "width", "height"),
                *("duration_seconds", "bytes", "placement", "path"),
            } <= asset.keys()


def test_the_summary_lists_every_file_as_it_is(studio: Studio) -> None:
    _, found, summary = published(studio, WALLS)

    scene, _, posts, _ = summary["nodes"]
    assert (scene["id"], scene["step"], scene["variant"]) == ("scene[place=beach]", "scene", {"place": "beach"})
    assert (scene["operation"], scene["action"], scene["credits"]) == ("draw", "create", 1)
    (on_the_way,) = scene["assets"]
    assert not on_the_way["delivered"]
    assert file_digest(Path(on_the_way["path"])) == on_the_way["sha256"]
    square, banner = posts["assets"]
    assert (square["placement"], square["kind"], square["mime"]) == ("wall.square", "image", "image/jpeg")
    assert (square["width"], square["height"], square["duration_seconds"]) == (32, 32, None)
    assert square["delivered"]
    for asset in (square, banner):
        path = Path(asset["path"])
        assert path.parent == found.folder
        assert (path.stat().st_size, file_digest(path)) == (asset["bytes"], asset["sha256"])


def test_the_summary_of_a_run_that_was_not_published_names_the_files_in_the_store(studio: Studio) -> None:
    _, settled = studio.go(WALLS)

    summary = summary_of(studio.context, settled, None)

    assets = [asset for node in summary["nodes"] for asset in node["assets"]]
    assert not any(asset["delivered"] for asset in assets)
    assert all(file_digest(Path(asset["path"])) == asset["sha256"] for asset in assets)
    assert summary["report"] == ""
