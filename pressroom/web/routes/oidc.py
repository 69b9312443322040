"""Signing in by the identity provider of the settings: there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.domain.errors import NotFound, PressroomError
from pressroom.oidc.attempt import LASTS_SECONDS, Attempt
from pressroom.services.oidc_sign_in import Return, address_of, sign_in_by
from pressroom.web.failures import own_path
from pressroom.web.rendering import see
from pressroom.web.routes.signing_in import home_address, login_form
from pressroom.web.visitor import cookie_name, remember_provider, set_cookie

if TYPE_CHECKING:
    from pressroom.oidc.provider import IdentityProvider

router = APIRouter()
_BACK: Final = "/login/oidc/back"
_COOKIE: Final = "pressroom-attempt"


# A link, not a form: browsers let no form of ours lead to another site.
@router.get("/login/oidc")
def go(request: Request, backend: BackendOf) -> Response:
    """To the provider; the cookie of the attempt outlasts the way there and back, and is sent by its return alone."""
    attempt = Attempt.begin(own_path(request.query_params.get("next", "")))
    try:
        address = address_of(backend.context, _provider(backend), attempt, _back(request, backend))
    except NotFound:
        raise
    except PressroomError as exc:
        return login_form(request, attempt.target, problem=exc)
    answer = RedirectResponse(address, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(
        cookie_name(request, _COOKIE),
        attempt.as_cookie(),
        LASTS_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(_BACK)
def back(request: Request, backend: BackendOf) -> Response:
    attempt = Attempt.of_cookie(request.cookies.get(cookie_name(request, _COOKIE), ""))
    target = own_path(attempt.target if attempt else "")
    returned, agent = Return.of(request.query_params), request.headers.get("user-agent", "")
    answer: Response
    try:
        found = sign_in_by(
            backend.context, _provider(backend), attempt, returned, _back(request, backend), user_agent=agent
        )
    except NotFound:
        raise
    except PressroomError as exc:
        answer = login_form(request, target, problem=exc)
    else:
        answer = see(target)
        set_cookie(request, answer, found.secret)
        remember_provider(request, answer, found.token)
    answer.delete_cookie(cookie_name(request, _COOKIE), path="/", secure=request.url.scheme == "https", httponly=True)
    return answer


def _provider(backend: Backend) -> IdentityProvider:
    if backend.identities is None:
        raise NotFound("people sign in with passwords here", hint="/login")
    return backend.identities


def _back(request: Request, backend: Backend) -> str:
    """The address of ours that the provider knows."""
    return home_address(request) + _BACK
