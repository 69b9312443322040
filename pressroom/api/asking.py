"""Who asks: the principal of a token, and whether it may what a route does, as often as it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from pressroom.api.backend import backend_of
from pressroom.api.rates import Rate, count_request, count_unknown
from pressroom.domain.errors import NotAuthenticated
from pressroom.domain.identity import Principal, Scope
from pressroom.services.tokens import authenticate

_BEARER: Final = HTTPBearer(
    auto_error=False, scheme_name="token", description="An API token, made with `pressroom tokens create`."
)


def principal_of(request: Request) -> Principal:
    """Who asks; looked up once for a request. Raises NotAuthenticated without a good token."""
    found: Principal | None = getattr(request.state, "principal", None)
    if found is None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise NotAuthenticated("this needs a token", hint="send it as `Authorization: Bearer prt_...`")
        backend = backend_of(request)
        found = authenticate(backend.context, secret.strip(), backend.context.now())
        request.state.principal = found
    return found


def _asking(rate: Rate) -> Callable[..., Principal]:
    """Who asks for a route that does this, within the limits."""

    def asking(
        needed: SecurityScopes,
        request: Request,
        described: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    ) -> Principal:
        """Raises Refused where the scopes of whoever asks are too small, and for too many requests."""
        try:
            principal = principal_of(request)
        except NotAuthenticated:
            count_unknown(request)
            raise
        for scope in needed.scopes:
            principal.require(Scope(scope))
        count_request(request, principal, rate)
        return principal

    return asking


_reading, _writing, _spending = map(_asking, Rate)
AssetsReader = Annotated[Principal, Security(_reading, scopes=[Scope.ASSETS_READ])]
# Says something of an asset and changes none: what a person thinks of it, that it was used.
AssetsMarker = Annotated[Principal, Security(_writing, scopes=[Scope.ASSETS_READ])]
AssetsWriter = Annotated[Principal, Security(_writing, scopes=[Scope.ASSETS_WRITE])]
RunsReader = Annotated[Principal, Security(_reading, scopes=[Scope.RUNS_READ])]
RunsWriter = Annotated[Principal, Security(_writing, scopes=[Scope.RUNS_WRITE])]
Spender = Annotated[Principal, Security(_spending, scopes=[Scope.RUNS_WRITE])]
CreditsReader = Annotated[Principal, Security(_reading, scopes=[Scope.CREDITS_READ])]
Agent = Annotated[Principal, Security(_reading, scopes=[Scope.AGENT])]
Admin = Annotated[Principal, Security(_writing, scopes=[Scope.ADMIN])]
