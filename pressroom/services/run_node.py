"""Run one node: reuse what is there, adopt what is being bought, else make it; check, store, record and capture it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.purchase import Purchase, buy, fail_job
from pressroom.catalog.models import metered_family
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Corrupt, Permanent, Refused, UpstreamFailed
from pressroom.domain.media import Asset, Made, MediaInfo
from pressroom.domain.operation import Workspace
from pressroom.domain.states import MADE_NODES, NodeState
from pressroom.ledger.holds import capture
from pressroom.library.assets import add_asset, assets_of_node, input_id
from pressroom.library.fingerprinting import looks_of
from pressroom.library.similar import remember
from pressroom.planning.allowances import USD
from pressroom.planning.plan import Action, FileSource, Node, NodeSource, Plan, Source
from pressroom.providers.base import Order
from pressroom.runs import records as runs
from pressroom.services.check_outputs import measure
from pressroom.services.context import Context
from pressroom.services.provenance_step import attest, history_of, unsigned_note


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
    account_id: int
    hold_id: int
    plan: Plan
    reused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # node id -> assets it found when the run began


def run_node(context: Context, run: RunningRun, node_id: str) -> NodeResult:
    """Make (or find) everything this node promises and file it.

    Raises UpstreamFailed when an input is not there, Permanent or Corrupt when it cannot be made, Retryable when it may
    work later. Whatever is raised, nothing is charged for what was not filed.
    """
    if node_id in run.reused:
        return NodeResult(node_id, NodeState.REUSED, run.reused[node_id])
    node = run.plan.node(node_id)
    started = time.monotonic()
    with context.database.read() as conn:
        before = runs.node_of(conn, run.account_id, run.id, node.id)
        have = () if node.renew else assets_of_node(conn, run.account_id, node.key)
    if before.state in MADE_NODES:
        # Asked again, because the answer to the first time got lost on its way.
        costs = (before.credits_micros, before.usd_micros, before.seconds)
        return NodeResult(node.id, before.state, before.asset_ids, *costs)
    if have:
        return _reuse(context, run, node)
    if node.action is Action.REUSE:
        raise _nothing_to_reuse(node)
    with context.database.write() as conn:
        runs.start_node(conn, run.account_id, run.id, node.id)
    with _workspace(context, run, node) as workspace:
        provider = context.providers[node.provider]
        if provider.sells:
            return _bought(context, run, node, workspace, started)
        draft = context.provenance.draft(history_of(context, run.account_id, node, workspace.inputs))
        workspace = replace(workspace, reserved_bytes=draft.reserved_bytes)
        order = Order(node.key, node.operation, node.model, node.params, len(node.outputs), node.units)
        made = attest(context, draft, provider.collect(provider.submit(order, workspace), order, workspace))
        infos = measure(context, made, dict(node.outputs))
        return _file(context, run, node, made, infos, started=started)


def fail_node(context: Context, run_id: str, node_id: str, reason: str) -> None:
    """Record that the node failed; what it needs afterwards is the flow's business."""
    with context.database.write() as conn:
        runs.finish_node(conn, runs.owner_of(conn, run_id), run_id, node_id, NodeState.FAILED, error=reason)


def _bought(context: Context, run: RunningRun, node: Node, workspace: Workspace, started: float) -> NodeResult:
    # Drafted first: nothing is bought that could not be signed.
    draft = context.provenance.draft(history_of(context, run.account_id, node, workspace.inputs))
    workspace = replace(workspace, reserved_bytes=draft.reserved_bytes)
    purchase = buy(context, run.account_id, node, run.id, run.hold_id, workspace)
    if purchase is None:
        return _reuse(context, run, node)
    try:
        made = context.providers[node.provider].collect(purchase.job_id, purchase.order, workspace)
        if not made:
            raise Permanent(f"{node.provider}/{node.model} delivered nothing", hint="nothing was charged")
        made = attest(context, draft, made)
        infos = measure(context, made, dict(node.outputs), complete=False)
    except (Permanent, Corrupt) as exc:
        # Collected again it would be as wrong: the job ends, so that the node can be bought anew.
        fail_job(context, run.account_id, purchase.order.order_key, str(exc))
        raise
    return _file(context, run, node, made, infos, started=started, purchase=purchase)


def _file(
    context: Context,
    run: RunningRun,
    node: Node,
    made: Sequence[Made],
    infos: Sequence[MediaInfo],
    *,
    started: float,
    purchase: Purchase | None = None,
) -> NodeResult:
    """Store the checked files, then record them, capture their price and end the job in one transaction."""
    stored: dict[Path, str] = {}
    for item, info in zip(made, infos, strict=True):
        # Placements that share one rendition share one file: it is stored once.
        if item.path not in stored:
            stored[item.path] = context.store.put(item.path, info.mime)
    files = [(stored[item.path], item.path, info) for item, info in zip(made, infos, strict=True)]
    looks = looks_of(files, context.settings.limits, context.ffmpeg)
    credits, usd = (0, 0) if purchase is None else _actual_cost(node, len(made), purchase)
    seconds = time.monotonic() - started
    with context.database.write() as conn:
        if purchase is None and (twin := runs.node_of(conn, run.account_id, run.id, node.id)).state in MADE_NODES:
            # A second attempt was faster; a signature differs each time, so both files cannot have the same name.
            return NodeResult(node.id, twin.state, twin.asset_ids, seconds=twin.seconds)
        if purchase is not None and not _end_job(conn, run, purchase.order):
            # Another run adopted the same job and filed it first: its assets are ours too, at no further cost.
            return _reuse_in(conn, run, node)
        assets = _assets(context, conn, run, node, made, infos, stored, (credits, usd), seconds)
        for asset in assets:
            add_asset(conn, run.account_id, asset)
        for sha256, look in looks.items():
            remember(conn, run.account_id, sha256, look)
        result = NodeResult(node.id, NodeState.DONE, tuple(asset.id for asset in assets), credits, usd, seconds)
        _record(conn, run, result, "; ".join(filter(None, (_shortfall(node, len(made)), unsigned_note(made)))))
        if purchase is not None:
            used = {metered_family(node.operation, node.makes): 1, USD: usd}
            memo = f"{run.plan.campaign} {node.id}"
            capture(conn, f"capture:{purchase.order.order_key}", run.hold_id, credits, memo, used=used)
    return result


