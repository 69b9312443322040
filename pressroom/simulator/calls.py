"""Calls of the simulated vendors: when an order has ended, its address is called, signed as the real ones sign."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pressroom.domain.errors import PressroomError
from pressroom.domain.media import mime_of
from pressroom.domain.web_address import PORTS
from pressroom.providers.guard import Guard
from pressroom.providers.post import Poster
from pressroom.providers.webhooks import WHSEC

REPLICATE_SECRET: Final = WHSEC + base64.b64encode(b"replicate rehearses").decode()
WAVESPEED_SECRET: Final = WHSEC + "wavespeed-rehearses"
LATE_SECONDS: Final = 3.0  # after its time, for a call that is late
TRY_AGAIN_SECONDS: Final = (0.5, 2.0, 5.0)  # after a call that nobody took
SEND_SECONDS: Final = 15.0
_LOGGER: Final = logging.getLogger(__name__)

Sign = Callable[[bytes], Mapping[str, str]]  # a body -> the headers that show whose it is


@dataclass(frozen=True, slots=True)
class Call:
    """What is said to whom, and how it is signed; `body` is made when the order has ended."""

    url: str
    body: Callable[[], Any]
    sign: Sign


@dataclass
class Calls:
    """All calls that are to be made, and how often each address was called: (url, status) in their order."""

    clock: Callable[[], float] = time.time
    fal_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    made: list[tuple[str, int]] = field(default_factory=list)
    _timers: list[threading.Timer] = field(default_factory=list)
    _stopped: bool = False

    def expect(self, call: Call, seconds: float, fault: str = "") -> None:
        """Call in so many seconds."""
        if fault == "call_lost":
            return
        if fault == "call_forged":
            call = Call(call.url, call.body, lambda body: call.sign(body + b" "))
        self._later(call, seconds + (LATE_SECONDS if fault == "call_late" else 0), TRY_AGAIN_SECONDS)
        if fault == "call_twice":
            self._later(call, seconds, TRY_AGAIN_SECONDS)

    def stop(self) -> None:
        self._stopped = True
        for timer in self._timers:
            timer.cancel()

    def jwks(self) -> dict[str, Any]:
        """The public key of fal's calls."""
        raw = self.fal_key.public_key().public_bytes_raw()
        key = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "rehearsal", "x": key}]}

    def as_fal(self, request_id: str) -> Sign:
        def sign(body: bytes) -> dict[str, str]:
            said = {"request-id": request_id, "user-id": "rehearsal", "timestamp": f"{self.clock():.0f}"}
            text = "\n".join((*said.values(), sha256(body).hexdigest())).encode()
            said["signature"] = self.fal_key.sign(text).hex()
            return {f"X-Fal-Webhook-{name.title()}": value for name, value in said.items()}

        return sign

    def as_replicate(self, name: str) -> Sign:
        key = base64.b64decode(REPLICATE_SECRET.removeprefix(WHSEC))
        return self._stamped(name, lambda text: f"v1,{base64.b64encode(hmac.digest(key, text, 'sha256')).decode()}")

    def as_wavespeed(self, name: str) -> Sign:
        key = WAVESPEED_SECRET.removeprefix(WHSEC).encode()
        return self._stamped(name, lambda text: f"v3,{hmac.digest(key, text, 'sha256').hex()}")

    def as_bfl(self, secret: str) -> Sign:
        return lambda body: {"X-BFL-Signature": f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"}

    def _stamped(self, name: str, signature: Callable[[bytes], str]) -> Sign:
        def sign(body: bytes) -> dict[str, str]:
            head = {"webhook-id": f"msg_{name}", "webhook-timestamp": f"{self.clock():.0f}"}
            text = ".".join(head.values()).encode() + b"." + body
            return {**head, "webhook-signature": signature(text)}

        return sign

    def _later(self, call: Call, seconds: float, left: tuple[float, ...]) -> None:
        if self._stopped:
            return
        timer = threading.Timer(seconds, self._make, (call, left))
        timer.daemon = True
        self._timers = [each for each in self._timers if each.is_alive()] + [timer]
        timer.start()

    def _make(self, call: Call, left: tuple[float, ...]) -> None:
        body = json.dumps(call.body()).encode()
        headers = {"Content-Type": mime_of("json"), **call.sign(body)}
        try:
            status = _poster(call.url).post(call.url, headers, body).status
        except PressroomError as exc:
            _LOGGER.info("nobody takes the call: %s", exc)
            status = 0
        self.made.append((call.url, status))
        if not 200 <= status < 300 and left:
            self._later(call, left[0], left[1:])


def _poster(url: str) -> Poster:
    """The one who rehearses has named this address, wherever it is: on this machine as a rule."""
    parts = urlsplit(url)
    return Poster(
        seconds=SEND_SECONDS, guard=Guard(frozenset({f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"}))
    )
