"""An identity provider: found by its discovery document, asked for a code, and believed only what it has signed.

Imported only where a provider is configured: `pip install 'pressroom[oidc]'`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import DEFAULT_HEADERS
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.media import mime_of
from pressroom.oidc.attempt import Attempt
from pressroom.providers.http.messages import Request, Response

SCOPES: Final = "openid email profile"
LEEWAY_SECONDS: Final = 60  # by which clocks may differ
KNOWN_FOR: Final = timedelta(hours=1)  # what the provider says of itself
ANSWER_SECONDS: Final = 10.0
# What a public key checks. None, and keys that both sides know, are no signature of the provider's.
_SIGNED: Final = frozenset(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {"EdDSA"}

Send = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider has seen. `verified` says that it knows the address to be the person's; `token` is what it signed."""

    email: str
    name: str
    verified: bool
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to the provider; without a secret we are a public client, and prove ourselves by PKCE alone."""

    id: str
    secret: str = ""


class IdentityProvider:
    """One provider, by the address that it signs as. Safe to share between threads; `send` asks over HTTP, guarded."""

    def __init__(self, issuer: str, name: str, client: Client, send: Send) -> None:
        self.issuer, self.name = issuer, name
        self._client = client
        self._send = send
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at: datetime | None = None

    def address(self, attempt: Attempt, back: str, now: datetime) -> str:
        """Where the browser goes to sign in; it comes `back` to an address of ours. Raises Retryable and Permanent."""
        found: str = prepare_grant_uri(
            self._known(now)["authorization_endpoint"],
            self._client.id,
            "code",
            redirect_uri=back,
            scope=SCOPES,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return found

    def identity(self, attempt: Attempt, code: str, back: str, now: datetime) -> Identity:
        """Whom the code stands for. Raises Permanent for what cannot be trusted, Retryable where nobody answers."""
        told = self._tokens(attempt, code, back, now)
        access, token = (str(told.get(name, "")) for name in ("access_token", "id_token"))
        claims = self._checked(token, access, attempt.nonce, now)
        if "email" not in claims and access:
            claims = {**claims, **self._user_info(access, str(claims["sub"]), now)}
        email, name = claims.get("email"), claims.get("name")
        verified = claims.get("email_verified") in (True, "true")  # some write it as a text
        return Identity(email if isinstance(email, str) else "", name if isinstance(name, str) else "", verified, token)

    def way_out(self, token: str, back: str, now: datetime) -> str:
        """Where the browser goes to sign out there as well, and comes `back` from; empty where the provider has no such place.

        `token` is the ID token of the session, or empty: then the provider asks. Raises Retryable and Permanent.
        """
        endpoint = str(self._known(now).get("end_session_endpoint") or "")
        if not endpoint.startswith(("https://", "http://")):
            return ""
        hint = [("id_token_hint", token)] if token else []
        told = [*hint, ("client_id", self._client.id), ("post_logout_redirect_uri", back)]
        found: str = add_params_to_uri(endpoint, told)
        return found

    def _tokens(self, attempt: Attempt, code: str, back: str, now: datetime) -> Mapping[str, Any]:
        metadata = self._known(now)
        offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        auth = ClientAuth(self._client.id, self._client.secret, method if self._client.secret else "none")
        body = prepare_token_request("authorization_code", redirect_uri=back, code=code, code_verifier=attempt.verifier)
        address, headers, body = auth.prepare("POST", metadata["token_endpoint"], {**DEFAULT_HEADERS}, body)
        answer = self._send(Request("POST", address, headers=headers, content=body.encode(), seconds=ANSWER_SECONDS))
        told = answer.json_or_none()
        if not answer.is_success or not isinstance(told, dict):
            said = told.get("error") if isinstance(told, dict) else None
            raise self._untrusted(f"its answer to the code is {answer.status} ({str(said or 'no reason')[:80]})")
        return told

    def _checked(self, token: str, access: str, nonce: str, now: datetime) -> dict[str, Any]:
        """The claims of an ID token that this provider signed for us, for this attempt, and that still holds."""
        offered = self._known(now).get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=sorted(_SIGNED.intersection(offered)), strict_check_header=False)
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client.id},
        }
        params = {"nonce": nonce, "client_id": self._client.id, "access_token": access}
        try:
            try:
                read = jwt.decode(token, self._key_set(now), registry=registry)
            except InvalidKeyIdError:  # it has changed its keys
                read = jwt.decode(token, self._key_set(now, anew=True), registry=registry)
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            raise self._untrusted(f"its ID token is not good: {str(exc)[:120] or type(exc).__name__}") from exc
        return dict(claims)

    def _user_info(self, access: str, subject: str, now: datetime) -> Mapping[str, Any]:
        """What the ID token leaves out, of the same person."""
        address = self._known(now).get("userinfo_endpoint")
        if not address:
            return {}
        found = self._read(str(address), {"Authorization": f"Bearer {access}"})
        if found.get("sub") != subject:
            raise self._untrusted("it tells of somebody else than the ID token")
        return {name: found[name] for name in ("email", "email_verified", "name") if name in found}

    def _known(self, now: datetime) -> Mapping[str, Any]:
        """Its discovery document, read anew after an hour."""
        with self._lock:
            if self._read_at is None or now - self._read_at >= KNOWN_FOR:
                found = OpenIDProviderMetadata(self._read(get_well_known_url(self.issuer, external=True)))
                if found.get("issuer") != self.issuer:
                    raise self._untrusted(f"it calls itself {str(found.get('issuer'))[:120]!r}, not {self.issuer!r}")
                missing = [
                    name for name in ("authorization_endpoint", "token_endpoint", "jwks_uri") if not found.get(name)
                ]
                if missing:
                    raise self._untrusted(f"its discovery document has no {missing[0]}")
                self._metadata, self._keys, self._read_at = found, None, now
            return self._metadata

    def _key_set(self, now: datetime, *, anew: bool = False) -> KeySet:
        address = str(self._known(now)["jwks_uri"])
        with self._lock:
            if self._keys is None or anew:
                self._keys = KeySet.import_key_set(self._read(address))  # type: ignore[arg-type]
            return self._keys

    def _read(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        asked = {"Accept": mime_of("json"), **(headers or {})}
        answer = self._send(Request("GET", address, headers=asked, seconds=ANSWER_SECONDS))
        if not answer.is_success:
            raise Retryable(f"{self.name} answers with {answer.status}", hint="try again later")
        found = answer.json()
        if not isinstance(found, dict):
            raise self._untrusted("its answer is no JSON object")
        return found

    def _untrusted(self, why: str) -> Permanent:
        return Permanent(f"what {self.name} says cannot be trusted: {why}", hint="tell whoever runs this installation")
