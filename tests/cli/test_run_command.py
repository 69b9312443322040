"""`pressroom run` as a process: its files, its JSON, its plan files, its refusals and its exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.content_hash import file_digest
from tests.support.desks import BOUGHT, TINY, Desk, Finished
from tests.support.media import product

pytestmark = pytest.mark.prefect

ASSET = {
    *("id", "sha256", "kind", "mime", "width", "height", "duration_seconds", "bytes", "placement", "path"),
    "label",
}
NODE = {"id", "step", "variant", "operation", "state", "action", "credits", "assets"}
RUN = {"run_id", "state", "flow_run_id", "nodes", "credits", "report"}
FREE = TINY.replace("    model: simulated/enlarge\n", "")


def plan_file(desk: Desk, *arguments: str) -> Path:
    done = desk.pressroom("plan", desk.campaign, "-o", "plan.json", *arguments)
    assert done.code == 0, done.err
    return desk.folder / "plan.json"


def codes(done: Finished) -> list[str]:
    return [problem["code"] for problem in done.json["problems"]]


def delivered(summary: dict[str, Any]) -> list[dict[str, Any]]:
    return [asset for node in summary["nodes"] for asset in node["assets"] if asset["delivered"]]


def test_json_is_one_document_on_standard_output_and_progress_is_elsewhere(desk: Desk) -> None:
    done = desk.pressroom("run", desk.campaign, "--json")

    summary = done.json
    assert done.code == 0, done.err
    assert set(summary) >= RUN
    assert all(set(node) >= NODE for node in summary["nodes"])
    assert all(set(asset) >= ASSET for node in summary["nodes"] for asset in node["assets"])
    assert set(summary["credits"]) == {"held", "captured", "released", "balance"}
    assert "big[mode=fast] done" in done.err
    assert "Traceback" not in done.err
    assert "prefect" not in done.err.lower().replace("watch it at", "")


def test_every_file_that_the_json_names_is_what_it_says(desk: Desk) -> None:
    """Each is opened by a reader that knows nothing of Pressroom."""
    summary = desk.pressroom("run", desk.campaign, "--json").json

    files = delivered(summary)
    assert {Path(asset["path"]).name for asset in files} == {
        *("thumb-conservative.jpg", "thumb-fast.jpg"),
        "banner.png",
    }
    for asset in files:
        path = Path(asset["path"])
        with Image.open(path) as image:
            image.load()
            assert image.size == (asset["width"], asset["height"])
            assert Image.MIME[str(image.format)] == asset["mime"]
        assert path.stat().st_size == asset["bytes"]
        assert file_digest(path) == asset["sha256"]
    assert Path(summary["report"]).read_text(encoding="utf-8").startswith("<!doctype html")
    assert {path.parent for path in map(Path, (asset["path"] for asset in files))} == {desk.folder / "out" / "tiny"}


def test_out_puts_the_deliverables_elsewhere(desk: Desk, tmp_path: Path) -> None:
    desk.write(FREE)

    summary = desk.pressroom("run", desk.campaign, "--json", "--out", tmp_path / "there").json

    assert {Path(asset["path"]).parent for asset in delivered(summary)} == {tmp_path / "there" / "tiny"}


def test_runs_with_other_inputs_deliver_beside_each_other(desk: Desk) -> None:
    plain = desk.pressroom("run", desk.campaign, "--json").json

    wide = desk.pressroom("run", desk.campaign, "--json", "-i", "width=72").json
    again = desk.pressroom("run", desk.campaign, "--json", "-i", "width=72").json

    assert Path(plain["out"]) == desk.folder / "out" / "tiny"
    assert re.fullmatch(r"tiny-72-[0-9a-f]{8}", Path(wide["out"]).name)
    assert again["out"] == wide["out"]
    for summary, width in ((plain, 80), (wide, 72)):
        with Image.open(Path(summary["out"]) / "thumb-fast.jpg") as image:
            assert image.width == width


def test_what_one_account_delivered_another_one_leaves_alone(desk: Desk) -> None:
    mine = desk.pressroom("run", desk.campaign, "--json").json
    before = {Path(asset["path"]): Path(asset["path"]).stat().st_ino for asset in delivered(mine)}

    other = desk.pressroom("run", desk.campaign, "--account", "b", "--json")
    again = desk.pressroom("runs", "deliver", other.json["run_id"], "--account", "b", "--out", "out", "--json")

    assert (other.code, again.code) == (0, 0)
    for summary in (other.json, again.json):
        assert {Path(asset["path"]).parent for asset in delivered(summary)} == {desk.folder / "out" / "@b" / "tiny"}
    assert {path: path.stat().st_ino for path in before} == before
    assert mine["run_id"] in Path(mine["report"]).read_text(encoding="utf-8")


def test_a_second_run_does_nothing_and_says_so(desk: Desk) -> None:
    desk.pressroom("run", desk.campaign)

    again = desk.pressroom("run", desk.campaign)

    assert again.code == 0
    assert "done: 6 nodes there already" in again.err
    assert "0 paid, 6 left" in again.err


def test_a_second_run_is_recorded_without_a_flow_and_without_prefect(desk: Desk) -> None:
    first = desk.pressroom("run", desk.campaign, "--json")

    again = desk.pressroom("run", desk.campaign, "--json", PYTHONPROFILEIMPORTTIME="1")

    imported = set(re.findall(r"\| +([\w.]+)$", again.err, re.MULTILINE))
    assert first.json["flow_run_id"]
    assert not again.json["flow_run_id"]
    assert "pressroom.services.start_run" in imported
    assert not {name for name in imported if name.split(".")[0] in ("prefect", "flows", "tasks", "fastapi")}


def test_failed_nodes_are_said_aloud_and_in_the_exit_status(desk: Desk) -> None:
    done = desk.pressroom("run", desk.campaign, "--json", PRESSROOM_SIMULATED_FAULTS="fail")

    assert done.code == 4
    assert done.json["state"] == "completed_with_failures"
    assert done.json["credits"] == {"held": 4, "captured": 0, "released": 4, "balance": 10}
    assert "the fault 'fail' is switched on" in done.err
    assert {asset["label"] for asset in delivered(done.json)} == {""}


def test_a_run_that_made_nothing_says_why_and_ends_with_4(desk: Desk) -> None:
    desk.write(BOUGHT)

    done = desk.pressroom("run", desk.campaign, "--json", PRESSROOM_SIMULATED_FAULTS="fail")

    assert (done.code, done.json["state"]) == (4, "failed"), done.err
    assert done.json["credits"] == {"held": 2, "captured": 0, "released": 2, "balance": 10}
    assert "the fault 'fail' is switched on" in done.err
    assert "TypeError" not in done.err


def test_a_refused_campaign_ends_with_3_and_the_reasons(desk: Desk) -> None:
    done = desk.pressroom("run", desk.campaign, "--json", PRESSROOM_GRANT_CREDITS="3")

    assert done.code == 3
    assert done.json["state"] == "refused"
    assert "balance" in codes(done)
    assert "needs up to 4 credits, account 'default' has 3" in done.err
    assert desk.purchases() == []


def test_an_invalid_campaign_ends_with_2_and_every_problem(desk: Desk) -> None:
    desk.write(TINY.replace("uses: upscale", "uses: upscail").replace("color:", "colour:"))

    done = desk.pressroom("run", desk.campaign, "--json")

    assert done.code == 2
    assert done.json["state"] == "invalid"
    assert [problem["line"] for problem in done.json["problems"]] == [8, 14]


def test_a_plan_file_runs_as_it_was_shown_from_any_folder(desk: Desk, tmp_path: Path) -> None:
    plan = plan_file(desk, "-i", "width=72")
    moved = tmp_path / "elsewhere.json"
    moved.write_bytes(plan.read_bytes())

    done = desk.pressroom("run", moved, "--json")

    assert done.code == 0, done.err
    assert {asset["width"] for asset in delivered(done.json) if asset["mime"] == "image/jpeg"} == {72}
    keys = {node["id"]: node["key"] for node in json.loads(plan.read_text())["nodes"]}
    assert set(keys) == {node["id"] for node in done.json["nodes"]}


def test_a_plan_file_refuses_when_an_inputs_bytes_have_changed(desk: Desk) -> None:
    plan = plan_file(desk)
    product(64, 48, at=(0.3, 0.5)).save(desk.folder / "photo.png")

    done = desk.pressroom("run", plan, "--json")

    assert done.code == 3
    assert "photo.png" in done.err
    assert desk.purchases() == []


def test_a_plan_file_refuses_when_a_price_has_changed(desk: Desk) -> None:
    plan = plan_file(desk)
    catalog = desk.folder / "prices.yaml"
    catalog.write_text(
        "models:\n- {provider: simulated, model: enlarge, operation: upscale, tier: budget, quality: 70, unit: image,\n"
        "   credits: 3, usd: 0.02, latency_seconds: 1, limits: {}, source: a rise, as_of: '2026-11-22'}\n"
    )

    done = desk.pressroom("run", plan, "--json", PRESSROOM_CATALOG=str(catalog))

    assert done.code == 3
    assert "drift_price" in codes(done)
    assert "big[mode=fast] was up to 2 credits, is 3" in done.err
    assert desk.purchases() == []


def test_a_plan_file_refuses_when_the_balance_has_been_spent(desk: Desk) -> None:
    plan = plan_file(desk)
    desk.write(TINY.replace("photo.png", "other.png"))
    product(64, 48, at=(0.3, 0.5)).save(desk.folder / "other.png")
    spent = desk.pressroom("run", desk.campaign, PRESSROOM_GRANT_CREDITS="7")
    desk.write(TINY)

    done = desk.pressroom("run", plan, "--json")

    assert spent.code == 0
    assert done.code == 3
    assert "drift_balance" in codes(done)
    assert len(desk.purchases()) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_a_file_that_is_no_plan_is_invalid(desk: Desk, text: str) -> None:
    (desk.folder / "plan.json").write_text(text)

    done = desk.pressroom("run", "plan.json")

    assert done.code == 2
    assert "Traceback" not in done.err
    assert "plan" in done.err


def test_a_plan_file_takes_no_other_inputs(desk: Desk) -> None:
    done = desk.pressroom("run", plan_file(desk), "-i", "width=10")

    assert done.code == 2
    assert "a plan file holds its own inputs" in done.err


def test_the_account_that_is_named_pays(desk: Desk) -> None:
    done = desk.pressroom("run", desk.campaign, "--account", "acme", "--json")

    assert done.code == 0, done.err
    assert done.json["credits"] == {"held": 4, "captured": 4, "released": 0, "balance": 6}
    assert desk.pressroom("credits", "--account", "acme").out == "acme: 6 credits\n"
    assert desk.pressroom("credits").out == "default: 10 credits\n"
