"""What counts as an offer, and what is left of a line without it."""

from __future__ import annotations

import pytest

from pressroom.art.offer import is_discount, offer_of


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("Sofa was €1.599,00 now €1.299,00", "now €1.299,00"),
        ("statt 80 € nur 49 €", "nur 49 €"),
        ("2 for $5 tacos", "2 for $5"),
        ("Buy 2 get 1 free on candles", "Buy 2 get 1 free"),
        ("Black Friday 40% on all", "40%"),
        ("خصم 50% على كل شيء", "خصم 50%"),
        ("全场五折", "五折"),
        ("0% APR for 12 months", ""),
        ("100% cotton", ""),
        ("earn $20,000 a month", ""),
        ("win a $100 voucher", ""),
        ("$12M raised", ""),
        ("Car wash, Tuesday", ""),
    ],
)
def test_an_offer_is_what_a_buyer_pays_or_saves(text: str, offer: str) -> None:
    assert offer_of(text) == offer


@pytest.mark.parametrize(("text", "discount"), [("20% off", True), ("$20", False), ("drop off cans", False)])
def test_a_price_is_no_discount(text: str, discount: bool) -> None:
    assert is_discount(text) is discount
