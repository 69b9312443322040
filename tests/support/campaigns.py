"""Campaigns from plan to delivered files, in this process, with the shipped operations, catalog and simulated vendor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pressroom.bootstrap import open_context, open_planning
from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset
from pressroom.library.search import Query
from pressroom.planning.plan import Plan
from pressroom.reporting.model import RunReport
from pressroom.services.finding import search_assets
from pressroom.services.launch_run import InProcess
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.settings import settings_for


@dataclass(frozen=True)
class Campaigned:
    """What came of a campaign: its plan, the report of its run, and the files in its folder."""

    plan: Plan
    report: RunReport
    out: Path
    assets: list[Asset]

    def file(self, pattern: str) -> Path:
        (found,) = self.out.glob(pattern)
        return found


def campaigned(folder: Path, steps: dict[str, Any], **settings: Any) -> Campaigned:
    """Plan and run these steps in a home of their own; whatever is refused or fails is an assertion."""
    file = folder / "campaign.yaml"
    file.write_text(yaml.safe_dump({"name": "trial", "steps": steps}))
    found = settings_for(folder).model_copy(
        update={"grant_credits": 1_000, "plan": "enterprise", "simulated_latency_seconds": 0.0, **settings}
    )
    principal, planning, context = Principal(found.account), open_planning(found), open_context(found)
    planned = plan_campaign(principal, planning, RunRequest(file=str(file)))
    assert planned.verdict.allowed, planned.verdict.problems
    report = InProcess(planning, context).launch_planned(principal, planned).report
    assert report is not None
    assert not report.failed_nodes, [node.error for node in report.failed_nodes]
    assets = search_assets(principal, context, Query()).items
    return Campaigned(planned.plan, report, folder / "out" / "trial", list(assets))
