"""What another account shares is seen as far as its right goes, as long as it lasts, and never else."""

from __future__ import annotations

import httpx
import pytest

from pressroom.services.sharing import share, unshare
from tests.support.web_server import OPERATOR, RIVAL, Served, token_of


def test_whoever_may_edit_changes_words_and_nobody_else_does(house: Served, rival: httpx.Client) -> None:
    address, token = f"/assets/{house.made}", {"form_token": token_of(rival)}
    share(OPERATOR, house.context, "asset", house.made, RIVAL, "use")
    try:
        looked = rival.get(address).text
        refused = rival.post(f"{address}/words", data={**token, "title": "Rita's"})
        share(OPERATOR, house.context, "asset", house.made, RIVAL, "edit")
        form = rival.get(address).text
        done = rival.post(f"{address}/words", data={**token, "title": "Rita's"})
        after = rival.get(address).text
        rival.post(f"{address}/words", data={**token, "title": ""})
    finally:
        unshare(OPERATOR, house.context, "asset", house.made, RIVAL)

    assert [f'action="{address}/words"' in text for text in (looked, form)] == [False, True]
    assert (refused.status_code, done.status_code) == (404, 303)
    assert "<h1>Rita&#39;s</h1>" in after


@pytest.mark.parametrize(("right", "file"), [("view", 404), ("use", 200)])
def test_a_guest_sees_what_the_right_allows_until_it_ends(
    house: Served, rival: httpx.Client, right: str, file: int
) -> None:
    shown = (f"/assets/{house.made}", f"/assets/{house.made}/preview-320.webp")
    with_file = (*shown, f"/assets/{house.made}/file?download")

    assert [rival.get(path).status_code for path in with_file] == [404, 404, 404]
    share(OPERATOR, house.context, "asset", house.made, RIVAL, right)
    try:
        page, picture, original = (rival.get(path) for path in with_file)
        mine = rival.get("/library/shared").text
        others = [rival.get(path).status_code for path in (f"/assets/{house.asset}", f"/assets/{house.made}/similar")]
    finally:
        unshare(OPERATOR, house.context, "asset", house.made, RIVAL)

    assert (page.status_code, picture.headers["content-type"], original.status_code) == (200, "image/webp", file)
    assert ("/file?download" in page.text) == (file == 200)
    assert house.ended not in page.text  # which run made it is its owner's business
    assert f"/assets/{house.made}" in mine
    assert others == [404, 404]
    assert [rival.get(path).status_code for path in with_file] == [404, 404, 404]
    assert "Nothing is shared with you" in rival.get("/library/shared").text
