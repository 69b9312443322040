"""Where webhooks may go: addresses that pass the guard, and the one that a single generation names."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from pressroom.domain.errors import Invalid, Problem, Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.ledger.accounts import account_id_of
from pressroom.services.context import Context
from pressroom.watching.event_log import newest_event
from pressroom.webhooks import endpoints, kinds

ACCOUNTS_OWN: Final = None  # whose secret it is that no endpoint has


def expect_generation(principal: Principal, context: Context, url: str, run_id: str) -> None:
    """Have one run told to an address of its own, signed with the account's secret; the same again is the same one.

    Raises Invalid where the address cannot be, or where the account has no secret yet.
    """
    check_address(context, url)
    with context.database.write() as conn:
        account_id, now = account_id_of(conn, principal.account), context.now()
        if not endpoints.secrets_of(conn, account_id, ACCOUNTS_OWN, now):
            hint = "`pressroom webhooks secret`, or POST /webhooks/secret, makes it"
            raise wrong("the account has no secret yet that signs what a generation names", hint)
        endpoints.add_endpoint(
            conn,
            account_id,
            url,
            kinds.OF_A_GENERATION,
            run_id=run_id,
            created_by=principal.user,
            now=now,
            after_seq=newest_event(conn),
        )


def check_address(context: Context, url: str) -> None:
    """Raises Invalid for what is no address to send to, also where its name stands for one that is not public."""
    try:
        address = context.poster.check(url)
        with suppress(Retryable):  # a name that nobody knows yet may be known tomorrow
            context.poster.resolve(address)
    except (Invalid, Refused) as exc:
        raise wrong(exc.message, exc.hint, "url") from exc


def wrong(message: str, hint: str, field: str = "webhook") -> Invalid:
    return Invalid.of([Problem("webhook", message, hint, path=(field,))])
