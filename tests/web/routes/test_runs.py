"""The list of runs: how far each is; the page of one that asks about what it has made, and keeps what is said of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pressroom.bootstrap import open_planning
from pressroom.runs.approvals import approvals_of
from pressroom.services.launch_run import InProcess
from pressroom.services.recent_runs import recent_runs
from pressroom.services.run_request import RunRequest
from tests.support.web_server import OPERATOR, Served, served, token_of

ASKS = """\
pressroom: 1
name: asks
inputs:
  photo: {type: image, default: photo.png}
steps:
  raw:
    uses: resize
    for_each: {size: [30, 40]}
    with: {image: "{{ inputs.photo }}", width: "{{ each.size }}", height: 30, format: png}
  pick: {uses: choose, gather: [size], with: {images: "{{ steps.raw }}", by: person}}
  both: {uses: choose, gather: [size], count: 2, with: {images: "{{ steps.raw }}", by: person, weights: {palette: 0}}}
  ok: {uses: approve, with: {media: "{{ steps.raw }}"}}
"""


def test_runs_are_listed_with_what_is_made_and_one_picture(house: Served) -> None:
    waiting, ended = recent_runs(OPERATOR, house.context)
    (only,) = recent_runs(OPERATOR, house.context, campaign="autumn")

    assert (waiting.run.id, waiting.goes_on, ended.goes_on) == (house.waiting, True, False)
    assert (only.progress.made, only.progress.nodes) == (2, 2)
    assert only.shown is not None
    assert only.shown.run_id == house.ended


def asking(house: Served, folder: Path) -> str:
    """The id of a run that has made what it asks about."""
    (folder / "asks.yaml").write_text(ASKS)
    launcher = InProcess(open_planning(house.context.settings, house.context.keys), house.context)
    request = RunRequest(file=str(folder / "asks.yaml"), out=str(folder / "out"))
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(launcher.launch, OPERATOR, request).result().run_id


def test_a_take_is_picked_and_a_file_left_out_on_the_page(tmp_path: Path) -> None:
    with served(tmp_path) as house, house.client() as client:
        run = asking(house, tmp_path)
        page = client.get(f"/runs/{run}").text
        said = {
            "take pick": "pick=2",
            "take both": ["both=1", "both=2"],
            "drop": "ok[size=30]",
            "form_token": token_of(client),
        }
        client.post(f"/runs/{run}/approved", data=said)
        after = client.get(f"/runs/{run}").text
        with house.context.database.read() as conn:
            (decision,) = approvals_of(conn, run)

    assert page.count('name="take pick"') == 2
    assert page.count("<meter") >= 6
    assert 'name="drop" value="ok[size=40]"' in page
    assert (decision.decided_from, decision.chosen, decision.dropped) == (
        "the pages",
        {"pick": 2, "both[take=1]": 1, "both[take=2]": 2},
        ("ok[size=30]",),
    )
    assert page.count('type="checkbox" class="answer" name="take both"') == 2
    assert "both[take=1] is take 1, both[take=2] is take 2, pick is take 2, without ok[size=30]" in after
