"""Public links as whoever has one meets them: as far, as often and as long as they allow, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from pressroom.domain.library import Use
from pressroom.services.edit_assets import move_assets
from pressroom.services.public_links import create_link, revoke_link
from pressroom.services.selection import Selection
from pressroom.services.uses import count_uses
from tests.support.web_server import OPERATOR, Served

PASSWORD = "sesame opens"


@pytest.fixture(scope="module")
def folder(house: Served) -> Iterator[str]:
    """With one of the two assets in it."""
    move_assets(OPERATOR, house.context, Selection((house.made,)), "for/guests")
    yield "for/guests"
    move_assets(OPERATOR, house.context, Selection((house.made,)), "")


@pytest.fixture
def guest(house: Served) -> Iterator[httpx.Client]:
    with house.client() as client:
        yield client


def test_a_link_shows_what_it_covers_and_nothing_of_how_it_was_made(
    house: Served, folder: str, guest: httpx.Client
) -> None:
    secret = create_link(OPERATOR, house.context, "folder", folder).secret

    page, asset = (guest.get(f"/p/{secret}{rest}") for rest in ("", f"/assets/{house.made}"))
    picture = guest.get(f"/p/{secret}/preview/{house.made}-320.webp")
    hidden = [
        guest.get(f"/p/{secret}/{rest}").status_code
        for rest in (f"assets/{house.asset}", f"preview/{house.asset}-320.webp", f"file/{house.made}")
    ]

    assert (page.status_code, asset.status_code, picture.headers["content-type"]) == (200, 200, "image/webp")
    assert (house.made in page.text, house.asset in page.text) == (True, False)
    assert house.ended not in asset.text
    assert "Download" not in asset.text
    assert hidden == [404, 404, 404]
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    for answer in (page, asset, picture):
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_downloads_are_counted_and_playing_is_not_offered_where_they_are(house: Served, guest: httpx.Client) -> None:
    secret = create_link(OPERATOR, house.context, "asset", house.made, right="use", most_downloads=1).secret
    before = count_uses(OPERATOR, house.context, house.made)[Use.DOWNLOAD]

    page = guest.get(f"/p/{secret}").text
    # Without the word "download" as well: who does not say so has the file all the same.
    first, second = guest.get(f"/p/{secret}/file/{house.made}"), guest.get(f"/p/{secret}/file/{house.made}?download")

    assert "1 download left" in page
    assert (first.status_code, first.content[:4]) == (200, b"\x89PNG")
    assert first.headers["content-disposition"].startswith("attachment;")
    assert second.status_code == 410
    assert "allows no more downloads" in guest.get(f"/p/{secret}").text
    assert count_uses(OPERATOR, house.context, house.made)[Use.DOWNLOAD] == before + 1


def test_a_password_opens_a_link_for_this_browser_alone(house: Served, guest: httpx.Client) -> None:
    made = create_link(OPERATOR, house.context, "asset", house.made, password=PASSWORD)
    other = create_link(OPERATOR, house.context, "asset", house.made, password=PASSWORD)
    address = f"/p/{made.secret}"

    asked = guest.get(address)
    wrong = guest.post(address, data={"password": "sesame shuts"})
    picture = guest.get(f"{address}/preview/{house.made}-320.webp")
    right = guest.post(address, data={"password": PASSWORD})
    opened = guest.get(address)
    elsewhere = [guest.get(f"/p/{other.secret}").status_code]
    with house.client() as stranger:
        stranger.cookies.set("pressroom-link", "0" * 64)
        elsewhere.append(stranger.get(address).status_code)

    assert (asked.status_code, "Password of the link" in asked.text, house.made in asked.text) == (401, True, False)
    assert (wrong.status_code, "not the link&#39;s password" in wrong.text) == (401, True)
    assert picture.status_code == 303
    assert (right.status_code, right.headers["location"], opened.status_code) == (303, address, 200)
    cookie = right.headers["set-cookie"]
    assert f"Path={address}" in cookie
    assert "HttpOnly" in cookie
    assert elsewhere == [401, 401]


def test_another_site_sends_no_password(house: Served) -> None:
    made = create_link(OPERATOR, house.context, "asset", house.made, password=PASSWORD)

    with house.client() as client:
        sent = client.post(f"/p/{made.secret}", data={"password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"})

    assert sent.status_code == 403


def test_a_link_that_has_ended_is_gone_at_once(house: Served, guest: httpx.Client) -> None:
    context = house.context
    made = create_link(OPERATOR, context, "asset", house.made, expires_at=context.now() + timedelta(days=1))
    rests = ("", "/embed", f"/assets/{house.made}", f"/preview/{house.made}-320.webp", f"/file/{house.made}")
    assert guest.get(f"/p/{made.secret}").status_code == 200

    revoke_link(OPERATOR, context, made.link.id)

    assert [guest.get(f"/p/{made.secret}{rest}").status_code for rest in rests] == [410] * 5
    assert [guest.get(f"/p/{made.secret}x{rest}").status_code for rest in rests] == [404] * 5


def test_only_the_embedded_page_stands_in_frames_and_it_runs_nothing(house: Served, guest: httpx.Client) -> None:
    secret = create_link(OPERATOR, house.context, "asset", house.made).secret

    page, embedded = guest.get(f"/p/{secret}"), guest.get(f"/p/{secret}/embed")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    policy = embedded.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "<script" not in embedded.text


def test_programs_are_told_how_to_embed_a_link(house: Served, guest: httpx.Client) -> None:
    secret = create_link(OPERATOR, house.context, "asset", house.made).secret
    locked = create_link(OPERATOR, house.context, "asset", house.made, password=PASSWORD).secret
    address = f"{house.url}/p/{secret}"

    page = guest.get(f"/p/{secret}").text
    found = guest.get("/oembed", params={"url": address, "maxwidth": 300})
    told = json.loads(found.text)
    refused = [
        guest.get("/oembed", params=params).status_code
        for params in (
            {"url": f"{house.url}/p/{locked}"},
            {"url": f"https://elsewhere.example/p/{secret}"},
            {"url": f"{house.url}/library"},
            {"url": address, "format": "xml"},
        )
    ]

    assert f'href="/oembed?url={quote(address, safe="")}"' in page
    assert (told["type"], told["version"], told["width"]) == ("rich", "1.0", 300)
    assert f'<iframe src="{address}/embed"' in told["html"]
    assert guest.get(told["thumbnail_url"]).headers["content-type"] == "image/webp"
    assert refused == [401, 404, 404, 501]
    assert guest.get(f"/p/{locked}/embed").status_code == 404
