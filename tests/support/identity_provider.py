"""An OpenID provider on the loopback: discovery, code flow with PKCE, real keys; who signs in is what a test says."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.support.api_server import ApiServer, answered, api_server

CLIENT, SECRET = "pressroom", "our secret there"


@cache
def key(name: str) -> RSAKey:
    """Made once for all tests: it takes a while."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class Provider:
    """`claims` go over those of a faithful ID token, None takes one out; `alg`, `signed_by` and `publishes` are its keys."""

    server: ApiServer
    back: str
    secret: str = SECRET
    claims: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    alg: str = "RS256"
    signed_by: Any = None
    publishes: list[Any] = field(default_factory=lambda: [key("one")])
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://{self.server.authority}/realm"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        self.asked.append(parts.path)
        body = self.server.asked[-1][3].decode()
        asked = {name: values[0] for name, values in parse_qs(parts.query or body).items()}
        what = getattr(self, f"_{parts.path.rpartition('/')[2].replace('-', '_')}", None)
        if what is None:
            answered(b"", 404)(request)
            return
        what(request, asked)

    def _openid_configuration(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        found = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()}
        algorithms = ["RS256", "ES256", "HS256", "none"]
        found |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        _json(request, {**found, "id_token_signing_alg_values_supported": algorithms, **self.metadata})

    def _jwks(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        _json(request, KeySet(self.publishes).as_dict(private=False))

    def _authorize(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        """Whoever comes has signed in and agreed."""
        faithful = (
            asked["client_id"] == CLIENT
            and asked["redirect_uri"] == self.back
            and asked["response_type"] == "code"
            and asked["code_challenge_method"] == "S256"
            and "openid" in asked["scope"].split()
        )
        if not faithful:
            answered(b"", 400)(request)
            return
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        answered(b"", 302, Location=f"{self.back}?{query}")(request)

    def _token(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        begun = self.codes.pop(asked["code"], None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        if self.secret and request.headers.get("Authorization") != basic:
            _json(request, {"error": "invalid_client"}, 401)
        elif begun is None or challenge != begun["code_challenge"] or asked["redirect_uri"] != self.back:
            _json(request, {"error": "invalid_grant"}, 400)
        else:
            access = secrets.token_urlsafe(8)
            _json(request, {"access_token": access, "token_type": "Bearer", "id_token": self.id_token(begun, access)})

    def _userinfo(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        _json(request, self.user_info or {})

    def id_token(self, begun: dict[str, str], access: str) -> str:
        now = int(time.time())
        half = base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).rstrip(b"=").decode()
        claims: dict[str, Any] = {"iss": self.issuer, "sub": "u-1", "aud": CLIENT, "nonce": begun["nonce"]}
        claims |= {"iat": now, "exp": now + 300, "at_hash": half}
        claims |= {"email": "ann@acme.example", "email_verified": True, "name": "Ann"}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        signer = self.signed_by or self.publishes[0]
        header = {"alg": self.alg, **({"kid": signer.kid} if signer.kid else {})}
        if self.alg == "none":
            return ".".join((_part(header), _part(claims), ""))
        return jwt.encode(header, claims, signer, registry=JWSRegistry(algorithms=[self.alg]))


def shared_key(secret: str) -> OctKey:
    """What a forger has who signs with the client's secret, or with the public key as one."""
    return OctKey.import_key(secret)


def curve_key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name})


@contextmanager
def identity_provider(back: str) -> Iterator[Provider]:
    """Until the context ends; `back` is the one address that it sends people back to."""
    with api_server(answered(b"", 404)) as server:
        found = Provider(server, back)
        server.answer = found.answer
        yield found


def _json(request: BaseHTTPRequestHandler, value: Any, status: int = 200) -> None:
    answered(json.dumps(value).encode(), status, Content_Type="application/json")(request)


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
