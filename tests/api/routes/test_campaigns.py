"""Stored campaigns over HTTP."""

from __future__ import annotations

from pathlib import Path

from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from tests.api.conftest import Caller
from tests.api.routes.test_runs import SMALL


def test_a_campaign_is_kept_in_versions(ask: Caller, ask_as_bob: Caller) -> None:
    first = ask("POST", "/campaigns", status=201, json={"name": "spring", "text": "pressroom: 1\n"})
    again = ask("POST", "/campaigns", status=201, json={"name": "spring", "text": "pressroom: 1\n"})
    second = ask("POST", "/campaigns", status=201, json={"name": "spring", "text": "pressroom: 1\nname: s\n"})

    assert first == again
    assert ask("GET", "/campaigns/spring")["id"] == second["id"]
    assert ask("GET", f"/campaigns/{first['id']}")["text"] == "pressroom: 1\n"
    assert [each["id"] for each in ask("GET", "/campaigns?name=spring")["items"]] == [second["id"], first["id"]]
    assert ask_as_bob("GET", "/campaigns/spring", status=404)["code"] == "not_found"
    assert ask_as_bob("GET", f"/campaigns/{first['id']}", status=404)["code"] == "not_found"


def test_a_campaign_is_right_or_every_mistake_has_its_place(ask: Caller) -> None:
    wrong = SMALL.replace("upscale", "upscal").replace("width: 60", "widht: 60")

    found = ask("POST", "/campaigns/validate", json={"yaml": wrong})
    right = ask("POST", "/campaigns/validate", json={"yaml": "pressroom: 1\nname: a\nsteps:\n  a: {uses: resize}\n"})
    drawn = "pressroom: 1\nname: a\nsteps:\n  a: {uses: generate_image, with: {prompt: x}}\n"

    assert (found["valid"], right["valid"]) == (False, False)
    assert {(each["line"], each["code"]) for each in found["problems"]} >= {(7, "unknown_operation")}
    assert ask("POST", "/campaigns/validate", json={"yaml": drawn})["valid"] is True
    assert ask("POST", "/campaigns/validate", status=404, json={"campaign": "none"})["code"] == "not_found"


def test_a_table_of_the_library_takes_the_place_of_the_campaigns(ask: Caller, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("words\nfern\nmoss\n")
    rows = add_file(Principal("default"), ask.context, tmp_path / "rows.csv").id
    text = "name: rows\nsteps:\n  a: {uses: generate_image, feed: rows.csv, with: {prompt: '{{ each.row.words }}'}}\n"

    plan = ask("POST", "/plans", json={"yaml": text, "feeds": {"row": f"asset:{rows}"}})
    paths = ask("POST", "/campaigns/validate", json={"yaml": text, "feeds": {"row": "/etc/passwd"}})
    unknown = ask("POST", "/campaigns/validate", json={"yaml": text, "feeds": {"rwo": f"asset:{rows}"}})

    assert [node["variant"] for node in plan["nodes"]] == [{"row": "fern"}, {"row": "moss"}]
    (told,) = paths["problems"]
    assert (told["code"], "the feed '/etc/passwd' cannot be read" in told["message"]) == ("feed", True)
    assert (unknown["valid"], unknown["problems"][0]["code"]) == (False, "unknown_feed")


def test_campaigns_come_in_pages(ask: Caller, ask_as_bob: Caller) -> None:
    stored = [ask("POST", "/campaigns", json={"name": f"page-{each}", "text": "x"})["id"] for each in range(5)]
    found, cursor = [], ""
    while cursor is not None:
        page = ask("GET", "/campaigns", params={"limit": 2, "cursor": cursor})
        found += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert found[:5] == stored[::-1]
    assert len(found) == len(set(found))
    assert ask_as_bob("GET", f"/campaigns?cursor={stored[0]}", status=422)["code"] == "usage"
