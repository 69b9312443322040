"""File what a node made: store it, then record it, pay for it and end its job in one transaction."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.costs import borne_by, bring_captured_to, credits_due
from pressroom.buying.job import Job
from pressroom.delivery.names import delivery_name
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Permanent
from pressroom.domain.events import AssetStored
from pressroom.domain.media import Asset, Made, MediaInfo
from pressroom.domain.money import to_number
from pressroom.domain.states import MADE_NODES, JobState, NodeState
from pressroom.library.assets import add_asset, assets_of_node, is_made
from pressroom.library.contents import content_in, keep_content
from pressroom.library.editing import leave_trash
from pressroom.library.fingerprinting import looks_of
from pressroom.library.similar import remember
from pressroom.media.files.fingerprint import Fingerprint
from pressroom.planning.plan import Node
from pressroom.runs.nodes import finish_node, node_of, state_of_node
from pressroom.services.context import Context
from pressroom.services.describing import DESCRIBES, keep_description
from pressroom.services.origins import Origin
from pressroom.services.provenance_step import unsigned_note
from pressroom.services.running import NodeResult, RunningRun
from pressroom.services.watch_budgets import watch_budgets


@dataclass(frozen=True, slots=True)
class Finished:
    """A node's checked files, which are in the store: by whom they were made, from what, and how long that took."""

    made: Sequence[Made]
    infos: Sequence[MediaInfo]
    maker: tuple[str, str]  # provider, model
    parents: tuple[str, ...]
    stored: Mapping[Path, str]  # file -> its SHA-256
    looks: Mapping[str, Fingerprint]  # of those that show something, by SHA-256
    seconds: float


def stored(
    context: Context,
    made: Sequence[Made],
    infos: Sequence[MediaInfo],
    maker: tuple[str, str],
    origins: Mapping[str, Origin],
    started: float,
) -> Finished:
    """Put the files into the store; `started` is of the monotonic clock."""
    # Placements that share one rendition share one file: it is stored once.
    shared = {item.path: info for item, info in zip(made, infos, strict=True)}
    names = {path: context.store.put(path, info.mime) for path, info in shared.items()}
    looks = looks_of(
        [(names[path], path, info) for path, info in shared.items()], context.settings.limits, context.ffmpeg
    )
    parents = tuple(dict.fromkeys(origin.asset_id for origin in origins.values()))
    return Finished(made, infos, maker, parents, names, looks, time.monotonic() - started)


def ready(conn: Connection, run: RunningRun, node: Node) -> NodeResult | None:
    """The result where the node is made already: by this run (asked again, since its answer got lost), or in the library.

    In the library it has yet to be written down: `reuse_in` does.
    """
    if state_of_node(conn, run.account_id, run.id, node.id) in MADE_NODES:
        before = node_of(conn, run.account_id, run.id, node.id)
        costs = (before.credits_micros, before.usd_micros, before.seconds)
        return NodeResult(node.id, before.state, before.asset_ids, *costs)
    there = not node.renew and is_made(conn, run.account_id, node.key)
    return NodeResult(node.id, NodeState.REUSED) if there else None


def file_made(context: Context, run: RunningRun, node: Node, finished: Finished, conn: Connection) -> NodeResult:
    """File what was made here, at no cost."""
    if state_of_node(conn, run.account_id, run.id, node.id) in MADE_NODES:
        # A second attempt was faster; a signature differs each time, so both files cannot have the same name.
        twin = node_of(conn, run.account_id, run.id, node.id)
        return NodeResult(node.id, twin.state, twin.asset_ids, seconds=twin.seconds)
    ids = _add(context, conn, run, node, finished, (0, 0))
    result = NodeResult(node.id, NodeState.DONE, ids, seconds=finished.seconds)
    record(conn, run, result, _note(node, finished), finished.maker)
    return result


def file_bought(context: Context, run: RunningRun, node: Node, finished: Finished, job: Job) -> NodeResult:
    """File what was bought, and take its credits from the run's hold.

    Raises Refused when the run has ended meanwhile: nothing is filed then, and the job stays adoptable.
    """
    due = credits_due(job, len(finished.made))
    with context.database.write() as conn:
        ended = _end_job(conn, run, job.order_key, context)
        if ended is None:
            # Another run adopted the same job and filed it first: its assets are ours too, at no further cost.
            return reuse_in(conn, run, node)
        ids = _add(context, conn, run, node, finished, (due, job.spent_usd_micros))
        ours = due if job.is_cost_of(run.hold_ids) else 0
        usd = sum(each.spent_usd_micros for each in borne_by(conn, run.account_id, node.key, run.id, run.hold_ids))
        result = NodeResult(node.id, NodeState.DONE, ids, ours, usd, finished.seconds)
        record(conn, run, result, _note(node, finished), finished.maker)
        bring_captured_to(conn, ended, due, run.hold_id)
    tell_stored(context, run, result, finished)
    watch_budgets(context, run)
    return result


