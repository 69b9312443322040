"""What a person and what a tool get of a finished run: the out folder and the JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.ledger.accounts import ensure_account
from pressroom.reporting.model import RunReport
from pressroom.reporting.summary import summary_of
from pressroom.runs.records import record_delivery, run_of
from pressroom.runs.settlement import Settlement
from pressroom.services.deliver_run import CONTACT_SHEET, deliver_run, publish
from pressroom.services.settle_run import settle_run
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


def published(studio: Studio, text: str) -> tuple[Settlement, RunReport, dict[str, Any]]:
    plan = studio.plan(text)
    run = studio.begin(plan)
    studio.walk(run)
    settled = settle_run(studio.context, run.id)
    found = publish(studio.context, plan, settled)
    return settled, found, summary_of(found)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_deliverables_land_under_readable_names_with_the_contact_sheet_beside_them(studio: Studio) -> None:
    settled, found, _ = published(studio, WALLS)

    assert Path(found.delivery.folder) == studio.home / "out" / "walls"
    assert names(Path(found.delivery.folder)) == [
        CONTACT_SHEET,
        "posts-beach.wall.banner.jpg",
        "posts-beach.wall.square.jpg",
        "posts-forest.wall.banner.jpg",
        "posts-forest.wall.square.jpg",
    ]
    with Image.open(Path(found.delivery.folder) / "posts-beach.wall.banner.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (64, 16))
    with studio.context.database.read() as conn:
        record = run_of(conn, settled.account_id, settled.run_id)
    assert (record.report, record.out_dir) == (found.delivery.sheet, found.delivery.folder)


def test_variants_that_are_the_same_file_are_each_delivered_under_their_own_name(studio: Studio) -> None:
    text = "name: twins\nsteps:\n  card: {uses: draw, for_each: {row: [ann, bob]}, with: {prompt: same}}\n"

    _, found, summary = published(studio, text)

    assert names(Path(found.delivery.folder)) == ["card-ann.png", "card-bob.png", CONTACT_SHEET]
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
    assert len(names(Path(found.delivery.folder))) == 3


def test_a_run_with_failures_delivers_the_rest_and_says_what_failed(studio: Studio) -> None:
    settled, found, summary = published(studio, HALF_BROKEN)

    assert settled.state == summary["state"] == "completed_with_failures"
    assert names(Path(found.delivery.folder)) == [CONTACT_SHEET, "dusk-good.png"]
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
    assert Path(found.delivery.folder).name == f"poster-{settled.run_id}"
    assert names(Path(found.delivery.folder)) == [CONTACT_SHEET]


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
    assert summary["report"] == str(Path(found.delivery.sheet))
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
        assert path.parent == Path(found.delivery.folder)
        assert (path.stat().st_size, file_digest(path)) == (asset["bytes"], asset["sha256"])


def test_the_summary_says_what_was_quoted_and_what_was_billed(studio: Studio) -> None:
    _, found, summary = published(studio, WALLS)

    assert [node["usd_quoted_micros"] for node in summary["nodes"]] == [10_000, 10_000, 0, 0]
    assert [node.usd_billed_micros for node in found.nodes] == [10_000, 10_000, None, None]
    assert (summary["account"], summary["delivered"]) == ("default", True)


# when the files cannot be delivered


def paid_then_blocked(studio: Studio, out: Path) -> tuple[Settlement, RunReport, dict[str, Any]]:
    plan = studio.plan(WALLS)
    run = studio.begin(plan, out_dir=str(out / "walls"))
    studio.walk(run)
    settled = settle_run(studio.context, run.id)
    found = publish(studio.context, plan, settled)
    return settled, found, summary_of(found)


def test_what_was_paid_is_told_as_paid_when_the_folder_cannot_be_written(studio: Studio) -> None:
    (studio.home / "blocked").write_text("a file where a folder is wanted")

    settled, found, summary = paid_then_blocked(studio, studio.home / "blocked")

    (problem,) = found.problems
    assert (settled.state, summary["state"]) == ("completed", "completed")
    assert summary["credits"] == {"held": 2, "captured": 2, "released": 0, "balance": 98}
    assert problem.code == summary["problems"][0]["code"] == "delivery"
    assert str(studio.home / "blocked") in problem.message
    assert f"pressroom runs deliver {settled.run_id}" in problem.hint
    assert "paid" in problem.hint
    assert (summary["delivered"], summary["out"], summary["report"]) == (False, None, None)
    assert problem.message in summary["statement"].replace("\\", "")


def test_files_that_were_not_delivered_are_named_where_the_store_keeps_them(studio: Studio) -> None:
    (studio.home / "blocked").write_text("a file where a folder is wanted")

    _, _, summary = paid_then_blocked(studio, studio.home / "blocked")

    assets = [asset for node in summary["nodes"] for asset in node["assets"]]
    assert not any(asset["delivered"] for asset in assets)
    assert all(file_digest(Path(asset["path"])) == asset["sha256"] for asset in assets)


def test_a_run_that_was_not_delivered_is_delivered_later(studio: Studio) -> None:
    (studio.home / "blocked").write_text("a file where a folder is wanted")
    settled, _, _ = paid_then_blocked(studio, studio.home / "blocked")
    with studio.context.database.read() as conn:
        ended = run_of(conn, settled.account_id, settled.run_id)

    again = deliver_run(Principal("default"), studio.context, settled.run_id, studio.home / "elsewhere")

    assert again.delivery.problem is None
    assert names(studio.home / "elsewhere" / "walls") == [
        CONTACT_SHEET,
        "posts-beach.wall.banner.jpg",
        "posts-beach.wall.square.jpg",
        "posts-forest.wall.banner.jpg",
        "posts-forest.wall.square.jpg",
    ]
    with studio.context.database.read() as conn:
        now = run_of(conn, settled.account_id, settled.run_id)
    assert (now.state, now.finished_at) == (ended.state, ended.finished_at)
    assert (now.out_dir, now.report) == (again.delivery.folder, again.delivery.sheet)


def test_an_old_run_is_delivered_with_its_own_files(studio: Studio) -> None:
    text = "name: poster\nsteps:\n  scene: {uses: draw, with: {files: 2}}\n"
    first, _, before = published(studio, text)
    renewed = studio.begin(studio.plan(text, refresh=["scene"]))
    studio.walk(renewed)
    settle_run(studio.context, renewed.id)

    again = summary_of(deliver_run(Principal("default"), studio.context, first.run_id))

    assert again["nodes"][0]["assets"] == before["nodes"][0]["assets"]


def test_delivering_a_run_without_files_leaves_the_earlier_delivery_alone(studio: Studio) -> None:
    published(studio, WALLS)
    before = names(studio.home / "out" / "walls")
    broken = WALLS.replace("prompt:", "fault: size, prompt:")
    failed, _, _ = published(studio, broken)

    twice = [deliver_run(Principal("default"), studio.context, failed.run_id) for _ in range(2)]

    assert names(studio.home / "out" / "walls") == before
    assert {Path(found.delivery.folder).name for found in twice} == {f"walls-{failed.run_id}"}


def test_a_run_without_a_folder_asks_for_one(studio: Studio) -> None:
    settled, _, _ = published(studio, WALLS)
    with studio.context.database.write() as conn:
        record_delivery(conn, settled.account_id, settled.run_id, out_dir="", report="")

    with pytest.raises(Invalid, match="no folder"):
        deliver_run(Principal("default"), studio.context, settled.run_id)

    found = deliver_run(Principal("default"), studio.context, settled.run_id, studio.home / "new")
    assert Path(found.delivery.folder) == studio.home / "new" / "walls"


def test_another_accounts_run_is_no_run(studio: Studio) -> None:
    settled, _, _ = published(studio, WALLS)
    with studio.context.database.write() as conn:
        ensure_account(conn, "bob", 0, "free")

    with pytest.raises(Invalid) as caught:
        deliver_run(Principal("bob"), studio.context, settled.run_id)

    with pytest.raises(Invalid) as unknown:
        deliver_run(Principal("bob"), studio.context, "r0000000000000000")
    assert caught.value.message.replace(settled.run_id, "") == unknown.value.message.replace("r0000000000000000", "")


def test_a_run_that_goes_on_is_not_delivered(studio: Studio) -> None:
    run = studio.begin(studio.plan(WALLS))

    with pytest.raises(Invalid, match="still running"):
        deliver_run(Principal("default"), studio.context, run.id)


def test_a_thumbnail_that_cannot_be_kept_costs_no_delivery(studio: Studio) -> None:
    (studio.home / "thumbnails").write_text("a file where a folder is wanted")

    _, found, _ = published(studio, WALLS)

    assert found.delivery.problem is None
