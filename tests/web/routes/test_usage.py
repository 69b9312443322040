"""The page of credits: what of a month is used, and the budget of it."""

from __future__ import annotations

from tests.support.web_server import Served, signed_in, token_of


def test_an_admin_sets_what_the_account_may_spend_in_a_month(house: Served) -> None:
    with signed_in(house, "admin@example.com") as client:
        token = token_of(client)
        kept = client.post("/usage/budget", data={"credits": "12,5", "form_token": token}, follow_redirects=True)
        wrong = client.post("/usage/budget", data={"credits": "much", "form_token": token})
        lifted = client.post("/usage/budget", data={"credits": "", "form_token": token}, follow_redirects=True)
    with signed_in(house, "editor@example.com") as client:
        page = client.get("/usage").text
        refused = client.post("/usage/budget", data={"credits": "1", "form_token": token_of(client)})

    assert "Credits (budget)" in kept.text
    assert 'value="12.5"' in kept.text
    assert "is no amount of credits" in wrong.text
    assert "Credits (budget)" not in lifted.text
    assert ("/usage/budget" in page, refused.status_code) == (False, 403)
