"""`pressroom run --rehearse`: real adapters, simulated vendors, play money, and nothing real is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from pressroom.database.schema import asset, campaign_document, job, run
from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from pressroom.services.documents import store_document
from tests.support.desks import Desk, set_up

CAMPAIGN = """\
pressroom: 1
name: show
title: A show
inputs:
  photo: {type: image, default: photo.png}
steps:
  scene: {uses: generate_image, model: fal/flux-schnell, with: {prompt: a calm sea, width: 1024, height: 1024}}
  cut: {uses: remove_background, model: replicate/recraft-remove-background, with: {image: "{{ inputs.photo }}"}}
  thumb: {uses: resize, with: {image: "{{ steps.scene }}", width: 90, height: 60, format: png}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = set_up(tmp_path)
    found.write(CAMPAIGN)
    return found


def test_a_rehearsal_needs_no_key_buys_nothing_and_says_so(desk: Desk) -> None:
    """Nor a person: what one would be asked is answered."""
    asks = '  ok: {uses: approve, with: {media: "{{ steps.scene }}"}}\n'
    desk.write(CAMPAIGN.replace('image: "{{ steps.scene }}"', 'image: "{{ steps.ok }}"') + asks)

    done = desk.pressroom("run", desk.campaign, "--rehearse", "--json")

    assert done.code == 0, done.err
    assert (done.json["rehearsal"], done.json["state"]) == (True, "completed")
    assert sum(done.json["billed_usd_micros"].values()) == done.json["usd_micros"] > 0
    assert done.json["billed_usd_micros"].keys() == {"fal", "replicate"}
    assert "play money, simulated vendors" in done.err
    assert "Rehearsal: A show" in done.err
    assert "nothing was paid" in done.err
    folder = desk.folder / "out" / "rehearsal" / "show"
    assert {path.name for path in folder.glob("*.png")} == {"cut.png", "thumb.png"}
    assert "Rehearsal: A show" in (folder / "contact-sheet.html").read_text()
    assert not (desk.home / "pressroom.db").exists()
    assert not (desk.folder / "out" / "show").exists()


def test_it_chooses_among_the_vendors_that_have_a_key_and_shows_that_key_to_nobody(desk: Desk) -> None:
    desk.write(CAMPAIGN.replace("model: fal/flux-schnell", "tier: budget"))

    done = desk.pressroom("run", desk.campaign, "--rehearse", FAL_KEY="mine:secret")

    assert "simulated vendors (fal)" in done.err
    assert done.code == 3  # what replicate sells needs its key
    assert "replicate" in done.err
    assert "only vendors that have a key here are rehearsed (fal): --all-vendors takes all" in done.err
    assert "mine:secret" not in done.err + done.out


def test_it_is_rehearsed_with_all_vendors_where_that_is_asked_for(desk: Desk) -> None:
    done = desk.pressroom("run", desk.campaign, "--rehearse", "--all-vendors", "--json", FAL_KEY="mine:secret")

    assert done.code == 0, done.err
    assert done.json["billed_usd_micros"].keys() == {"fal", "replicate"}


def test_what_it_says_to_look_at_is_found_in_its_own_home(desk: Desk) -> None:
    desk.write(CAMPAIGN.replace("fal/flux-schnell", "openai/gpt-image-2.6-flare"))
    faults = desk.folder / "faults.yaml"
    faults.write_text("- {fault: lost_answer, vendor: openai, times: 1}\n")

    done = desk.pressroom("run", desk.campaign, "--rehearse", "--faults", faults, "--json")

    said = f"PRESSROOM_HOME={desk.home / 'rehearsal'} pressroom jobs show "
    [error] = [node["error"] for node in done.json["nodes"] if "may have taken this order" in node["error"]]
    assert (error.count("PRESSROOM_HOME"), done.code) == (1, 4)
    job = error.partition(said)[2]
    shown = desk.pressroom("jobs", "show", job, PRESSROOM_HOME=str(desk.home / "rehearsal"))
    assert f"{job}: unknown" in shown.out
    assert said in " ".join(done.err.split())


@pytest.mark.parametrize("model", ["fal/flux-schnell", "stability/core"])
def test_what_goes_wrong_is_shown_before_it_costs(desk: Desk, model: str) -> None:
    desk.write(CAMPAIGN.replace("fal/flux-schnell", model))
    faults = desk.folder / "faults.yaml"
    faults.write_text(f"- {{fault: moderated_after, vendor: {model.partition('/')[0]}, times: 1}}\n")

    done = desk.pressroom("run", desk.campaign, "--rehearse", "--faults", faults, "--json")

    assert (done.code, done.json["state"]) == (4, "completed_with_failures")
    assert sum(done.json["billed_usd_micros"].values()) == done.json["usd_micros"]
    assert "moderated after it was made" in done.err


def test_each_rehearsal_begins_anew(desk: Desk) -> None:
    first, second = (desk.pressroom("run", desk.campaign, "--rehearse", "--json") for _ in range(2))

    assert first.json["billed_usd_micros"] == second.json["billed_usd_micros"]
    assert {node["action"] for node in second.json["nodes"]} == {"create"}


@pytest.mark.parametrize("name", ["paid-pictures", "launch-film", "spokesperson", "new-words"])
def test_every_paid_example_is_rehearsed_and_costs_what_its_vendors_charge(desk: Desk, name: str) -> None:
    assert desk.pressroom("init", name).code == 0

    done = desk.pressroom("run", Path(name) / "campaign.yaml", "--rehearse", "--json")

    assert (done.code, done.json["state"]) == (0, "completed"), done.err
    assert sum(done.json["billed_usd_micros"].values()) == done.json["usd_micros"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--faults", "faults.yaml"), "only a rehearsal has --faults and --all-vendors"),
        (("--all-vendors",), "only a rehearsal has --faults and --all-vendors"),
        (("--rehearse", "--deployment", "campaign/nightly"), "a rehearsal is run here"),
        (("--rehearse", "--faults", "nowhere.yaml"), "cannot be read"),
    ],
)
def test_what_cannot_be_rehearsed_is_said(desk: Desk, arguments: tuple[str, ...], says: str) -> None:
    done = desk.pressroom("run", desk.campaign, *arguments)

    assert done.code == 2
    assert says in done.err


STORED = """\
name: stored
steps:
  cut: {uses: remove_background, model: replicate/recraft-remove-background, with: {image: "asset:ASSET"}}
"""


def test_a_stored_campaign_is_rehearsed_with_assets_of_the_library_which_are_only_read(desk: Desk) -> None:
    principal = Principal("default")
    photo = add_file(principal, desk.context, desk.folder / "photo.png")
    store_document(principal, desk.context, "spring", STORED.replace("ASSET", photo.id))
    before = rows(desk)

    done = desk.pressroom("run", "document:spring", "--rehearse", "--json")

    assert (done.code, done.json["state"]) == (0, "completed"), done.err
    assert done.json["billed_usd_micros"].keys() == {"replicate"}
    assert rows(desk) == before


def rows(desk: Desk) -> list[tuple[str, ...]]:
    """Whatever the real home has on record."""
    with desk.context.database.read() as conn:
        tables = (asset, run, job, campaign_document)
        return [tuple(map(str, row)) for table in tables for row in conn.execute(select(table))]
