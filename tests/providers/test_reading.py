"""What the files of several vendors read in the same way."""

from __future__ import annotations

import base64

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.providers.reading import base64_bytes, token_bill

BYTES = bytes(range(256))


@pytest.mark.parametrize("written", [base64.b64encode(BYTES), base64.urlsafe_b64encode(BYTES)])
def test_both_alphabets_are_read_padded_or_not(written: bytes) -> None:
    assert base64_bytes(written.decode()) == BYTES
    assert base64_bytes(written.decode().rstrip("=")) == BYTES


@pytest.mark.parametrize("text", ["<html>", "ab*d", "a"])
def test_what_is_no_base64_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        base64_bytes(text)


def test_tokens_without_a_price_have_no_bill() -> None:
    model = load_catalog().models["openai/gpt-image-2.6-flare"]

    assert token_bill(model, {"out": 10, "thoughts": 0}) == 300
    assert token_bill(model, {"out": 10, "thoughts": 1}) is None
