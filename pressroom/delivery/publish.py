"""After a run: put its deliverables into the out folder, with the contact sheet beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pressroom.delivery.folder import deliver
from pressroom.delivery.names import delivery_names
from pressroom.domain.media import Asset, Kind
from pressroom.domain.operation import Brand
from pressroom.domain.states import MADE_NODES
from pressroom.library.assets import get_asset, known
from pressroom.planning.plan import Plan
from pressroom.planning.stored_plan import load_plan
from pressroom.reporting.contact_sheet import render_contact_sheet
from pressroom.reporting.model import AssetReport, BrandReport, NodeReport, RunReport
from pressroom.reporting.near_duplicates import too_alike
from pressroom.reporting.statement import render_statement
from pressroom.runs import records as runs
from pressroom.services.context import Context
from pressroom.services.finish_run import Settlement
from pressroom.services.provenance_step import RECORD

CONTACT_SHEET = "contact-sheet.html"


@dataclass(frozen=True, slots=True)
class Published:
    """Where a person finds the run's files: the folder, the contact sheet, each delivered asset's path, the statement."""

    folder: Path
    report: Path
    paths: dict[tuple[str, str], Path]  # (node id, asset id) -> file
    statement: str  # Markdown


def publish(context: Context, settlement: Settlement) -> Published:
    """Deliver what the run made; an earlier delivery is replaced as a whole, or left alone when nothing was made."""
    account_id = settlement.account_id
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id, settlement.run_id)
        nodes = runs.nodes_of(conn, account_id, settlement.run_id)
        plan = load_plan(record.plan)
        assets = known(conn, account_id, (node.key for node in nodes if node.state in MADE_NODES))
        sources = [get_asset(conn, account_id, name) for name in _source_ids(assets)]
        notes = too_alike(context, conn, account_id, nodes, assets)
    delivered = [
        (plan.node(node.node_id), asset)
        for node in nodes
        if node.state in MADE_NODES and plan.node(node.node_id).deliver
        for asset in assets.get(node.key, ())
    ]
    names = delivery_names(delivered)
    files = {names[node.id, asset.id]: asset.sha256 for node, asset in delivered}
    folder = Path(record.out_dir)
    if not files:
        folder = folder.with_name(f"{folder.name}-{settlement.run_id}")
    with _pictures(context, [*sources, *(asset for items in assets.values() for asset in items)]) as paths:
        report = _report(context, record, plan, nodes, assets, sources, names, paths, settlement)
        report = replace(report, notes=tuple(notes))

        def write_sheet(new: Path) -> Iterable[Path]:
            sheet = new / CONTACT_SHEET
            html = render_contact_sheet(
                report,
                ffmpeg=context.ffmpeg,
                limits=context.settings.limits,
                cache=context.settings.home / "thumbnails",
            )
            sheet.write_text(html, encoding="utf-8")
            return [sheet]

        deliver(context.store, folder, files, write_sheet)
    path = folder / CONTACT_SHEET
    with context.database.write() as conn:
        runs.finish_run(conn, account_id, settlement.run_id, settlement.state, report=str(path), out_dir=str(folder))
    return Published(folder, path, {key: folder / name for key, name in names.items()}, render_statement(report))


@contextmanager
def _pictures(context: Context, assets: Iterable[Asset]) -> Iterator[dict[str, Path]]:
    """SHA-256 -> a local file to make a thumbnail of, copied from the store where that is not a folder here."""
    with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
        paths: dict[str, Path] = {}
        for asset in assets:
            if asset.sha256 in paths or asset.kind not in (Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT):
                continue
            local = context.store.local_path(asset.sha256)
            if local is None:
                local = Path(folder) / asset.sha256
                try:
                    context.store.get(asset.sha256, local)
                except KeyError:
                    continue  # shown without a picture
            paths[asset.sha256] = local
        yield paths


def _source_ids(assets: Mapping[str, Sequence[Asset]]) -> list[str]:
    """Ids of the parents that no node of this run made: what the user brought."""
    made = {asset.id for items in assets.values() for asset in items}
    parents = dict.fromkeys(parent for items in assets.values() for asset in items for parent in asset.parents)
    return [parent for parent in parents if parent not in made]


def _report(
    context: Context,
    record: runs.RunRecord,
    plan: Plan,
    nodes: Sequence[runs.RunNode],
    assets: Mapping[str, Sequence[Asset]],
    sources: Sequence[Asset],
    names: Mapping[tuple[str, str], str],
    paths: Mapping[str, Path],
    settlement: Settlement,
) -> RunReport:
    finished: datetime = record.finished_at or context.now()
    return RunReport(
        run_id=record.id,
        campaign=plan.campaign,
        title=plan.title,
        state=settlement.state,
        account=record.account,
        started=record.started_at or record.created_at or finished,
        finished=finished,
        held_micros=settlement.held_micros,
        captured_micros=settlement.captured_micros,
        released_micros=settlement.released_micros,
        balance_micros=settlement.balance_micros,
        usd_micros=settlement.usd_micros,
        plan_hash=plan.hash,
        problems=plan.problems,
        brand=_brand(plan.brand),
        nodes=tuple(_node(plan, node, assets.get(node.key, ()), names, paths) for node in nodes),
        sources=tuple(_asset(asset, None, paths) for asset in sources),
        placements=context.catalog.placements,
    )


def _brand(brand: Brand) -> BrandReport:
    return BrandReport(brand.name, dict(brand.colors))


def _node(
    plan: Plan,
    row: runs.RunNode,
    assets: Sequence[Asset],
    names: Mapping[tuple[str, str], str],
    paths: Mapping[str, Path],
) -> NodeReport:
    node = plan.node(row.node_id)
    return NodeReport(
        id=row.node_id,
        step=row.step,
        operation=row.operation,
        state=row.state,
        action=row.action,
        variant=dict(node.variant),
        provider=node.provider,
        model=node.model,
        credits_micros=row.credits_micros,
        usd_micros=row.usd_micros,
        seconds=row.seconds,
        error=row.error,
        assets=tuple(_asset(asset, names.get((row.node_id, asset.id)), paths) for asset in assets)
        if row.state in MADE_NODES
        else (),
    )


def _asset(asset: Asset, href: str | None, paths: Mapping[str, Path]) -> AssetReport:
    return AssetReport(
        id=asset.id,
        sha256=asset.sha256,
        kind=asset.kind,
        mime=asset.mime,
        bytes=asset.size_bytes,
        width=asset.width,
        height=asset.height,
        duration_seconds=asset.duration_seconds,
        placement=asset.placement,
        label=asset.label or asset.title,
        path=paths.get(asset.sha256),
        href=href,
        parents=asset.parents,
        prompt=asset.prompt,
        alt_text=asset.alt_text,
        details=asset.details,
        provenance=_provenance(asset),
        delivered=href is not None,
    )


def _provenance(asset: Asset) -> str:
    """How the file came to be, said truthfully: brought, drawn or processed here, or made by a vendor's model."""
    record = asset.details.get(RECORD)
    if not isinstance(record, dict):
        return _made_how(asset)
    return f"{_made_how(asset)}; source type {record['source_type']}, {'signed' if record['state'] == 'signed' else 'not signed'}"


def _made_how(asset: Asset) -> str:
    if asset.source_module == "input":
        return "brought by the user"
    if asset.provider == "local":
        drawn = asset.operation == "generate_image"
        return (
            "vector art drawn by Pressroom, no generative model"
            if drawn
            else f"processed by Pressroom ({asset.operation})"
        )
    return f"made by {asset.provider}/{asset.model}"
