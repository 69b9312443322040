"""Searches are kept by the library's address, for the person who kept them."""

from __future__ import annotations

from pathlib import Path

from pressroom.services.add_media import add_file
from pressroom.services.edit_assets import tag_assets
from pressroom.services.selection import Selection
from tests.support.media import product
from tests.support.web_server import OPERATOR, Served, served, signed_in, token_of


def test_a_search_is_kept_opened_renamed_and_deleted_by_who_kept_it(house: Served) -> None:
    with signed_in(house, "viewer@example.com") as client, signed_in(house, "editor@example.com") as other:
        token = {"form_token": token_of(client)}
        query = "text=photo&kind=image&view=list&said=saved&cursor="
        saved = client.post("/library/searches", data={**token, "name": "Photos", "query": query})
        library, page = client.get("/library").text, client.get("/library/searches").text
        twice = client.post("/library/searches", data={**token, "name": "Photos", "query": query})
        nothing = client.post("/library/searches", data={**token, "name": "All", "query": "view=list"})
        others = other.get("/library/searches").text
        renamed = client.post("/library/searches/rename", data={**token, "name": "Photos", "new": "Shots"})
        client.post("/library/searches", data={**token, "name": "Photos", "query": query})
        taken = client.post("/library/searches/rename", data={**token, "name": "Photos", "new": "Shots"})
        for name in ("Shots", "Photos"):
            client.post("/library/searches/delete", data={**token, "name": name})
        left = client.get("/library/searches").text

    assert saved.headers["location"] == "/library?text=photo&kind=image&said=saved"
    for text in (library, page):
        assert '<a href="/library?text=photo&amp;kind=image">' in text
    assert (twice.status_code, "already a saved search" in twice.text) == (422, True)
    assert (nothing.status_code, "no filter to keep" in nothing.text) == (422, True)
    assert renamed.status_code == 303
    assert "already a saved search &#39;Shots&#39;" in taken.text
    assert "No search is kept" in others
    assert "No search is kept" in left


def test_a_card_says_how_often_it_was_used_and_is_made_a_favourite(house: Served) -> None:
    with signed_in(house, "editor@example.com") as client:
        before = client.get("/library").text
        token = token_of(client)
        kept = client.post(
            f"/assets/{house.asset}/favour", data={"star": "on", "back": "/library?kind=image", "form_token": token}
        )
        after = client.get("/library?favourite=yes").text
        client.post(f"/assets/{house.asset}/favour", data={"star": "off", "form_token": token})
        left = client.get("/library?favourite=yes").text

    assert f'formaction="/assets/{house.asset}/favour"' in before
    assert kept.headers["location"].startswith("/library?kind=image")
    assert (f"/assets/{house.asset}/favour" in after, 'aria-pressed="true"' in after) == (True, True)
    assert f"/assets/{house.asset}/favour" not in left


def test_a_full_page_of_a_library_with_many_names_is_no_larger_than_150_kb(tmp_path: Path) -> None:
    with served(tmp_path) as house:
        for number in range(60):
            product(20 + number, 9).save(tmp_path / f"{number}.png")
            names = [f"a tag of quite some letters {number} {each}" for each in range(2)]
            found = add_file(OPERATOR, house.context, tmp_path / f"{number}.png")
            tag_assets(OPERATOR, house.context, Selection((found.id,)), names)
        with house.client() as client:
            page = client.get("/library?text=tag")

    assert page.text.count('class="marks"') == 60
    assert "more</li>" in page.text
    assert len(page.content) <= 150_000
