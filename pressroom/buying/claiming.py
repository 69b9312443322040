"""Take jobs up to be asked for: nobody else asks for them before the time that each is asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.buying.market import Market
from pressroom.buying.schedule import expected_seconds, pause_after, usual_pause

# Of a model's last orders so many tell how long it takes.
LOOKED_AT: Final = 9


def claim_due(market: Market, order_keys: Sequence[str]) -> list[Job]:
    """Those of the jobs that are to be asked for now, and whose turn this process has taken."""
    now = market.now()
    with market.database.write() as conn:
        claimed = journal.claim_due(conn, order_keys, now, market.after(usual_pause(0)))
        return journal.claim_longer(conn, claimed, _times(conn, market, claimed, now))


def _times(conn: Connection, market: Market, claimed: Sequence[Job], now: datetime) -> list[datetime]:
    """When each of them, which were claimed just now, is asked for again."""
    at_vendor = journal.taken_by(conn, {each.provider for each in claimed})
    taken = {
        maker: journal.times_taken(conn, *maker, LOOKED_AT)
        for maker in {(each.provider, each.model) for each in claimed if _asked_only(market, each)}
    }

    def pause(each: Job) -> float:
        asked = each.asked - 1
        if (each.provider, each.model) not in taken or each.sent_at is None:
            return usual_pause(asked)
        listed = float(each.ordered.get("seconds") or 0.0)
        expected = expected_seconds(listed, taken[each.provider, each.model])
        return pause_after(asked, (now - each.sent_at).total_seconds(), expected, at_vendor[each.provider])

    return [now + timedelta(seconds=pause(each)) for each in claimed]


def _asked_only(market: Market, each: Job) -> bool:
    """Whether the vendor has it, and does not call when it is done."""
    row = market.providers.get(each.provider)
    return each.vendor_job_id is not None and (row is None or row.answers != "callback")
