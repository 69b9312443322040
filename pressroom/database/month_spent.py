"""What the runs of a month have spent and hold: one SQL text for the planner, which does without SQLAlchemy, and the ledger."""

from __future__ import annotations

from typing import Final

from pressroom.domain.states import HoldState, is_in

NO_HOLD: Final = -1

_OF_MONTH: Final = (
    "h.account_id = (SELECT id FROM account WHERE name = :account AND id > 0) AND h.month = :month AND h.id <> :but"
)
_OF_CAMPAIGN: Final = (
    # Constants alone, here and below.
    f"{_OF_MONTH} AND EXISTS (SELECT 1 FROM run_hold o JOIN run ON run.id = o.run_id "  # noqa: S608
    "WHERE o.hold_id = h.id AND run.campaign = :campaign)"
)
_OPEN: Final = is_in("h.state", HoldState.OPEN)
_SPENT: Final = (
    # A refund counts in the month of its capture. SQLite joins in this order: refunds are few, captures are many.
    "SELECT COALESCE(SUM(h.captured), 0) - (SELECT COALESCE(SUM(b.amount), 0) FROM op b CROSS JOIN op c CROSS JOIN hold h "  # noqa: S608
    "WHERE b.refunds_op_id IS NOT NULL AND c.id = b.refunds_op_id AND h.id = c.hold_id AND {which}), "
    f"COALESCE(SUM(CASE WHEN {_OPEN} THEN h.amount - h.captured ELSE 0 END), 0) FROM hold h WHERE {{which}}"
)
# Micro-credits that are captured and not refunded, and that are held, of :account in :month ("2026-11") without the hold :but.
ACCOUNT_SPENT: Final = _SPENT.format(which=_OF_MONTH)
# The same of the runs of one :campaign.
CAMPAIGN_SPENT: Final = _SPENT.format(which=_OF_CAMPAIGN)
