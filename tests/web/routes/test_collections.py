"""Collections and folders on their pages: made, filled, put into order, renamed and ended."""

from __future__ import annotations

import re

from tests.support.web_server import Served, signed_in, token_of


def test_a_collection_is_made_ordered_renamed_and_deleted(workshop: Served) -> None:
    with signed_in(workshop, "editor@example.com") as client:
        token = {"form_token": token_of(client)}

        def do(action: str, name: str = "a/b & c", **more: str) -> str:
            answer = client.post("/collections/change", data={**token, "name": name, "do": action, **more})
            return client.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text

        def order(text: str) -> list[str]:
            return re.findall(r'<a class="shot" href="/assets/(\w+)"', text)

        made = client.post("/collections", data={**token, "name": "a/b & c"})
        taken = client.post("/collections", data={**token, "name": "a/b & c"})
        empty = client.get(made.headers["location"]).text
        ids = [workshop.made, workshop.asset]
        client.post("/library/change", data={**token, "id": ids, "action": "collect", "value": "a/b & c"})
        moved = [order(do("later", id=workshop.made)), order(do("first", id=workshop.made))]
        covered = do("cover", id=workshop.asset)
        wrong = do("cover", id="nothing")
        left = order(do("off", id=workshop.made))
        renamed = do("edit", new="d", description="for the fair")
        gone = do("delete", "d")
        unknown = client.get("/collections/a%2Fb%20%26%20c").status_code

    assert (taken.status_code, "already a collection" in taken.text) == (422, True)
    assert "Nothing is in it" in empty
    assert moved == [ids[::-1], ids]
    assert covered.count('<span class="mark">cover</span>') == 1
    assert "nothing" in wrong
    assert left == [workshop.asset]
    assert ("<h1>d</h1>" in renamed, "for the fair · 1 asset" in renamed) == (True, True)
    assert ('href="/collections/d"' in gone, 'href="/collections/Banners"' in gone) == (False, True)
    assert unknown == 404


def test_a_folder_is_renamed_with_all_below_it(workshop: Served) -> None:
    with signed_in(workshop, "editor@example.com") as client:
        token = {"form_token": token_of(client)}
        client.post(
            "/library/change", data={**token, "id": [workshop.made], "action": "move", "value": "autumn/teaser"}
        )
        page = client.get("/library?folder=autumn/teaser").text
        moved = client.post("/library/folders", data={**token, "folder": "autumn", "to": "winter"})
        inside = client.post("/library/folders", data={**token, "folder": "winter", "to": "winter/old"})
        file = {"file": ("more.txt", b"what else lies here", "text/plain")}
        added = client.post("/library/files", data={**token, "folder": "winter/teaser"}, files=file)
        found = client.get("/library?folder=winter").text
        client.post("/library/change", data={**token, "id": [workshop.made], "action": "move", "value": ""})

    assert ('<a href="/library?folder=autumn">autumn</a> / <b>teaser</b>' in page, 'value="autumn/teaser"' in page) == (
        True,
        True,
    )
    assert moved.headers["location"] == "/library?folder=winter&said=done"
    assert (inside.status_code, "cannot come to lie" in inside.text) == (422, True)
    assert added.headers["location"] == "/library?folder=winter%2Fteaser&said=added"
    assert (f"/assets/{workshop.made}" in found, "more.txt" in found) == (True, True)


def test_who_may_only_look_changes_nothing(workshop: Served) -> None:
    with signed_in(workshop, "viewer@example.com") as client:
        page = client.get("/collections/Banners").text
        refused = client.post(
            "/collections/change", data={"form_token": token_of(client), "name": "Banners", "do": "delete"}
        )

    assert (workshop.made in page, 'name="do"' in page) == (True, False)
    assert refused.status_code == 403
