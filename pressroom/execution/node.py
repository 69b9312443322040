"""Run one node: reuse what is there, adopt what is being bought, else make it; check, store, record and capture it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from pressroom.assets import Asset, Made, MediaInfo
from pressroom.canonical import digest
from pressroom.catalog.models import Model
from pressroom.errors import Permanent, UpstreamFailed
from pressroom.execution import journal, runs
from pressroom.execution.context import Context
from pressroom.execution.purchase import buy
from pressroom.execution.stored_plan import StoredPlan
from pressroom.execution.verify import measure
from pressroom.ledger.holds import capture
from pressroom.library.assets import add_asset, assets_of_node
from pressroom.operation import Workspace
from pressroom.planning.values import FileSource, Node, NodeSource, Source
from pressroom.ports import JobStatus, Order


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of a node: references and numbers only, never bytes."""

    node_id: str
    state: str  # done | reused
    asset_ids: tuple[str, ...] = ()
    credits_micros: int = 0
    usd_micros: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunningRun:
    """The run a node belongs to."""

    id: str
    hold_id: int
    plan: StoredPlan
    reused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # node id -> assets it found when the run began


def run_node(context: Context, run: RunningRun, node_id: str) -> NodeResult:
    """Make (or find) everything this node promises and file it.

    Raises UpstreamFailed when an input is not there, Permanent or Corrupt when it cannot be made, Retryable when it may
    work later. Whatever is raised, nothing is charged for what was not filed.
    """
    if node_id in run.reused:
        return NodeResult(node_id, "reused", run.reused[node_id])
    node = run.plan.nodes[node_id]
    started = time.monotonic()
    with context.database.read() as conn:
        have = () if node.renew else assets_of_node(conn, node.key)
    if have:
        return _finish(context, run, NodeResult(node.id, "reused", tuple(asset.id for asset in have)))
    with context.database.write() as conn:
        runs.start_node(conn, run.id, node.id)
    with _workspace(context, run, node) as workspace:
        if context.providers[node.provider].sells:
            return _bought(context, run, node, workspace, started)
        provider = context.providers[node.provider]
        order = Order(node.key, node.operation, node.model, node.params, len(node.outputs), node.units)
        made = provider.collect(provider.submit(order, workspace), order, workspace)
        return _file(context, run, node, made, started)


def fail_node(context: Context, run_id: str, node_id: str, reason: str) -> None:
    """Record that the node failed; what it needs afterwards is the flow's business."""
    with context.database.write() as conn:
        runs.finish_node(conn, run_id, node_id, "failed", error=reason)


def _bought(context: Context, run: RunningRun, node: Node, workspace: Workspace, started: float) -> NodeResult:
    order, job_id, status = buy(context, node, run.id, run.hold_id, workspace)
    made = context.providers[node.provider].collect(job_id, order, workspace)
    if not made:
        reason = "delivered nothing"
        with context.database.write() as conn:
            journal.mark_failed(conn, order.order_key, reason)
        raise Permanent(f"{node.provider}/{node.model} {reason}", hint="nothing was charged")
    return _file(context, run, node, made, started, order=order, status=status)


def _file(
    context: Context,
    run: RunningRun,
    node: Node,
    made: Sequence[Made],
    started: float,
    *,
    order: Order | None = None,
    status: JobStatus | None = None,
) -> NodeResult:
    """Check and store the files, then record them, capture their price and end the job in one transaction."""
    infos = measure(context, made, dict(node.outputs))
    stored: dict[Path, str] = {}
    for item, info in zip(made, infos, strict=True):
        # Placements that share one rendition share one file: it is stored once.
        if item.path not in stored:
            stored[item.path] = context.store.put(item.path, info.mime)
    credits, usd = (0, 0) if order is None else _actual_cost(context, node, made, status)
    seconds = time.monotonic() - started
    with context.database.write() as conn:
        if order is not None and not _end_job(conn, order):
            # Another run adopted the same job and filed it first: its assets are ours too, at no further cost.
            have = tuple(asset.id for asset in assets_of_node(conn, node.key))
            result = NodeResult(node.id, "reused", have)
            _record(conn, run.id, result)
            return result
        assets = _assets(context, conn, run, node, made, infos, stored, (credits, usd), seconds)
        for asset in assets:
            add_asset(conn, asset)
        result = NodeResult(node.id, "done", tuple(asset.id for asset in assets), credits, usd, seconds)
        _record(conn, run.id, result)
        if order is not None:
            capture(conn, f"capture:{order.order_key}", run.hold_id, credits, f"{run.plan.campaign} {node.id}")
    return result


def _end_job(conn: Connection, order: Order) -> bool:
    """Mark the job stored; False when another run has done so before."""
    try:
        journal.mark_stored(conn, order.order_key)
    except Permanent as exc:
        if exc.fields.get("state") == "stored":
            return False
        raise
    return True


