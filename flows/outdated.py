"""Artifacts that a campaign's earlier run has left, or this one before somebody decided, and that are no longer true."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from prefect.artifacts import acreate_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from prefect.client.schemas.objects import ArtifactCollection

from pressroom.reporting.artifacts import decided_markdown
from pressroom.runs.approvals import approvals_of
from pressroom.services.context import Context
from pressroom.services.running import RunningRun
from tasks.engine import artifact_key

ALL_WELL: Final = "Nothing is wrong"
DECIDED: Final = "What somebody has decided"


async def all_well(campaign: str, what: str, text: str, since: datetime) -> None:
    """Say so where a run that ended before `since` has told of trouble; one beside this one may still be in it."""
    found = await _latest(artifact_key(campaign, what))
    if found is not None and found.description != ALL_WELL and _told_at(found) < since:
        await acreate_markdown_artifact(text, key=artifact_key(campaign, what), description=ALL_WELL)


async def decided(context: Context, run: RunningRun) -> None:
    """Say who has decided, where the newest artifact still says that this run, and no other one, waits for somebody."""
    with context.database.read() as conn:
        made = approvals_of(conn, run.id)
    key = artifact_key(run.plan.campaign, "decision")
    found = await _latest(key) if made else None
    if found is not None and run.id in str(found.data) and found.description != DECIDED:
        await acreate_markdown_artifact(decided_markdown(run.id, made), key=key, description=DECIDED)


async def _latest(key: str) -> ArtifactCollection | None:
    only = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
    async with get_client() as client:
        found = await client.read_latest_artifacts(artifact_filter=only)
    return found[0] if found else None


def _told_at(found: ArtifactCollection) -> datetime:
    assert found.updated is not None, "it is on record"
    return found.updated
