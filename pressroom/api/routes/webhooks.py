"""Outgoing webhooks of the account: endpoints, their secrets, and what they were told."""

from __future__ import annotations

from operator import attrgetter, methodcaller
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import Admin
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page, page_of
from pressroom.api.once import SecretOnceRoute, effect_name, secret_seed
from pressroom.api.problems import documented
from pressroom.domain.asked import Asked
from pressroom.services import webhooks
from pressroom.services.webhooks import Change, NewSecret

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=SecretOnceRoute)
MOST_PATTERNS: Final = 100
Address = Annotated[str, Field(min_length=1, max_length=2_000, description="An https address.")]
Patterns = Annotated[
    list[str], Field(min_length=1, max_length=MOST_PATTERNS, description="Such as run.completed, asset.*, or *.")
]


class WantedWebhook(Asked):
    """Where to tell what."""

    model_config = ConfigDict(extra="forbid")

    url: Address
    events: Patterns = Field(default_factory=lambda: ["*"], validate_default=True)


class ChangedWebhook(Asked):
    """What is to be another; null leaves it."""

    model_config = ConfigDict(extra="forbid")

    url: Address | None = None
    events: Patterns | None = None
    disabled: bool | None = None


class Rotation(Asked):
    """The secret before signs beside the new one for 24 hours, unless it is to end at once."""

    model_config = ConfigDict(extra="forbid")

    at_once: bool = False


@router.get("", response_model=PageOf[models.Webhook])
def listed(principal: Admin, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """The account's webhooks, the newest first."""
    found = webhooks.list_webhooks(principal, backend.context)
    return page_of(found, limit, cursor, attrgetter("id"), methodcaller("as_dict"))


@router.post("", status_code=201, response_model=models.WebhookSecret)
def create(wanted: WantedWebhook, principal: Admin, backend: BackendOf, called: Request) -> Any:
    """A new one, told of what happens from now on; its secret is in this answer and nowhere else."""
    made = webhooks.create_webhook(
        principal, backend.context, wanted.url, wanted.events, name=effect_name(called), seed=secret_seed(called)
    )
    return _secret(made)


@router.post("/secret", status_code=201, response_model=models.WebhookSecret)
def own_secret(rotation: Rotation, principal: Admin, backend: BackendOf, called: Request) -> Any:
    """A new secret of the account itself, which signs what goes to the `webhook` of single generations."""
    made = webhooks.rotate_secret(principal, backend.context, at_once=rotation.at_once, seed=secret_seed(called))
    return _secret(made)


@router.get("/deliveries", response_model=PageOf[models.WebhookDelivery], responses=documented(404))
def deliveries(
    principal: Admin,
    backend: BackendOf,
    limit: Limit = USUAL,
    cursor: Cursor = "",
    state: Annotated[
        Literal["", "waiting", "delivered", "dead"], Query(description="Dead are those that nobody took.")
    ] = "",
    webhook: Annotated[str, Query(max_length=100, description="Only of this webhook.")] = "",
) -> Any:
    """What the account's webhooks were told or are to be, the newest first."""
    found = webhooks.list_deliveries(
        principal, backend.context, state=state, webhook=webhook, before=cursor, limit=limit + 1
    )
    count = webhooks.count_deliveries(principal, backend.context, state=state, webhook=webhook)
    return page(found, limit, count, attrgetter("id"), methodcaller("as_dict"))


@router.post(
    "/deliveries/{delivery_id}/redeliver", response_model=models.WebhookDelivery, responses=documented(404, 409)
)
def redeliver(delivery_id: str, principal: Admin, backend: BackendOf) -> Any:
    """Send one again, with all its tries, under the id that it has."""
    return webhooks.redeliver(principal, backend.context, delivery_id).as_dict()


@router.get("/{webhook_id}", response_model=models.Webhook, responses=documented(404))
def shown(webhook_id: str, principal: Admin, backend: BackendOf) -> Any:
    """One webhook."""
    return webhooks.show_webhook(principal, backend.context, webhook_id).as_dict()


@router.patch("/{webhook_id}", response_model=models.Webhook, responses=documented(404))
def change(webhook_id: str, changed: ChangedWebhook, principal: Admin, backend: BackendOf) -> Any:
    """Change where it is, what it is told of, or whether it is told at all."""
    wanted = Change(changed.url, changed.events, changed.disabled)
    return webhooks.change_webhook(principal, backend.context, webhook_id, wanted).as_dict()


@router.delete("/{webhook_id}", response_model=models.Webhook, responses=documented(404))
def delete(webhook_id: str, principal: Admin, backend: BackendOf) -> Any:
    """End it, with its secrets and what it was told."""
    return webhooks.delete_webhook(principal, backend.context, webhook_id).as_dict()


@router.post("/{webhook_id}/rotate", status_code=201, response_model=models.WebhookSecret, responses=documented(404))
def rotate(webhook_id: str, rotation: Rotation, principal: Admin, backend: BackendOf, called: Request) -> Any:
    """A new secret; both sign until the one before has ended."""
    made = webhooks.rotate_secret(
        principal, backend.context, webhook_id, at_once=rotation.at_once, seed=secret_seed(called)
    )
    return _secret(made)


@router.post("/{webhook_id}/ping", response_model=models.WebhookDelivery, responses=documented(404))
def ping(webhook_id: str, principal: Admin, backend: BackendOf) -> Any:
    """Send a message that tells of nothing, now and once, and say what came of it."""
    return webhooks.ping_webhook(principal, backend.context, webhook_id).as_dict()


def _secret(made: NewSecret) -> dict[str, Any]:
    return {"secret": made.secret, "webhook": None if made.endpoint is None else made.endpoint.as_dict()}
