"""Vendors' calls: the right ones name their order, all others are refused with a reason."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pressroom.providers.webhooks import Called, Delivery, Refusal, read

NOW = 1_700_000_000.0
BODY = b'{"id": "job-1", "request_id": "job-1", "status": "done"}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNER = Ed25519PrivateKey.generate()


def jwks(*keys: Ed25519PrivateKey) -> str:
    rows = [base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode() for key in keys]
    return json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": row} for row in rows]})


def stamped(signature: str, body: bytes = BODY, moment: float = NOW, name: str = "msg_1") -> Delivery:
    headers = {"webhook-id": name, "webhook-timestamp": f"{moment:.0f}", "webhook-signature": signature}
    return Delivery(headers, body)


def by_replicate(body: bytes = BODY, moment: float = NOW) -> tuple[str, Delivery, str]:
    text = f"msg_1.{moment:.0f}.".encode() + body
    digest = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), text, hashlib.sha256)
    return "replicate", stamped(f"v1,AAAA v1,{base64.b64encode(digest).decode()}", body, moment), SECRET


def by_wavespeed(body: bytes = BODY, moment: float = NOW) -> tuple[str, Delivery, str]:
    text = f"msg_1.{moment:.0f}.".encode() + body
    digest = hmac.digest(SECRET.removeprefix("whsec_").encode(), text, hashlib.sha256)
    return "wavespeed", stamped(f"v3,{digest.hex()}", body, moment), SECRET


def by_fal(body: bytes = BODY, moment: float = NOW) -> tuple[str, Delivery, str]:
    text = f"job-1\nuser\n{moment:.0f}\n{hashlib.sha256(body).hexdigest()}".encode()
    said = {
        "request-id": "job-1",
        "user-id": "user",
        "timestamp": f"{moment:.0f}",
        "signature": SIGNER.sign(text).hex(),
    }
    headers = {f"x-fal-webhook-{key}": value for key, value in said.items()}
    return "fal", Delivery(headers, body), jwks(Ed25519PrivateKey.generate(), SIGNER)


def by_bfl(body: bytes = BODY, moment: float = NOW) -> tuple[str, Delivery, str]:
    digest = hmac.digest(b"secret of the order", body, hashlib.sha256)
    return "bfl", Delivery({"x-bfl-signature": f"sha256={digest.hex()}"}, body), "secret of the order"


Caller = Callable[..., tuple[str, Delivery, str]]
CALLERS: list[Caller] = [by_replicate, by_wavespeed, by_fal, by_bfl]
WITH_TIME: list[Caller] = [by_replicate, by_wavespeed, by_fal]
every = pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: str(caller.__name__))


def test_the_vendors_own_example_of_replicate_is_signed_as_it_says() -> None:
    """From the tests of Replicate's own client; its body names no order."""
    example = stamped(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        b'{"test": 2432232314}',
        1_614_265_330,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
    )

    assert read("replicate", example, SECRET, 1_614_265_330) == Refusal("it names no order")


def test_wavespeeds_signature_is_as_its_documents_describe_it() -> None:
    signature = "v3,bde982b2bb9cf737e9c7425d25b08a9a5bcb7a9e0991dadd8845b80783d36045"

    found = read("wavespeed", stamped(signature, b'{"test":1}'), "whsec_testsecret", NOW)

    assert found == Refusal("it names no order")


@every
def test_a_signed_call_names_its_order(caller: Caller) -> None:
    vendor, delivery, secret = caller()

    assert read(vendor, delivery, secret, NOW) == Called("job-1")


@every
def test_a_changed_body_is_refused(caller: Caller) -> None:
    vendor, delivery, secret = caller()
    forged = Delivery(delivery.headers, BODY.replace(b"job-1", b"job-2"))

    assert read(vendor, forged, secret, NOW) == Refusal("its signature is none of the vendor's")


@every
def test_another_secret_is_refused(caller: Caller) -> None:
    vendor, delivery, _ = caller()
    other = jwks(Ed25519PrivateKey.generate()) if vendor == "fal" else "whsec_" + base64.b64encode(b"other").decode()

    assert read(vendor, delivery, other, NOW) == Refusal("its signature is none of the vendor's")


@pytest.mark.parametrize("caller", WITH_TIME, ids=lambda caller: str(caller.__name__))
@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_call_of_another_time_is_refused(caller: Caller, seconds: int) -> None:
    vendor, delivery, secret = caller()

    answer = read(vendor, delivery, secret, NOW + seconds)

    assert isinstance(answer, Refusal)
    assert "repeated" in answer.reason


@every
@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"{}", b'{"id": 7, "request_id": 7}', b"[" * 100_000])
def test_what_names_no_order_is_refused(caller: Caller, body: bytes) -> None:
    vendor, delivery, secret = caller(body)

    assert isinstance(read(vendor, delivery, secret, NOW), Refusal)


@every
def test_a_call_without_a_signature_is_refused(caller: Caller) -> None:
    vendor, delivery, secret = caller()

    assert isinstance(read(vendor, Delivery({}, delivery.body), secret, NOW), Refusal)


def test_a_vendor_that_never_calls_is_refused() -> None:
    assert read("runway", Delivery({}, BODY), SECRET, NOW) == Refusal("runway does not call")
