"""Webhooks: addresses that are told what happens, and what they were told."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import PressroomError
from pressroom.domain.states import DeliveryState
from pressroom.services import webhooks
from pressroom.services.accounts import open_account
from pressroom.services.webhooks import Change, NewSecret
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Admin, AdminReader, Form, Visitor
from pressroom.webhooks.deliveries import Delivery
from pressroom.webhooks.kinds import EVERYTHING, GROUPS, TYPES

router = APIRouter()
HERE: Final = "/webhooks"
_SHOWN: Final = 50  # deliveries
# Groups, then what is in none of them: what people choose from. Single events are for programs.
_CHOICES: Final = (*GROUPS, *(name for name in TYPES if name.partition(".")[0] in ("approval", "credits")))


@router.get(HERE)
def webhooks_page(request: Request, backend: BackendOf, visitor: AdminReader, state: str = "") -> Response:
    return _shown(request, backend, visitor, state=state)


@router.post(HERE)
def create(request: Request, backend: BackendOf, visitor: Admin, form: Form) -> Response:
    url, events = str(form.get("url", "")).strip(), [str(event) for event in form.getlist("event")]
    try:
        made = webhooks.create_webhook(visitor.principal, backend.context, url, events)
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc, url=url)
    return _shown(request, backend, visitor, made=made)


@router.post(f"{HERE}/secret")
def own_secret(request: Request, backend: BackendOf, visitor: Admin) -> Response:
    return _shown(request, backend, visitor, made=webhooks.rotate_secret(visitor.principal, backend.context))


@router.post(f"{HERE}/deliveries/{{name}}/redeliver")
def redeliver(request: Request, backend: BackendOf, visitor: Admin, name: str) -> Response:
    try:
        webhooks.redeliver(visitor.principal, backend.context, name)
    except PressroomError as exc:
        return _shown(request, backend, visitor, problem=exc)
    return see(HERE, "in_line")


@router.post(f"{HERE}/{{name}}/rotate")
def rotate(request: Request, backend: BackendOf, visitor: Admin, name: str) -> Response:
    return _shown(request, backend, visitor, made=webhooks.rotate_secret(visitor.principal, backend.context, name))


@router.post(f"{HERE}/{{name}}/ping")
def ping(request: Request, backend: BackendOf, visitor: Admin, name: str) -> Response:
    return _shown(request, backend, visitor, pinged=webhooks.ping_webhook(visitor.principal, backend.context, name))


@router.post(f"{HERE}/{{name}}/state")
def change(backend: BackendOf, visitor: Admin, name: str, form: Form) -> Response:
    disabled = form.get("state") == "disabled"
    webhooks.change_webhook(visitor.principal, backend.context, name, Change(disabled=disabled))
    return see(HERE, "saved")


@router.post(f"{HERE}/{{name}}/delete")
def delete(backend: BackendOf, visitor: Admin, name: str) -> Response:
    webhooks.delete_webhook(visitor.principal, backend.context, name)
    return see(HERE, "deleted")


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    *,
    problem: PressroomError | None = None,
    made: NewSecret | None = None,
    pinged: Delivery | None = None,
    state: str = "",
    url: str = "",
) -> Response:
    open_account(visitor.principal, backend.context)
    told = webhooks.list_deliveries(visitor.principal, backend.context, state=state, limit=_SHOWN)
    values = {"problem": problem, "made": made, "pinged": pinged, "state": state, "url": url}
    return page(
        request,
        visitor,
        "webhooks.html.j2",
        status=status_of(problem),
        endpoints=webhooks.list_webhooks(visitor.principal, backend.context),
        told=told,
        states=tuple(DeliveryState),
        choices=_CHOICES,
        everything=EVERYTHING,
        **values,
    )