def _actual_cost(context: Context, node: Node, made: Sequence[Made], status: JobStatus | None) -> tuple[int, int]:
    """Credits and USD for what was delivered: billed units where the vendor states them, never above the bound."""
    model: Model = context.catalog.models[f"{node.provider}/{node.model}"]
    units = dict(node.units) | dict(status.units if status else {})
    quantity = units.get(model.unit, 1.0)
    if model.unit in ("image", "call") and node.outputs:
        # N ordered, k delivered: only the k are charged.
        quantity = quantity * min(1.0, len(made) / len(node.outputs))
    credits = model.cost(quantity, model.credits or 0)
    usd = model.cost(quantity, model.usd or 0)
    return min(credits, node.quote.credits_bound or 0), min(usd, node.quote.usd_bound or 0)


def _assets(
    context: Context,
    conn: Connection,
    run: RunningRun,
    node: Node,
    made: Sequence[Made],
    infos: Sequence[MediaInfo],
    stored: dict[Path, str],
    cost: tuple[int, int],
    seconds: float,
) -> list[Asset]:
    notes = run.plan.step_notes.get(node.step, {})
    parents = _parents(conn, run, node)
    shares = [_shares(amount, len(made)) for amount in cost]
    return [
        Asset(
            id=f"a{digest([run.id, node.key, number])[:20]}",
            sha256=stored[item.path],
            kind=info.kind,
            mime=info.mime,
            size_bytes=info.size_bytes or item.path.stat().st_size,
            width=info.width,
            height=info.height,
            duration_seconds=info.duration_seconds,
            label=item.label,
            placement=item.placement,
            prompt=node.prompt,
            provider=node.provider,
            model=node.model,
            operation=node.operation,
            params=dict(node.params),
            details=dict(item.details),
            cost_credits_micros=shares[0][number],
            cost_usd_micros=shares[1][number],
            generation_seconds=seconds,
            node_key=node.key,
            ordinal=number,
            run_id=run.id,
            campaign=run.plan.campaign,
            step=node.step,
            variant=", ".join(f"{dimension}={name}" for dimension, name in node.variant),
            tags=tuple(notes.get("tags", ())),
            title=str(notes.get("title", "")),
            description=str(notes.get("description", "")),
            alt_text=str(notes.get("alt_text", "")),
            parents=parents,
            created_at=context.now(),
        )
        for number, (item, info) in enumerate(zip(made, infos, strict=True))
    ]


def _shares(amount: int, count: int) -> list[int]:
    """The amount in `count` whole parts that sum to it exactly."""
    return [amount // count + (1 if number < amount % count else 0) for number in range(count)]


def _parents(conn: Connection, run: RunningRun, node: Node) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for source in node.inputs.values():
        if isinstance(source, NodeSource):
            found |= dict.fromkeys(asset.id for asset in assets_of_node(conn, source.key) if asset.label == "")
        else:
            found[input_asset_id(source.sha256)] = None
    return tuple(found)


def input_asset_id(sha256: str) -> str:
    """The library's id for a file that the user brought."""
    return f"i{sha256[:20]}"


def _record(conn: Connection, run_id: str, result: NodeResult) -> None:
    runs.finish_node(
        conn,
        run_id,
        result.node_id,
        result.state,
        asset_ids=result.asset_ids,
        credits_micros=result.credits_micros,
        usd_micros=result.usd_micros,
        seconds=result.seconds,
    )


def _finish(context: Context, run: RunningRun, result: NodeResult) -> NodeResult:
    with context.database.write() as conn:
        _record(conn, run.id, result)
    return result


@contextmanager
def _workspace(context: Context, run: RunningRun, node: Node) -> Iterator[Workspace]:
    """A private folder with the node's inputs, deleted afterwards."""
    folder = context.work / run.id / digest(node.id)[:16]
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "in").mkdir(parents=True)
    (folder / "out").mkdir()
    try:
        yield Workspace(
            folder=folder / "out",
            inputs={name: _fetch(context, source, folder / "in", name) for name, source in node.inputs.items()},
            files={key: _fetch(context, source, folder / "in", key) for key, source in run.plan.brand_files.items()},
            brand=run.plan.brand,
            placements=context.catalog.placements,
            limits=context.settings.limits,
            ffmpeg=context.ffmpeg,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(context: Context, source: Source, folder: Path, name: str) -> Path:
    sha256 = source.sha256 if isinstance(source, FileSource) else _made_by(context, source)
    local = context.store.local_path(sha256)
    if local is not None:
        return local
    target = folder / digest(name)[:16]
    try:
        context.store.get(sha256, target)
    except KeyError as exc:
        raise Permanent(f"input {name!r} ({sha256[:12]}) is not in the store", hint="run again with --refresh") from exc
    return target


def _made_by(context: Context, source: NodeSource) -> str:
    with context.database.read() as conn:
        assets = assets_of_node(conn, source.key)
    main = [asset for asset in assets if asset.label == ""]
    if not main:
        raise UpstreamFailed(f"{source.node_id} has made nothing", hint="see why it failed")
    return main[0].sha256
