"""The library from the command line: what would be done is shown first, and --yes does it."""

from __future__ import annotations

from tests.support.desks import Desk


def test_assets_are_changed_shelved_trashed_and_purged(desk: Desk) -> None:
    photo = desk.pressroom("assets", "add", "photo.png", "--json").json["id"]

    planned = desk.pressroom("assets", "tag", "--add", "spring", "--add", "2027", "--where", "kind=image")
    assert planned.out == f"would tag 1 asset: {photo}\n"
    assert "nothing was changed: --yes does it" in planned.err
    assert desk.pressroom("assets", "tag", "--add", "spring", photo, "--yes").out == "1 asset tagged\n"
    edited = desk.pressroom(
        "assets", "edit", photo, "--name", "Kettle", "--metadata", '{"sku": 7}', "--public", "--yes", "--json"
    )
    assert edited.json == {"action": "edit", "done": True, "count": 1, "assets": [photo], "kept": {}}
    assert desk.pressroom("assets", "move", "spring/red", photo, "--yes").code == 0
    assert desk.pressroom("assets", "move-folder", "spring", "2027").out == "1 assets moved\n"
    shown = desk.pressroom("assets", "show", photo).json
    assert (shown["name"], shown["metadata"], shown["folder"], shown["is_public"]) == (
        "Kettle",
        {"sku": 7},
        "2027/red",
        True,
    )
    assert {"spring", "landscape"} <= {*shown["tags"]}

    desk.pressroom("collections", "create", "fair")
    desk.pressroom("collections", "add", "fair", "--where", "tag=spring", "--yes")
    desk.pressroom("collections", "edit", "fair", "--cover", photo)
    assert desk.pressroom("collections", "list", "--json").json[0]["cover"] == photo

    kept = desk.pressroom("assets", "purge", photo, "--yes")
    assert (kept.code, "is not in the trash" in kept.err) == (3, True)
    desk.pressroom("assets", "trash", photo, "--yes")
    assert desk.pressroom("assets", "purge", "--where", "state=trashed", "--yes").out == "1 asset purged\n"
    assert desk.pressroom("assets", "show", photo).code == 3  # gone
    assert desk.pressroom("collections", "list", "--json").json[0]["count"] == 0


def test_a_rule_says_what_it_would_do(desk: Desk) -> None:
    desk.pressroom("assets", "add", "photo.png")

    assert desk.pressroom("retention", "add", "old films", "purge", "30", "--kind", "video").out == "made old films\n"
    assert desk.pressroom("retention", "list", "--json").json[0]["older_than_days"] == 30
    assert desk.pressroom("retention", "apply", "--json").json["old films"]["count"] == 0
    assert desk.pressroom("retention", "add", "worse", "burn", "0").code == 2
