"""Read campaign files for deployment: what they cost, what their runs need, and how they travel to the workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from pressroom.campaign.load import parse_campaign
from pressroom.campaign.models import Campaign
from pressroom.catalog.naming import wrong_names
from pressroom.domain.identity import Principal
from pressroom.planning.plan import Totals
from pressroom.services.add_media import add_file
from pressroom.services.context import Context
from pressroom.services.deployment_spec import DeploymentSpec, deployment_spec
from pressroom.services.documents import list_documents, store_document
from pressroom.services.pack_campaign import Packed, pack_campaign
from pressroom.services.plan_campaign import PlanningContext, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.sources.folder import FolderSource


class Carried(StrEnum):
    """How a campaign gets to the workers: as text in the deployment, as a stored document, or as a file of a shared disk."""

    TEXT = "text"
    DOCUMENT = "document"
    FILE = "file"


def read_for_deployment(
    principal: Principal,
    planning: PlanningContext,
    open_context: Callable[[], Context],
    file: Path,
    *,
    carried: Carried,
    group: str,
    home_block: str = "",
    dry_run: bool = False,
) -> DeploymentSpec:
    """The deployment of a campaign file. Unless it is read where it lies, what it names is put into the library first.

    Raises Invalid for a bad campaign, with every problem.
    """
    totals = _totals(principal, planning, file)
    common = {"account": principal.account, "home_block": home_block}
    if carried is Carried.FILE:
        campaign = _loaded(planning, file)
        request = RunRequest(file=str(file.resolve()), **common)
    else:
        packed = pack_campaign(file, planning.operations, planning.settings.limits, planning.settings.max_nodes)
        campaign = parse_campaign(packed.text, str(file), operations=planning.operations).campaign
        if not dry_run:
            for path in packed.files.values():
                add_file(principal, open_context(), path)
        request = _carrying(principal, open_context, campaign, packed, carried, common, dry_run)
    return deployment_spec(campaign, request, totals, source=file.as_posix(), group=group)


def _loaded(planning: PlanningContext, file: Path) -> Campaign:
    source = FolderSource(file, planning.settings.limits)
    return source.load(
        operations=planning.operations,
        placements=planning.catalog.placements,
        names=partial(wrong_names, planning.catalog),
    ).campaign


def _totals(principal: Principal, planning: PlanningContext, file: Path) -> Totals | None:
    """What everything costs with the default inputs; None where some input has to be given."""
    request = RunRequest(file=str(file.resolve()), inputs=_loaded(planning, file).deploy.inputs, refresh=["*"])
    # Whose keys the workers have is not known here.
    vendors = frozenset(row.name for row in planning.catalog.providers.values() if row.sells)
    planning = replace(planning, configured=planning.configured | vendors)
    planned = plan_campaign(principal, planning, request)
    missing = any(problem.code == "missing_input" for problem in planned.verdict.problems)
    return None if missing else planned.plan.totals


def _carrying(
    principal: Principal,
    open_context: Callable[[], Context],
    campaign: Campaign,
    packed: Packed,
    carried: Carried,
    common: dict[str, str],
    dry_run: bool,
) -> RunRequest:
    if carried is Carried.TEXT:
        return RunRequest(yaml=packed.text, **common)
    if not dry_run:
        return RunRequest(document=store_document(principal, open_context(), campaign.name, packed.text).id, **common)
    newest = list_documents(principal, open_context(), campaign.name, limit=1)
    known = newest[0].id if newest and newest[0].text == packed.text else campaign.name
    return RunRequest(document=known, **common)
