"""What an account has used: the one answer that the command line, the API and the pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal, Scope
from pressroom.domain.months import bounds_of, midnight, month_of
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.runs.usage import Span, UsageBy, Used, used_by
from pressroom.services.context import Context


@dataclass(frozen=True, slots=True)
class Usage:
    """Lines by key, and all together, from the begin of one day (UTC) to the begin of another."""

    by: UsageBy
    span: Span
    lines: tuple[Used, ...]
    whole: Used

    def as_dict(self) -> dict[str, Any]:
        whole = self.whole.as_dict()
        del whole["key"]
        return {
            "by": self.by.value,
            "from": self.span.begins.date().isoformat(),
            "to": self.span.ends.date().isoformat(),
            "items": [each.as_dict() for each in self.lines],
            "total": whole,
        }


def show_usage(
    principal: Principal,
    context: Context,
    *,
    by: str = UsageBy.DAY,
    begins: date | None = None,
    ends: date | None = None,
) -> Usage:
    """What was used from the begin of one day (of this month) up to the begin of another (of tomorrow), in UTC.

    The credits of all lines are what the statement says was captured in that time, less what was given back. Raises Invalid for
    what it cannot be told by, and for days in the wrong order.
    """
    principal.require(Scope.CREDITS_READ)
    if by not in list(UsageBy):
        hint = did_you_mean(by, UsageBy, "ways")
        raise Invalid.of([Problem("usage", f"usage is not told by {by[:80]!r}", hint, path=("by",))])
    now = context.now()
    span = Span(
        bounds_of(month_of(now))[0] if begins is None else midnight(begins),
        midnight(now.astimezone(UTC).date() + timedelta(days=1)) if ends is None else midnight(ends),
    )
    if span.begins >= span.ends:
        text = f"from {span.begins:%Y-%m-%d} to {span.ends:%Y-%m-%d} there is no day"
        raise Invalid.of([Problem("usage", text, "name the day after the last one as the end", path=("to",))])
    tiers = {name: model.tier for name, model in context.catalog.models.items()}
    with context.database.read() as conn:
        lines, whole = used_by(conn, account_id_of(conn, principal.account), UsageBy(by), span, tiers)
    return Usage(UsageBy(by), span, tuple(lines), whole)
