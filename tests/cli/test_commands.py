"""The smaller commands, each as a process: what they print, and how they end."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from pressroom import prefect_server
from pressroom.catalog.load import load_catalog
from pressroom.project import project_root
from tests.support.desks import PROGRAM, Desk, set_up
from tests.support.media import clip, tone

EXAMPLES = {path.parent.name for path in (project_root() / "deployments" / "campaigns").glob("*/campaign.yaml")}


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose home has no Prefect server."""
    desk = set_up(tmp_path)
    yield desk
    prefect_server.stop(desk.home)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path) -> Desk:
    """A desk where the small campaign has been run once. Only to be looked at."""
    desk = set_up(tmp_path_factory.mktemp("used"), prefect_home)
    done = desk.pressroom("run", desk.campaign)
    assert done.code == 0, done.err
    return desk


def test_the_version_is_the_packages() -> None:
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"pressroom {version('pressroom')}\n"


def test_a_new_account_has_its_grant(lone: Desk) -> None:
    assert lone.pressroom("credits").out == "default: 10 credits\n"
    assert lone.pressroom("credits", "--account", "acme", PRESSROOM_GRANT_CREDITS="3.5").out == "acme: 3.5 credits\n"


def test_a_grant_with_a_name_is_given_once(lone: Desk) -> None:
    for _ in range(2):
        lone.pressroom("credits", "grant", "5", "--key", "welcome", "--memo", "a gift")

    assert lone.pressroom("credits").out == "default: 15 credits\n"
    assert "a gift" in lone.pressroom("credits", "statement").out


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        (("credits", "--account", "acme", "grant", "5"), "`pressroom credits grant … --account`"),
        (("credits", "--json", "statement"), "`pressroom credits statement … --json`"),
        (("runs", "--limit", "3", "deliver", "x"), "deliver has no --limit"),
        (("providers", "--json", "list-of-none"), "No such command"),
    ],
)
def test_an_option_before_a_command_that_would_not_hear_of_it_is_refused(
    lone: Desk, given: tuple[str, ...], fix: str
) -> None:
    done = lone.pressroom(*given)

    assert (done.code, fix in done.err) == (2, True), done.err
    assert lone.pressroom("credits").out == "default: 10 credits\n"


@pytest.mark.parametrize("amount", ["-1", "nan", "much"])
def test_a_grant_that_is_no_amount_is_refused_in_words(lone: Desk, amount: str) -> None:
    done = lone.pressroom("credits", "grant", "--", amount)

    assert done.code == 2
    assert "Traceback" not in done.err
    assert lone.pressroom("credits").out == "default: 10 credits\n"


def test_models_and_placements_are_the_catalogs(lone: Desk) -> None:
    catalog = load_catalog(None)

    models = lone.pressroom("models", "--json").json
    squares = lone.pressroom("placements", "instagram", "--json").json

    assert {f"{row['provider']}/{row['model']}" for row in models} == set(catalog.models)
    assert {row["name"] for row in squares} == {
        name for name, row in catalog.placements.items() if row.platform == "instagram"
    }


def test_placements_and_models_are_found_by_words_in_any_order(lone: Desk) -> None:
    stories = lone.pressroom("placements", "story", "ig", "--json").json
    wrong = lone.pressroom("placements", "instgram", "stroy")
    upscalers = lone.pressroom("models", "upscale", "--json").json

    assert {row["name"] for row in stories} == {
        "instagram.story_image",
        "instagram.story_video",
        "instagram.ad_story_image",
    }
    assert (wrong.code, "did you mean 'instagram story'?" in wrong.err) == (2, True)
    assert {row["operation"] for row in upscalers} == {"upscale"}


def test_doctor_finds_everything_that_a_run_needs(lone: Desk) -> None:
    done = lone.pressroom("doctor")

    assert done.code == 0, done.out
    names = [line.split()[1] for line in done.out.splitlines()]
    assert names == ["home", "ffmpeg", "fonts", "catalog", "store", "database", "provenance", "disk", "prefect"]


def test_doctor_says_what_is_wrong_and_looks_at_the_rest(lone: Desk) -> None:
    done = lone.pressroom("doctor", PRESSROOM_FFMPEG="/no/such/ffmpeg")

    marks = {line.split()[1]: line.split()[0] for line in done.out.splitlines()}
    assert done.code == 1
    assert marks["ffmpeg"] == "FAIL"
    assert set(marks.values()) == {"ok", "FAIL"}
    assert "/no/such/ffmpeg" in done.out


