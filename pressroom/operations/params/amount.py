"""A price whose number is missing, as an empty cell of a feed leaves it: `{{ each.row.price }} €`."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

# What stands around a number: currencies, and 'from', 'only' and 'per' in several languages.
_CURRENCY = re.compile(
    r"\b(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|NZD|SGD|HKD|INR|CNY|KRW|AED|SAR|ILS|TRY|ZAR|BRL|MXN|PLN|SEK|NOK|DKK|ISK|CZK|HUF|RON|BGN|THB|"
    r"US|CA|AU|NZ|HK|[ACSR](?=\$)|Fr|Rs|[Kk]r|zł|Kč|Ft|lei)\b|[円元원]"
)
_AROUND = re.compile(
    r"\b(?:euros?|dollars?|pounds?|from|only|just|now|for|per|each|ab|nur|jetzt|statt|pro|je|von|dès|à partir de|seulement|par|"
    r"desde|solo|sólo|por|vanaf|da|a)\b",
    re.IGNORECASE,
)


def _has_its_number(text: str) -> str:
    """Words are a price too ('Free', 'Sold out'); a currency without a number, or signs alone, are not."""
    if not text.strip() or any(unicodedata.category(char)[0] == "N" for char in text):
        return text
    if any(char.isalpha() for char in _AROUND.sub(" ", _CURRENCY.sub(" ", text))):
        return text
    raise ValueError(
        f"the number is missing in {text.strip()!r}: write it (in a feed: fill the cell), or leave the price out"
    )


PriceText = Annotated[str, AfterValidator(_has_its_number)]
