"""Taking up an invitation by its link: a name and a password for who has none, one button for who signs in already."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import BackendOf, backend_of
from pressroom.api.problems import status_of
from pressroom.domain.errors import Invalid, NotFound, PressroomError
from pressroom.services.invitations import Invitation, accept_invitation, show_invitation
from pressroom.web.rendering import guest_page, see
from pressroom.web.visitor import Form

router = APIRouter()


@router.get("/invitations/{secret}")
def invitation_page(request: Request, backend: BackendOf, secret: str) -> Response:
    return _shown(request, show_invitation(backend.context, secret))


@router.post("/invitations/{secret}")
def accept(request: Request, backend: BackendOf, form: Form, secret: str) -> Response:
    found = show_invitation(backend.context, secret)
    name, password, again = (str(form.get(field, "")) for field in ("name", "password", "again"))
    try:
        if password != again:
            raise Invalid("the two passwords are not the same", hint="write the same twice")
        accept_invitation(backend.context, secret, name=name, password=password)
    except NotFound:
        raise
    except PressroomError as exc:
        return _shown(request, found, exc, name)
    return see("/login", "accepted", next="/library/shared", email=found.email)


def _shown(request: Request, found: Invitation, problem: PressroomError | None = None, name: str = "") -> Response:
    values: dict[str, Any] = {
        "found": found,
        "problem": problem,
        "name": name,
        "provider": backend_of(request).identities,
    }
    answer = guest_page(request, found.account, "invitation.html.j2", status=status_of(problem), **values)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
