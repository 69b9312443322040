"""What a vendor signs with: asked for once, and again where a call is not signed with it, however many such calls come."""

from __future__ import annotations

import pytest

from pressroom.domain.errors import Retryable
from pressroom.providers.call_secrets import AGAIN_SECONDS, GOOD_SECONDS, CallSecrets


class Vendor:
    """Tells its secrets one after the other, None for an answer that does not come; `now` is the time."""

    def __init__(self, *secrets: str | None) -> None:
        self.left = list(secrets)
        self.now = 0.0
        self.secrets = CallSecrets(self.tell, lambda: self.now)

    def tell(self) -> str:
        secret = self.left.pop(0)
        if secret is None:
            raise Retryable("busy")
        return secret

    def signed_with(self, secret: str) -> bool:
        return any(each == secret for each in self.secrets.candidates())


def test_a_secret_is_asked_for_once_a_day() -> None:
    vendor = Vendor("one", "two")

    assert all(vendor.signed_with("one") for _ in range(3))
    assert vendor.left == ["two"]
    vendor.now = GOOD_SECONDS
    assert vendor.signed_with("two")


def test_forged_calls_ask_the_vendor_once_a_minute_and_a_new_secret_is_found_so() -> None:
    vendor = Vendor("one", "two")

    assert not any(vendor.signed_with("two") for _ in range(100))
    assert vendor.left == ["two"]
    vendor.now = AGAIN_SECONDS
    assert vendor.signed_with("two")


def test_a_vendor_that_does_not_answer_is_asked_again_a_minute_later() -> None:
    vendor = Vendor(None, "one", None)

    for _ in range(2):
        with pytest.raises(Retryable):
            vendor.signed_with("one")
    vendor.now = AGAIN_SECONDS
    assert vendor.signed_with("one")
    vendor.now = AGAIN_SECONDS + GOOD_SECONDS
    assert vendor.signed_with("one"), "what was known stays good while nobody tells of another"
