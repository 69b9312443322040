"""Tags without a model, put on what was filed since the last time: asked for, or by whoever keeps house."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import select

from pressroom.database.schema import account
from pressroom.domain.identity import Principal, Scope
from pressroom.ledger.accounts import account_id_of
from pressroom.library.auto_tags import catch_up
from pressroom.services.context import Context

AT_ONCE: Final = 25  # pictures of a transaction: half a second of looking, and a moment of writing
MOST_OF_AN_HOUR: Final = 5_000

# Told, between portions, how many seconds the last one took.
Rest = Callable[[float], object]


def tag_automatically(principal: Principal, context: Context, most: int) -> int:
    """Tag the account's newest assets that no rule has looked at, at most so many; returns how many that were."""
    principal.require(Scope.ASSETS_WRITE)
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
    return _caught_up(context, account_id, most)


def tag_all(context: Context, most: int = MOST_OF_AN_HOUR, rest: Rest | None = None) -> int:
    """The same for every account of this home, `most` of each."""
    with context.database.read() as conn:
        accounts = list(conn.execute(select(account.c.id).where(account.c.id > 0)).scalars())
    return sum(_caught_up(context, account_id, most, rest) for account_id in accounts)


def _caught_up(context: Context, account_id: int, most: int, rest: Rest | None = None) -> int:
    done, tools = 0, (context.database, account_id, context.store, context.settings.limits)
    while done < most:
        began = time.monotonic()
        tagged = catch_up(*tools, most=min(AT_ONCE, most - done))
        if not tagged:
            break
        done += tagged
        if rest is not None:
            rest(time.monotonic() - began)
    return done
