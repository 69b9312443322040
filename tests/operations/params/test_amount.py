"""A price tag is never printed without its price."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from pressroom.operations.params.amount import PriceText

PRICE = TypeAdapter(PriceText)


@pytest.mark.parametrize(
    "text", ["€", " €", "$ ", "CHF", "EUR ", "US$", "kr", "zł", "from €", "ab €", "Only $!", "à partir de €", "-", "–,– €", "元"]
)  # fmt: skip
def test_a_currency_without_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="the number is missing in"):
        PRICE.validate_python(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "$48", "€ 9", "1.299,00 €", "٤٨ ر.س", "Free", "Gratis", "Sold out", "from CHF 20.–", "½ price", "五折"]
)  # fmt: skip
def test_what_says_a_price_stays_as_it_is(text: str) -> None:
    assert PRICE.validate_python(text) == text
