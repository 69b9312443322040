"""Campaigns kept without a folder, from the command line."""

from __future__ import annotations

from tests.support.desks import TINY, Desk


def test_a_campaign_is_stored_listed_shown_planned_and_run_by_its_name(desk: Desk) -> None:
    asset = desk.pressroom("assets", "add", "photo.png", "--json").json
    text = TINY.replace("default: photo.png", f"default: asset:{asset['id']}")
    desk.write(text)

    stored = desk.pressroom("documents", "add", "campaign.yaml", "--name", "spring", "--json").json
    listed = desk.pressroom("documents", "list", "--json").json
    planned = desk.pressroom("plan", "document:spring", "--json").json
    wrote = desk.pressroom("plan", "document:spring", "-o", "plan.json")
    ran = desk.pressroom("run", "plan.json", "--json")

    assert [(each["id"], each["name"]) for each in listed] == [(stored["id"], "spring")]
    assert desk.pressroom("documents", "show", "spring").out == text
    assert (planned["allowed"], planned["totals"]["credits_bound"]) == (True, 4)
    assert (wrote.code, ran.code, ran.json["credits"]["captured"]) == (0, 0, 4), ran.err
    assert (desk.home / "out" / "tiny" / "contact-sheet.html").is_file()


def test_a_document_that_is_not_there_is_invalid_and_says_where_to_look(desk: Desk) -> None:
    desk.pressroom("credits")

    for name, says in (("document:none", "there is no stored campaign 'none'"), ("document:", "names no stored")):
        refused = desk.pressroom("plan", name)
        assert (refused.code, says in refused.err) == (2, True), refused.err
