"""Making things without a script: files go along with the form, and what they are of is told on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.domain.identity import Principal
from pressroom.services.finding import search_assets
from tests.support.media import product
from tests.support.web_server import Served, signed_in, token_of


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    product(50, 40).save(tmp_path / "brought.png")
    return tmp_path / "brought.png"


def test_a_file_that_goes_along_is_filed_and_stands_in_its_field(workshop: Served, picture: Path) -> None:
    with signed_in(workshop, "editor@example.com") as client:
        sent = {"form_token": token_of(client), "width": "20", "height": "20", "_tier": "free", "_count": "1"}
        page = client.post("/studio/resize/price", data=sent, files={"_image_file": picture.open("rb")})
        wrong = client.post("/studio/resize", data=sent, files={"_image_file": ("x.png", b"no picture", "image/png")})

    filed = search_assets(Principal("default"), workshop.context).items[0]
    assert filed.filename == "brought.png"
    assert f'value="{filed.id}"' in page.text
    assert "Make for 0 credits" in page.text
    assert (wrong.status_code, "x.png" in wrong.text) == (422, True)


def test_an_input_of_a_campaign_goes_along_as_a_file(workshop: Served, picture: Path) -> None:
    with signed_in(workshop, "editor@example.com") as client:
        text = client.get(f"/campaigns/{workshop.document}").text
        sent = {"form_token": token_of(client), "plan_hash": "", "input-photo": ""}
        wanting = client.post(f"/campaigns/{workshop.document}/run", data=sent)
        started = client.post(
            f"/campaigns/{workshop.document}/run", data=sent, files={"_input-photo_file": picture.open("rb")}
        )
        run = client.get(started.headers["location"])

    assert ("inputs wanted" in text, 'name="_input-photo_file"' in text) == (True, True)
    assert (wanting.status_code, "photo.png" in wanting.text) == (422, True)
    assert started.status_code == 303
    assert run.status_code == 200


def test_a_table_takes_the_place_of_the_campaigns(workshop: Served, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("words\nfern\nmoss\n")
    text = "name: rows\nsteps:\n  a: {uses: generate_image, feed: rows.csv, with: {prompt: '{{ each.row.words }}'}}\n"
    with signed_in(workshop, "editor@example.com") as client:
        sent = {"form_token": token_of(client), "text": text}
        wanting = client.post("/campaigns/check", data=sent).text
        page = client.post("/campaigns/check", data=sent, files={"_feed-row_file": (tmp_path / "rows.csv").open("rb")})
        wrong = client.post("/campaigns/check", data={**sent, "text": text.replace("name: rows", "name: [1]")}).text

    assert ("inputs wanted" in wanting, "A table in place of rows.csv" in wanting) == (True, True)
    assert "fern" in page.text
    assert "allowed" in page.text
    assert ("Line 1" in wrong, "feed-row" in wrong) == (True, False)


def test_only_what_is_sold_is_offered_by_the_tiers_that_sell_it(workshop: Served) -> None:
    with signed_in(workshop, "editor@example.com") as client:
        sold, computed = client.get("/studio/lip_sync").text, client.get("/studio/resize").text

    assert ("<option>free" in sold, "<option selected>budget" in sold) == (False, True)
    assert "<option selected>free" in computed


def test_what_takes_an_asset_is_offered_for_it(workshop: Served) -> None:
    with signed_in(workshop, "editor@example.com") as client:
        page = client.get(f"/studio?asset={workshop.asset}").text
        picks = client.get("/library/pick?kind=video").text

    assert f"/studio/resize?image={workshop.asset}" in page
    assert "/studio/speak" not in page
    assert "Nothing here fits" in picks
