"""An account's webhooks: made, changed, ended, tried out; what they were told, and what of it to tell again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pressroom.database.counting import Count
from pressroom.domain.errors import refusal
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.states import DeliveryState
from pressroom.ledger.accounts import account_id_of
from pressroom.services.context import Context
from pressroom.services.send_webhooks import send
from pressroom.services.webhook_targets import ACCOUNTS_OWN, check_address, wrong
from pressroom.watching.event_log import newest_event
from pressroom.webhooks import deliveries, endpoints, kinds
from pressroom.webhooks.deliveries import Delivery
from pressroom.webhooks.endpoints import Endpoint
from pressroom.webhooks.rules import rules
from pressroom.webhooks.signing import new_secret

MOST_ENDPOINTS: Final = 50  # of one account
_PING: Final = {"text": "Pressroom can reach you, and you can check its signature."}


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret with what it signs for, an endpoint or the account itself; it is never shown again."""

    secret: str
    endpoint: Endpoint | None = None

    def __repr__(self) -> str:
        return f"NewSecret({self.endpoint.id if self.endpoint else 'the account'})"  # a secret is in no log


@dataclass(frozen=True, slots=True)
class Change:
    """What of an endpoint is to be another; None leaves it."""

    url: str | None = None
    events: Sequence[str] | None = None
    disabled: bool | None = None


def create_webhook(
    principal: Principal, context: Context, url: str, events: Sequence[str], *, name: str = "", seed: bytes = b""
) -> NewSecret:
    """A new endpoint, which is told of what happens from now on. Raises Invalid for an address or an event that cannot be.

    With a `name` the same again is the same one; `seed` is what its secret is made of then.
    """
    principal.require(Scope.ADMIN)
    patterns, secret = kinds.checked_patterns(tuple(events)), new_secret(seed)
    check_address(context, url)
    sealed = context.sealer.seal(secret)
    with context.database.write() as conn:
        account_id, now = account_id_of(conn, principal.account), context.now()
        if len(endpoints.endpoints_of(conn, account_id)) >= MOST_ENDPOINTS:
            raise wrong(f"an account has {MOST_ENDPOINTS} webhooks at most", "delete one")
        made = endpoints.add_endpoint(
            conn, account_id, url, patterns, name=name, created_by=principal.user, now=now, after_seq=newest_event(conn)
        )
        endpoints.add_secret(conn, account_id, made.id, sealed, now, now)
    return NewSecret(secret, made)


def list_webhooks(principal: Principal, context: Context) -> list[Endpoint]:
    """The account's endpoints, the newest first, without those that were named with a single generation."""
    principal.require(Scope.ADMIN)
    with context.database.read() as conn:
        return endpoints.endpoints_of(conn, account_id_of(conn, principal.account))


def show_webhook(principal: Principal, context: Context, name: str) -> Endpoint:
    principal.require(Scope.ADMIN)
    with context.database.read() as conn:
        return endpoints.endpoint_of(conn, account_id_of(conn, principal.account), name)


def change_webhook(principal: Principal, context: Context, name: str, change: Change) -> Endpoint:
    """Change where it is, what it is told of, or whether it is. One that is enabled again is told of what comes from then on."""
    principal.require(Scope.ADMIN)
    values: dict[str, Any] = {}
    if change.url is not None:
        check_address(context, change.url)
        values["url"] = change.url
    if change.events is not None:
        values["events"] = kinds.checked_patterns(tuple(change.events))
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        before = endpoints.endpoint_of(conn, account_id, name)
        if change.disabled and before.disabled_at is None:
            deliveries.disable(conn, account_id, name, "by a person", context.now())
        elif change.disabled is False and before.disabled_at is not None:
            values |= {"disabled_at": None, "disabled_why": "", "after_seq": newest_event(conn)}
        if values:
            endpoints.change_endpoint(conn, account_id, name, **values)
        return endpoints.endpoint_of(conn, account_id, name)


def rotate_secret(
    principal: Principal, context: Context, name: str = "", *, at_once: bool = False, seed: bytes = b""
) -> NewSecret:
    """A new secret of an endpoint, or without one of the account itself, which signs what single generations name.

    The old one signs beside it for a day, unless it is to end at once.
    """
    principal.require(Scope.ADMIN)
    secret = new_secret(seed)
    sealed = context.sealer.seal(secret)
    with context.database.write() as conn:
        account_id, now = account_id_of(conn, principal.account), context.now()
        found = endpoints.endpoint_of(conn, account_id, name) if name else None
        last = now if at_once else now + timedelta(hours=rules().rotation_hours)
        endpoints.add_secret(conn, account_id, name or ACCOUNTS_OWN, sealed, now, last)
    return NewSecret(secret, found)


def delete_webhook(principal: Principal, context: Context, name: str) -> Endpoint:
    """End an endpoint, with its secrets and what it was told."""
    principal.require(Scope.ADMIN)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        found = endpoints.endpoint_of(conn, account_id, name)
        endpoints.remove_endpoint(conn, account_id, name)
    return found


def ping_webhook(principal: Principal, context: Context, name: str) -> Delivery:
    """Send a message that tells of nothing, once and now, whatever the endpoint is told of; what came of it."""
    principal.require(Scope.ADMIN)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        found = endpoints.endpoint_of(conn, account_id, name)
        message = deliveries.add_ping(conn, found, _PING, context.now(), rules().lease_seconds)
        delivery = deliveries.delivery_of(conn, account_id, message)
    send(context, found, delivery, context.now(), last=True)
    with context.database.read() as conn:
        return deliveries.delivery_of(conn, account_id, message)


def list_deliveries(
    principal: Principal, context: Context, *, state: str = "", webhook: str = "", before: str = "", limit: int = 50
) -> list[Delivery]:
    """What the account's endpoints are or were to be told, the newest first. The state `dead` lists what nobody took."""
    principal.require(Scope.ADMIN)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        wanted = _state(state)
        return deliveries.deliveries_of(conn, account_id, state=wanted, webhook_id=webhook, before=before, limit=limit)


def count_deliveries(principal: Principal, context: Context, *, state: str = "", webhook: str = "") -> Count:
    """How many deliveries `list_deliveries` has in all."""
    principal.require(Scope.ADMIN)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        return deliveries.count_deliveries(conn, account_id, _state(state), webhook)


def redeliver(principal: Principal, context: Context, name: str) -> Delivery:
    """Put a delivery in line once more: the server sends it next, under the id that it has. Raises Refused where it is there."""
    principal.require(Scope.ADMIN)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        found = deliveries.delivery_of(conn, account_id, name)
        if found.state is DeliveryState.WAITING:
            raise refusal("webhook", f"delivery {name} is in line already", "it is tried again by itself")
        if endpoints.endpoint_of(conn, account_id, found.webhook_id).disabled_at is not None:
            raise refusal("webhook", f"the webhook of delivery {name} is disabled", "enable it first")
        deliveries.send_again(conn, account_id, name, context.now())
        return deliveries.delivery_of(conn, account_id, name)


def _state(name: str) -> DeliveryState | None:
    try:
        return DeliveryState(name) if name else None
    except ValueError as exc:
        raise wrong(f"a delivery is never {name!r}", f"one of {', '.join(DeliveryState)}", "state") from exc