def test_init_writes_an_example_once(lone: Desk) -> None:
    first = lone.pressroom("init", "social-post")
    again = lone.pressroom("init", "social-post")
    wrong = lone.pressroom("init", "social-pots")

    assert first.code == 0
    assert "pressroom run social-post/campaign.yaml" in first.err
    assert (lone.folder / "social-post" / "campaign.yaml").is_file()
    assert (again.code, wrong.code) == (2, 2)
    assert "already there" in again.err
    assert "did you mean 'social-post'" in wrong.err


def test_init_lists_every_example_with_its_summary(lone: Desk) -> None:
    lines = lone.pressroom("init", "list").out.splitlines()

    assert {line.split()[0] for line in lines} == EXAMPLES
    assert all(len(line.split()) > 4 for line in lines)


def test_up_status_and_down_tell_of_the_local_server(lone: Desk) -> None:
    """The server is only started here, not waited for: what it does when it answers is tested with the server."""
    before = lone.pressroom("status")
    prefect_server.ensure_started(lone.home)
    during = lone.pressroom("status")
    stopped = lone.pressroom("down")
    again = lone.pressroom("down")

    assert "not running" in before.out
    assert "http://127.0.0.1:" in during.out
    assert stopped.out == "stopped\n"
    assert again.out == "was not running\n"


@pytest.mark.prefect
def test_a_home_is_backed_up_and_comes_back_elsewhere(used: Desk, tmp_path: Path) -> None:
    done = used.pressroom("backup", tmp_path / "kept", "--media")
    again = used.pressroom("restore", tmp_path / "kept", PRESSROOM_HOME=str(tmp_path / "new"))
    twice = used.pressroom("restore", tmp_path / "kept", "--json", PRESSROOM_HOME=str(tmp_path / "new"))

    assert done.code == 0, done.err
    assert re.match(r"\d+ rows of \d+ tables \(schema \d+\) and 9 objects of .* \(copied\) are in", done.out)
    assert again.code == 0, again.err
    assert again.out.endswith("every invariant of the books holds; 9 objects are in the store\n")
    assert (twice.code, twice.json["state"]) == (3, "refused")
    credits = [used.pressroom("credits", **home).out for home in ({}, {"PRESSROOM_HOME": str(tmp_path / "new")})]
    assert credits[0] == credits[1]


def test_up_finds_the_server_that_runs(used: Desk) -> None:
    done = used.pressroom("up")

    assert done.code == 0
    assert done.out.startswith("running: http://127.0.0.1:")


@pytest.mark.prefect
def test_assets_are_listed_shown_and_traced(used: Desk) -> None:
    listed = used.pressroom("assets", "list", "--json").json["items"]
    thumb = next(item for item in listed if item["variant"] == "mode=fast" and item["step"] == "thumb")

    shown = used.pressroom("assets", "show", thumb["id"]).json
    lineage = used.pressroom("assets", "lineage", thumb["sha256"][:12]).out

    assert len(listed) == 7  # the photo and six results
    assert Path(shown["path"]).stat().st_size == thumb["size_bytes"]
    assert [line.split()[0] for line in lineage.splitlines()] == ["made", "made", "this"]
    assert "upscale" in lineage
    assert "photo.png" in lineage


@pytest.mark.prefect
def test_assets_are_found_counted_and_paged_by_any_filter(used: Desk) -> None:
    found = used.pressroom(
        *("assets", "list", "--where", "step=thumb", "--where", "width=1..", "--sort", "oldest", "--limit", "1"),
        *("--facets", "step", "--timeline", "--save", "thumbs", "--json"),
    ).json
    again = used.pressroom("assets", "list", "--saved", "thumbs", "--limit", "1", "--cursor", found["next_cursor"])
    kept = used.pressroom("assets", "searches", "--json").json

    assert found["facets"] == {"step": {"values": {"thumb": found["count"]}, "more": 0}}
    assert sum(found["timeline"].values()) == found["count"] > 1
    assert found["items"][0]["id"] not in again.out
    assert f"1 of {found['count']}" in again.err
    assert [each["query"] for each in kept] == [[["sort", "oldest"], ["step", "thumb"], ["width", "1.."]]]
    assert used.pressroom("assets", "searches", "--delete", "thumbs", "--json").json == []


@pytest.mark.prefect
def test_an_asset_that_is_not_there_is_said_in_words(used: Desk) -> None:
    done = used.pressroom("assets", "show", "nothing")

    assert done.code != 0
    assert "nothing" in done.err
    assert "Traceback" not in done.err


