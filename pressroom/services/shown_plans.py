"""Plans that were shown, kept so that one may be started by its hash alone: exactly it, or a refusal."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from pressroom.database.dialect import insert_new
from pressroom.database.schema import shown_plan
from pressroom.domain.errors import NotFound
from pressroom.domain.identity import Principal
from pressroom.ledger.accounts import account_id_of
from pressroom.planning.plan_file import plan_json
from pressroom.services.context import Context
from pressroom.services.plan_campaign import Planned
from pressroom.services.run_request import RunRequest


def keep_plan(principal: Principal, context: Context, planned: Planned) -> dict[str, Any]:
    """The plan as it is shown, kept for the account under its hash."""
    shown = plan_json(planned.plan, planned.verdict)
    with context.database.write() as conn:
        row = {
            "account_id": account_id_of(conn, principal.account),
            "hash": planned.plan.hash,
            "request": planned.request.model_dump_json(),
            "plan": json.dumps(shown),
            "created_at": context.now(),
        }
        conn.execute(insert_new(conn, shown_plan).values(**row))
    return shown


def plan_shown(principal: Principal, context: Context, plan_hash: str) -> tuple[RunRequest, dict[str, Any]]:
    """What was asked for and what was shown under this hash. Raises NotFound where the account was shown nothing under it."""
    with context.database.read() as conn:
        mine = shown_plan.c.account_id == account_id_of(conn, principal.account)
        query = select(shown_plan.c.request, shown_plan.c.plan).where(mine, shown_plan.c.hash == plan_hash)
        row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"no plan was shown under {plan_hash[:12]!r}", hint="plan the campaign first")
    request = RunRequest.model_validate_json(row.request)
    return request.model_copy(update={"plan_hash": plan_hash}), json.loads(row.plan)
