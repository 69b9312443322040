"""The newest runs of an account for pages: how far each is, what it has paid, and one picture of what it made."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset
from pressroom.domain.states import OPEN_RUNS
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import assets_by_id
from pressroom.runs.nodes import Progress, progress_of
from pressroom.runs.records import RunRecord
from pressroom.services.context import Context
from pressroom.services.list_runs import RunLine, list_account_runs


@dataclass(frozen=True, slots=True)
class RecentRun:
    """`shown` is an asset that the run has made, None before there is one."""

    line: RunLine
    progress: Progress
    shown: Asset | None

    @property
    def run(self) -> RunRecord:
        return self.line.run

    @property
    def goes_on(self) -> bool:
        return self.run.state in OPEN_RUNS


def recent_runs(
    principal: Principal, context: Context, *, campaign: str | None = None, limit: int = 50
) -> tuple[RecentRun, ...]:
    """The newest first. Raises Invalid for a campaign of which there are no runs."""
    lines = list_account_runs(principal, context, campaign=campaign, limit=limit)
    with context.database.read() as conn:
        progress = progress_of(conn, [line.run.id for line in lines])
        shown = [each.shown for each in progress.values() if each.shown]
        assets = assets_by_id(conn, account_id_of(conn, principal.account), shown)
    found = ((line, progress.get(line.run.id, Progress())) for line in lines)
    return tuple(RecentRun(line, each, assets.get(each.shown or "")) for line, each in found)
