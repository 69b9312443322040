"""Who asks: the principal of a token, and whether it may what a route does."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from pressroom.api.backend import BackendOf
from pressroom.domain.errors import NotAuthenticated
from pressroom.domain.identity import Principal, Scope
from pressroom.services.tokens import authenticate

_BEARER: Final = HTTPBearer(
    auto_error=False, scheme_name="token", description="An API token, made with `pressroom tokens create`."
)


def _asking(
    needed: SecurityScopes,
    backend: BackendOf,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
) -> Principal:
    """Raises NotAuthenticated without a good token, Refused where its scopes are too small."""
    if given is None:
        raise NotAuthenticated("this needs a token", hint="send it as `Authorization: Bearer prt_...`")
    principal = authenticate(backend.context, given.credentials, backend.context.now())
    for scope in needed.scopes:
        principal.require(Scope(scope))
    return principal


AssetsReader = Annotated[Principal, Security(_asking, scopes=[Scope.ASSETS_READ])]
AssetsWriter = Annotated[Principal, Security(_asking, scopes=[Scope.ASSETS_WRITE])]
RunsReader = Annotated[Principal, Security(_asking, scopes=[Scope.RUNS_READ])]
RunsWriter = Annotated[Principal, Security(_asking, scopes=[Scope.RUNS_WRITE])]
CreditsReader = Annotated[Principal, Security(_asking, scopes=[Scope.CREDITS_READ])]
Agent = Annotated[Principal, Security(_asking, scopes=[Scope.AGENT])]
Admin = Annotated[Principal, Security(_asking, scopes=[Scope.ADMIN])]