def _shortfall(node: Node, delivered: int) -> str:
    return "" if delivered == len(node.outputs) else f"delivered {delivered} of {len(node.outputs)} files"


def _end_job(conn: Connection, run: RunningRun, order: Order) -> bool:
    """Mark the job stored; False when another run has done so before."""
    try:
        journal.mark_stored(conn, run.account_id, order.order_key, run.id)
    except Permanent as exc:
        if exc.fields.get("state") == "stored":
            return False
        raise
    return True


def _actual_cost(node: Node, delivered: int, purchase: Purchase) -> tuple[int, int]:
    """Credits and USD for what was delivered: billed units where the vendor states them, never above the bound."""
    meter = node.quote.meter
    if meter is None:
        raise Permanent(f"{node.id} has no price", hint="plan again")
    quoted = node.units.get(meter.unit, 1.0)
    quantity = purchase.status.units.get(meter.unit, quoted)
    if delivered < len(node.outputs) and meter.unit in ("image", "call"):
        # N ordered, k delivered: only the k are charged, whether or not the vendor has counted that way already.
        quantity = min(quantity, quoted * delivered / len(node.outputs))
    credits = meter.cost(quantity, meter.credits or 0)
    usd = meter.cost(quantity, meter.usd or 0)
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
            tags=tuple(node.words.get("tags", ())),
            title=str(node.words.get("title", "")),
            description=str(node.words.get("description", "")),
            alt_text=str(node.words.get("alt_text", "")),
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
            found |= dict.fromkeys(
                asset.id for asset in assets_of_node(conn, run.account_id, source.key) if asset.label == ""
            )
        else:
            found[input_id(conn, run.account_id, source.sha256)] = None
    return tuple(found)


def _record(conn: Connection, run: RunningRun, result: NodeResult, note: str = "") -> None:
    runs.finish_node(
        conn,
        run.account_id,
        run.id,
        result.node_id,
        result.state,
        asset_ids=result.asset_ids,
        credits_micros=result.credits_micros,
        usd_micros=result.usd_micros,
        seconds=result.seconds,
        error=note,
    )


def _reuse(context: Context, run: RunningRun, node: Node) -> NodeResult:
    with context.database.write() as conn:
        return _reuse_in(conn, run, node)


def _reuse_in(conn: Connection, run: RunningRun, node: Node) -> NodeResult:
    result = NodeResult(
        node.id, NodeState.REUSED, tuple(asset.id for asset in assets_of_node(conn, run.account_id, node.key))
    )
    _record(conn, run, result)
    return result


def _nothing_to_reuse(node: Node) -> Refused | UpstreamFailed:
    """A planned reuse has no price, so it is never made or bought instead."""
    if node.twin_of:
        return UpstreamFailed(f"{node.twin_of}, which makes the same, has made nothing", hint="see why it failed")
    return Refused(f"the library no longer has {node.id}", hint="plan again")


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
            inputs={
                name: _fetch(context, run.account_id, source, folder / "in", name)
                for name, source in node.inputs.items()
            },
            files={
                key: _fetch(context, run.account_id, source, folder / "in", key)
                for key, source in run.plan.brand_files.items()
            },
            brand=run.plan.brand,
            placements=context.catalog.placements,
            limits=context.settings.limits,
            ffmpeg=context.ffmpeg,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(context: Context, account_id: int, sources: Mapping[str, Source], folder: Path) -> dict[str, Path]:
    return {name: _fetch(context, account_id, source, folder, name) for name, source in sources.items()}


def _fetch(context: Context, account_id: int, source: Source, folder: Path, name: str) -> Path:
    sha256 = source.sha256 if isinstance(source, FileSource) else _made_by(context, account_id, source)
    local = context.store.local_path(sha256)
    if local is not None:
        return local
    target = folder / digest(name)[:16]
    try:
        context.store.get(sha256, target)
    except KeyError as exc:
        raise Permanent(f"input {name!r} ({sha256[:12]}) is not in the store", hint="run again with --refresh") from exc
    return target


def _made_by(context: Context, account_id: int, source: NodeSource) -> str:
    with context.database.read() as conn:
        assets = assets_of_node(conn, account_id, source.key)
    main = [asset for asset in assets if asset.label == ""]
    if not main:
        raise UpstreamFailed(f"{source.node_id} has made nothing", hint="see why it failed")
    return main[0].sha256