def tell_stored(context: Context, run: RunningRun, result: NodeResult, finished: Finished) -> None:
    """Say that a node's files are filed. Call it once that is committed."""
    provider, model = finished.maker
    context.events.emit(
        AssetStored(
            account=run.principal.account,
            run=run.id,
            campaign=run.plan.campaign,
            node=result.node_id,
            operation=run.plan.node(result.node_id).operation,
            assets=result.asset_ids,
            vendor=provider,
            model=model,
            credits=to_number(result.credits_micros),
            usd=to_number(result.usd_micros),
            seconds=result.seconds,
        )
    )


def reuse(context: Context, run: RunningRun, node: Node) -> NodeResult:
    """The node's files are in the library: say so in the run's record."""
    with context.database.write() as conn:
        return reuse_in(conn, run, node)


def reuse_in(conn: Connection, run: RunningRun, node: Node) -> NodeResult:
    assets = assets_of_node(conn, run.account_id, node.key)
    leave_trash(conn, run.account_id, assets)
    result = NodeResult(node.id, NodeState.REUSED, tuple(asset.id for asset in assets))
    record(conn, run, result)
    return result


def record(conn: Connection, run: RunningRun, result: NodeResult, note: str = "", maker: tuple[str, ...] = ()) -> None:
    finish_node(
        conn,
        run.account_id,
        run.id,
        run.lease,
        result.node_id,
        result.state,
        asset_ids=result.asset_ids,
        credits_micros=result.credits_micros,
        usd_micros=result.usd_micros,
        seconds=result.seconds,
        error=note,
        model="/".join(maker),
    )


def _note(node: Node, finished: Finished) -> str:
    delivered, ordered = len(finished.made), len(node.outputs)
    shortfall = "" if delivered == ordered else f"delivered {delivered} of {ordered} files"
    return "; ".join(filter(None, (shortfall, unsigned_note(finished.made))))


def _end_job(conn: Connection, run: RunningRun, order_key: str, context: Context) -> Job | None:
    """The job marked as stored; None when another run has done so before."""
    try:
        return journal.mark_stored(conn, order_key, run.id, context.now())
    except Permanent as exc:
        if exc.fields.get("state") == JobState.STORED:
            return None
        raise


def _add(
    context: Context, conn: Connection, run: RunningRun, node: Node, finished: Finished, cost: tuple[int, int]
) -> tuple[str, ...]:
    assets = _assets(context, run, node, finished, cost)
    for asset, item, info in zip(assets, finished.made, finished.infos, strict=True):
        is_new = add_asset(conn, run.account_id, asset)
        if is_new and (content := content_in(item.path, info)) is not None:
            keep_content(conn, run.account_id, asset.id, content)
    for sha256, look in finished.looks.items():
        remember(conn, run.account_id, sha256, look)
    if node.operation == DESCRIBES:
        keep_description(conn, run.account_id, finished.parents, finished.made[0].path)
    return tuple(asset.id for asset in assets)


def _assets(context: Context, run: RunningRun, node: Node, finished: Finished, cost: tuple[int, int]) -> list[Asset]:
    shares = [_shares(amount, len(finished.made)) for amount in cost]
    provider, model = finished.maker
    variant = ", ".join(f"{dimension}={name}" for dimension, name in node.variant)
    title = str(node.words.get("title", ""))
    made = [
        Asset(
            id=f"a{digest([run.id, node.key, number])[:20]}",
            sha256=finished.stored[item.path],
            kind=info.kind,
            mime=info.mime,
            size_bytes=info.size_bytes or item.path.stat().st_size,
            width=info.width,
            height=info.height,
            duration_seconds=info.duration_seconds,
            label=item.label,
            placement=item.placement,
            prompt=node.prompt,
            provider=provider,
            model=model,
            operation=node.operation,
            params=dict(node.params),
            details={**item.details, **info.details},
            cost_credits_micros=shares[0][number],
            cost_usd_micros=shares[1][number],
            generation_seconds=finished.seconds,
            node_key=node.key,
            ordinal=number,
            run_id=run.id,
            campaign=run.plan.campaign,
            step=node.step,
            variant=variant,
            tags=tuple(node.words.get("tags", ())),
            title=title,
            name=title or f"{node.step} {variant}".strip(),
            description=str(node.words.get("description", "")),
            alt_text=str(node.words.get("alt_text", "")),
            parents=finished.parents,
            created_at=context.now(),
            created_by=run.principal.user,
        )
        for number, (item, info) in enumerate(zip(finished.made, finished.infos, strict=True))
    ]
    return [replace(each, filename=delivery_name(node, each)) for each in made]


def _shares(amount: int, count: int) -> list[int]:
    """The amount in `count` whole parts that sum to it exactly."""
    return [amount // count + (1 if number < amount % count else 0) for number in range(count)]