@pytest.mark.prefect
@pytest.mark.parametrize("wrong", [["--kind", "picture"], ["--limit", "0"], ["--where", "x"], ["--where", "wdth=1"]])
def test_a_wrong_filter_is_refused_in_words(used: Desk, wrong: list[str]) -> None:
    done = used.pressroom("assets", "list", *wrong)

    assert done.code == 2
    assert "Traceback" not in done.err


@pytest.mark.prefect
def test_runs_are_listed_with_how_they_ended(used: Desk) -> None:
    (run,) = used.pressroom("runs", "--json").json

    assert (run["campaign"], run["state"]) == ("tiny", "completed")
    assert Path(run["report"]).is_file()
    other = used.pressroom("runs", "--campaign", "other", "--json")
    assert (other.code, other.json["problems"][0]["hint"]) == (2, "known: tiny")


@pytest.mark.prefect
def test_a_run_is_delivered_again_where_one_wants_it(used: Desk, tmp_path: Path) -> None:
    (run,) = used.pressroom("runs", "--json").json
    balance = used.pressroom("credits").out

    done = used.pressroom("runs", "deliver", run["id"], "--out", tmp_path / "new", "--json")

    assert done.code == 0, done.err
    there = {path.name for path in Path(run["out"]).iterdir()}
    assert {path.name for path in (tmp_path / "new" / "tiny").iterdir()} == there
    assert (done.json["run_id"], done.json["delivered"]) == (run["id"], True)
    assert all(Path(asset["path"]).is_file() for node in done.json["nodes"] for asset in node["assets"])
    assert used.pressroom("credits").out == balance
    again = used.pressroom("runs", "deliver", run["id"], "--out", Path(run["out"]).parent)
    assert (again.code, again.out) == (0, "")
    assert f"3 in {run['out']}" in again.err


@pytest.mark.prefect
def test_a_run_that_cannot_be_delivered_ends_with_4_and_what_to_do(used: Desk, tmp_path: Path) -> None:
    (run,) = used.pressroom("runs", "--json").json
    (tmp_path / "file").write_text("kept", encoding="utf-8")

    done = used.pressroom("runs", "deliver", run["id"], "--out", tmp_path / "file", "--json")

    assert (done.code, done.json["delivered"]) == (4, False)
    assert [problem["code"] for problem in done.json["problems"]] == ["delivery"]
    assert f"pressroom runs deliver {run['id']}" in " ".join(done.err.split())
    assert used.pressroom("runs", "--json").json[0]["out"] == run["out"]


@pytest.mark.prefect
def test_only_ones_own_runs_are_delivered(used: Desk, tmp_path: Path) -> None:
    (run,) = used.pressroom("runs", "--json").json
    used.pressroom("credits", "--account", "bob")

    theirs = used.pressroom("runs", "deliver", run["id"], "--account", "bob", "--out", tmp_path)
    nobodys = used.pressroom("runs", "deliver", "r0", "--account", "bob", "--out", tmp_path)

    assert (theirs.code, nobodys.code) == (2, 2)
    assert theirs.err.replace(run["id"], "r0") == nobodys.err


@pytest.mark.prefect
def test_the_statement_shows_what_a_run_moved(used: Desk) -> None:
    lines = used.pressroom("credits", "statement").out

    assert used.pressroom("credits").out == "default: 6 credits\n"
    assert all(word in lines for word in ("grant", "hold", "capture"))


def test_json_of_an_error_is_one_document(lone: Desk) -> None:
    done = lone.pressroom("plan", "missing.yaml", "--json")

    assert done.code == 2
    assert json.loads(done.out)["problems"][0]["code"]


def test_recordings_are_inputs_with_the_ffmpeg_that_comes_along(lone: Desk) -> None:
    clip(lone.folder / "film.mp4", seconds=1)
    tone(lone.folder / "sound.mp3", seconds=2)
    lone.campaign.write_text(
        "pressroom: 1\nname: recordings\n"
        "inputs:\n"
        "  film: {type: video, default: film.mp4}\n"
        "  sound: {type: audio, default: sound.mp3}\n"
        "  photo: {type: image, default: photo.png}\n"
        "steps:\n"
        '  square: {uses: resize, with: {image: "{{ inputs.film }}", width: 64, height: 64}}\n'
        '  clip: {uses: image_to_video, with: {image: "{{ inputs.photo }}", audio: "{{ inputs.sound }}", duration: 1}}\n',
        encoding="utf-8",
    )

    done = lone.pressroom("plan", lone.campaign)

    assert done.code == 0, done.err
    assert "2 nodes: 2 to make" in done.err
