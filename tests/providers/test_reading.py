"""What the files of several vendors read in the same way."""

from __future__ import annotations

import base64

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.providers.base import Order
from pressroom.providers.http.messages import Response
from pressroom.providers.reading import alike, base64_bytes, seconds_of, token_bill
from tests.support.conversations import purchase

BYTES = bytes(range(256))


@pytest.mark.parametrize("written", [base64.b64encode(BYTES), base64.urlsafe_b64encode(BYTES)])
def test_both_alphabets_are_read_padded_or_not(written: bytes) -> None:
    assert base64_bytes(written.decode()) == BYTES
    assert base64_bytes(written.decode().rstrip("=")) == BYTES
    assert base64_bytes("\r\n".join(written.decode()[at : at + 76] for at in range(0, len(written), 76))) == BYTES


@pytest.mark.parametrize("text", ["<html>", "ab*d", "a"])
def test_what_is_no_base64_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        base64_bytes(text)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "7"}, None, 7.0),
        ({"retry-after": "1.5"}, None, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, None, 0.25),
        ({"retry-after": "Mon, 30 Nov 2026 10:00:30 GMT", "date": "Mon, 30 Nov 2026 10:00:00 GMT"}, None, 30.0),
        ({"retry-after": "Mon, 30 Nov 2026 09:00:00 GMT", "date": "Mon, 30 Nov 2026 10:00:00 GMT"}, None, 0.0),
        ({"retry-after": "7"}, 3, 3.0),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "\u00b2"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({}, True, None),
        ({}, 1e9, 86_400.0),
        ({}, float("inf"), 86_400.0),
        ({}, -1, 0.0),
        ({"retry-after": "999999999"}, None, 86_400.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None, 86_400.0),
    ],
)
def test_when_to_ask_again_is_read_in_all_its_forms(
    headers: dict[str, str], body: object, seconds: float | None
) -> None:
    assert seconds_of(Response(429, headers, b""), body) == seconds


def test_tokens_without_a_price_have_no_bill() -> None:
    model = load_catalog().models["openai/gpt-image-2.6-flare"]

    assert token_bill(model, {"out": 10, "thoughts": 0}) == 300
    assert token_bill(model, {"out": 10, "thoughts": 1}) is None


@pytest.mark.parametrize(
    ("sent", "surely", "hidden"),
    [
        ({"prompt": "sea", "seed": 0}, True, False),
        ({"prompt": "sea", "seed": None}, False, True),
        ({"prompt": "sea"}, False, True),
        ({"seed": 0}, False, True),
        ({"prompt": "barn", "seed": None}, False, False),
        ({"prompt": "barn", "seed": 0}, False, False),
        (None, False, True),
        ("", False, True),
    ],
)
def test_an_order_whose_values_are_not_all_told_is_hidden_unless_others_differ(
    sent: object, surely: bool, hidden: bool
) -> None:
    order = Order("1:a:0", "generate_image", "flux-schnell", {"prompt": "sea", "seed": 0})
    wanted = purchase("fal/flux-schnell", order)
    usual = {name: value for name, value in wanted.fields.items() if name not in ("prompt", "seed")}

    found = alike({"one": {**usual, **sent} if isinstance(sent, dict) else sent}, wanted)

    assert (bool(found.surely), bool(found.hidden)) == (surely, hidden)
