"""Who looks at a page: the session of a cookie, or, before anybody has a password, whoever is at this machine."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import SecurityScopes
from starlette.datastructures import FormData
from starlette.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.rates import Page, count_visit
from pressroom.domain.errors import Invalid, NotAuthenticated, Refused, refusal
from pressroom.domain.identity import Principal, Scope
from pressroom.people.sessions import LASTS
from pressroom.reporting.format import bytes_text
from pressroom.services.sign_in import needs_sign_in, principal_of
from pressroom.web.cross_site import FIELD, HEADER, SAFE, comes_from_us, form_token, is_form_token

_COOKIE: Final = "pressroom"
_SECURE: Final = "__Host-"  # browsers take names that begin so from this host by https alone
_PROVIDER: Final = "pressroom-provider"
_WAY_OUT: Final = "/logout"  # the one address that the cookie of the provider is sent to
_MAX_TOKEN: Final = 3_800  # browsers take cookies of 4096 bytes, with their names
_UNKEPT: Final = "-"
MOST_BYTES: Final = 64_000_000  # of a form with its files
_FILES: Final = re.compile(r"\.(webp|css)$|/file(/|$)")
_OF_PROXIES: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_AT_THIS_MACHINE: Final = secrets.token_urlsafe(32)  # stands for the session that nobody needs here


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `secret` is that of the session and never shown; `signed_in` is False for who is at this machine."""

    principal: Principal
    secret: str
    signed_in: bool

    @property
    def form_token(self) -> str:
        return form_token(self.secret)

    def may(self, scope: str) -> bool:
        return scope in self.principal.scopes

    def __repr__(self) -> str:
        return f"Visitor({self.principal.user})"  # a secret is in no log


def set_cookie(request: Request, response: Response, secret: str) -> None:
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True)


def remember_provider(request: Request, response: Response, token: str) -> None:
    """Keep the ID token of a session that began at the identity provider, for the way out alone; not one that is too long."""
    kept = token if len(token) <= _MAX_TOKEN else _UNKEPT
    secure = request.url.scheme == "https"
    age = int(LASTS.total_seconds())
    response.set_cookie(_PROVIDER, kept, age, path=_WAY_OUT, secure=secure, httponly=True, samesite="strict")


def provider_token(request: Request) -> str | None:
    """The ID token of the session, empty for one that was not kept; None where the session did not begin at a provider."""
    kept = request.cookies.get(_PROVIDER)
    return "" if kept == _UNKEPT else kept


def forget_provider(request: Request, response: Response) -> None:
    secure = request.url.scheme == "https"
    response.delete_cookie(_PROVIDER, path=_WAY_OUT, secure=secure, httponly=True, samesite="strict")


def cookie_of(request: Request) -> str:
    return request.cookies.get(cookie_name(request), "")


def cookie_name(request: Request, name: str = _COOKIE) -> str:
    """What the cookie is called where the request came from."""
    return f"{_SECURE}{name}" if request.url.scheme == "https" else name


def session_of(request: Request, backend: Backend) -> Visitor | None:
    """Who has signed in with this browser, looked up once for a request; None for everybody else."""
    if not hasattr(request.state, "session"):
        secret = cookie_of(request)
        principal = principal_of(backend.context, secret) if secret else None
        request.state.session = None if principal is None else Visitor(principal, secret, signed_in=True)
    found: Visitor | None = request.state.session
    return found


def count_visitor(request: Request, backend: BackendOf) -> None:
    """Raises Refused (`rate`) for who has asked too often."""
    found = session_of(request, backend)
    count_visit(
        request, found.principal.user if found else "", Page.FILE if _FILES.search(request.url.path) else Page.PAGE
    )


def visitor_of(request: Request, backend: Backend) -> Visitor:
    """Raises NotAuthenticated for who has to sign in."""
    found = session_of(request, backend)
    if found is not None:
        return found
    if needs_sign_in(backend.context):
        raise NotAuthenticated("this page is for people who have signed in", hint="sign in")
    if not (request.app.state.trusts_this_machine and _at_this_machine(request)):
        hint = "make yourself one where Pressroom runs: pressroom users add EMAIL, pressroom users password EMAIL"
        raise NotAuthenticated("nobody has a password here yet", hint=hint)
    return Visitor(Principal(backend.context.settings.account), _AT_THIS_MACHINE, signed_in=False)


def _at_this_machine(request: Request) -> bool:
    """By the address that asks and the name that was asked for: names of others may point here, and proxies stand here."""
    if any(request.headers.get(name) for name in _OF_PROXIES):
        return False
    return _is_loopback(request.client.host if request.client else "") and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _looking(needed: SecurityScopes, request: Request, backend: BackendOf) -> Visitor:
    """Raises NotAuthenticated, and Refused where the role may not."""
    visitor = visitor_of(request, backend)
    for scope in needed.scopes:
        visitor.principal.require(Scope(scope))
    return visitor


async def submitted_form(request: Request) -> FormData:
    """The fields of a form of ours. Raises Refused for one that another site has sent, Invalid for one that is too large."""
    if not comes_from_us(request):
        raise _not_ours("this did not come from a page of Pressroom")
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isdecimal() or int(length) > MOST_BYTES:
        message = f"what was sent is larger than {bytes_text(MOST_BYTES)}"
        raise Invalid(message, hint="add large files one by one, or with `pressroom assets add`")
    form = await request.form()
    if any("\0" in (value if isinstance(value, str) else value.filename or "") for _, value in form.multi_items()):
        raise Invalid("a field holds the character NUL", hint="write it anew")
    return form


def _writing(needed: SecurityScopes, request: Request, backend: BackendOf, form: Form) -> Visitor:
    visitor = _looking(needed, request, backend)
    given = form.get(FIELD) or request.headers.get(HEADER) or ""
    if request.method not in SAFE and not is_form_token(visitor.secret, str(given)):
        raise _not_ours("this form is of another session")
    return visitor


def _not_ours(text: str) -> Refused:
    return refusal("form", text, "load the page again")


def _by(asks: Callable[..., Visitor], *scopes: Scope) -> object:
    return Security(asks, scopes=list(scopes))


Form = Annotated[FormData, Depends(submitted_form)]
Anybody = Annotated[Visitor, _by(_looking)]
AssetsReader = Annotated[Visitor, _by(_looking, Scope.ASSETS_READ)]
RunsReader = Annotated[Visitor, _by(_looking, Scope.RUNS_READ)]
CreditsReader = Annotated[Visitor, _by(_looking, Scope.CREDITS_READ)]
AdminReader = Annotated[Visitor, _by(_looking, Scope.ADMIN)]
Anyone = Annotated[Visitor, _by(_writing)]
AssetsWriter = Annotated[Visitor, _by(_writing, Scope.ASSETS_WRITE)]
AssetsMarker = Annotated[Visitor, _by(_writing, Scope.ASSETS_READ)]  # opinions are no changes: the services say what is
RunsWriter = Annotated[Visitor, _by(_writing, Scope.RUNS_WRITE)]
Admin = Annotated[Visitor, _by(_writing, Scope.ADMIN)]
