"""Vendors' calls: whether one is really the vendor's, and which of its orders it is about. Nothing here believes more than that.

What was made and what it costs is always asked for (`pressroom.buying.inbox`). Contracts, as of 2026-11-29:
replicate.com/docs/topics/webhooks/verify-webhook, wavespeed.ai/docs/docs-api/verifying_webhook,
docs.fal.ai/model-apis/model-endpoints/webhooks, docs.bfl.ai.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

CALLS: Final = "/api/v1/calls"  # where they arrive on our server, as /VENDOR/KEY
WINDOW_SECONDS: Final = 300  # how far a call's own time may be from ours
WHSEC: Final = "whsec_"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived: headers by small name, and the body as it was sent."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Called:
    """The vendor speaks, of the order that it calls so."""

    vendor_job_id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not to be believed, and why."""

    reason: str


def read(vendor: str, delivery: Delivery, secret: str, now: float) -> Called | Refusal:
    """`secret` is what the vendor signs with: Replicate's and WaveSpeed's `whsec_…`, fal's public keys as the text of its JWKS,
    BFL's secret of this one order. `now` is in seconds since 1970.
    """
    if vendor not in READERS:
        return Refusal(f"{vendor} does not call")
    verify, name = READERS[vendor]
    try:
        problem = verify(delivery, secret, now)
        if problem:
            return Refusal(problem)
        said = json.loads(delivery.body)
        found = next((said[key] for key in name if said.get(key)), None)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, binascii.Error) as exc:
        return Refusal(f"it is not understood ({type(exc).__name__})")
    return Called(found) if isinstance(found, str) else Refusal("it names no order")


def _replicate(delivery: Delivery, secret: str, now: float) -> str:
    key = base64.b64decode(secret.removeprefix(WHSEC), validate=True)
    digest = hmac.digest(key, _stamped(delivery), "sha256")
    return _late(delivery.headers["webhook-timestamp"], now) or _unlike(
        f"v1,{base64.b64encode(digest).decode()}", delivery.headers["webhook-signature"].split()
    )


def _wavespeed(delivery: Delivery, secret: str, now: float) -> str:
    """Like Replicate's but for the key, which is not decoded, and the digest, which is hexadecimal."""
    digest = hmac.digest(secret.removeprefix(WHSEC).encode(), _stamped(delivery), "sha256")
    return _late(delivery.headers["webhook-timestamp"], now) or _unlike(
        f"v3,{digest.hex()}", delivery.headers["webhook-signature"].split()
    )


def _bfl(delivery: Delivery, secret: str, now: float) -> str:
    """The body alone is signed: a repeated call looks like the first, and the inbox takes each once."""
    digest = hmac.digest(secret.encode(), delivery.body, "sha256")
    return _unlike(f"sha256={digest.hex()}", [delivery.headers["x-bfl-signature"]])


def _fal(delivery: Delivery, secret: str, now: float) -> str:
    request, user, moment, signature = (
        delivery.headers[f"x-fal-webhook-{name}"] for name in ("request-id", "user-id", "timestamp", "signature")
    )
    signed = "\n".join((request, user, moment, hashlib.sha256(delivery.body).hexdigest())).encode()
    if late := _late(moment, now):
        return late
    keys = [_raw(row["x"]) for row in json.loads(secret)["keys"]]
    return "" if any(_is_signed(key, bytes.fromhex(signature), signed) for key in keys) else _FORGED


# What shows that a call is the vendor's (empty: it is, else why not), and where in its body its order is named.
READERS: Final[Mapping[str, tuple[Callable[[Delivery, str, float], str], tuple[str, ...]]]] = {
    "bfl": (_bfl, ("id", "task_id")),
    "fal": (_fal, ("request_id",)),
    "replicate": (_replicate, ("id",)),
    "wavespeed": (_wavespeed, ("id",)),
}
_FORGED: Final = "its signature is none of the vendor's"


def _stamped(delivery: Delivery) -> bytes:
    head = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}."
    return head.encode() + delivery.body


def _late(moment: str, now: float) -> str:
    seconds = abs(now - float(moment))
    return "" if seconds <= WINDOW_SECONDS else f"it was signed {seconds:.0f} s from now: it may be a repeated one"


def _unlike(right: str, given: list[str]) -> str:
    return "" if any(hmac.compare_digest(right.encode(), each.encode()) for each in given) else _FORGED


def _is_signed(key: bytes, signature: bytes, text: bytes) -> bool:
    # Here, as every command imports the vendors and only a server receives their calls.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _raw(text: Any) -> bytes:
    return base64.urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}")
