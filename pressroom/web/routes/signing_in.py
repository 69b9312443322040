"""Signing in and out, and setting a password by a link."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf, backend_of
from pressroom.api.problems import headers_of, status_of
from pressroom.domain.errors import Invalid, PressroomError
from pressroom.people.members import MAX_EMAIL_LENGTH
from pressroom.services import sign_in
from pressroom.services.oidc_sign_in import way_out_of
from pressroom.web.failures import own_path
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Anyone, Form, cookie_of, drop_cookie, forget_provider, provider_token, set_cookie

router = APIRouter()


@router.get("/login")
def login_page(request: Request) -> Response:
    asked = request.query_params
    return login_form(request, own_path(asked.get("next", "")), asked.get("email", "")[:MAX_EMAIL_LENGTH])


@router.post("/login")
def login(request: Request, backend: BackendOf, form: Form) -> Response:
    email, password, target = (str(form.get(name, "")) for name in ("email", "password", "next"))
    network = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    try:
        found = sign_in.sign_in(backend.context, email, password, network=network, user_agent=agent)
    except PressroomError as exc:
        return login_form(request, own_path(target), email, exc)
    answer = see(own_path(target))
    set_cookie(request, answer, found.secret)
    return answer


@router.post("/logout")
def logout(request: Request, backend: BackendOf, visitor: Anyone) -> Response:
    sign_in.sign_out(backend.context, cookie_of(request))
    return _gone(request, backend)


@router.post("/logout/everywhere")
def logout_everywhere(request: Request, backend: BackendOf, visitor: Anyone) -> Response:
    sign_in.sign_out_everywhere(visitor.principal, backend.context)
    return _gone(request, backend)


@router.get("/password/{secret}")
def password_page(request: Request, backend: BackendOf, secret: str) -> Response:
    return page(request, None, "password.html.j2", email=sign_in.owner_of_link(backend.context, secret), problem=None)


@router.post("/password/{secret}")
def set_password(request: Request, backend: BackendOf, form: Form, secret: str) -> Response:
    email = sign_in.owner_of_link(backend.context, secret)
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    try:
        if password != again:
            raise Invalid("the two passwords are not the same", hint="write the same twice")
        sign_in.use_link(backend.context, secret, password)
    except PressroomError as exc:
        return page(request, None, "password.html.j2", status=status_of(exc), email=email, problem=exc)
    return see("/login", "password")


def login_form(request: Request, target: str, email: str = "", problem: PressroomError | None = None) -> Response:
    status = HTTPStatus.OK if problem is None else status_of(problem)
    values = {"target": target, "email": email, "problem": problem, "provider": backend_of(request).identities}
    answer = page(request, None, "login.html.j2", status=status, **values)
    if problem is not None and "retry_after" in problem.fields:
        answer.headers.update(headers_of(problem))
    return answer


def home_address(request: Request) -> str:
    """Ours, as browsers and identity providers know it."""
    return backend_of(request).context.settings.public_url or str(request.base_url).rstrip("/")


def _gone(request: Request, backend: Backend) -> Response:
    """Who came by the identity provider is told how to leave there too: no form of ours leads to another site, a page does."""
    token, provider = provider_token(request), backend.identities
    if token is None or provider is None:
        answer = see("/login", "signed_out")
    else:
        way_out = way_out_of(backend.context, provider, token, f"{home_address(request)}/login")
        answer = page(request, None, "signed_out.html.j2", name=provider.name, way_out=way_out)
    drop_cookie(request, answer)
    forget_provider(request, answer)
    return answer
