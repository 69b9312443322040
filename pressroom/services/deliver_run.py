"""After a run: put its deliverables into the out folder with the contact sheet beside them, and report the run.

By now the money is spent. Whatever keeps the files from their folder is therefore told in the report, and never raised:
what was paid is told as paid, and the files can be delivered later.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection

from pressroom.buying.journal import jobs_in
from pressroom.delivery.bucket import deliver as deliver_objects
from pressroom.delivery.folder import deliver
from pressroom.delivery.names import delivery_names
from pressroom.delivery.place import BucketPlace, Place, delivery_place, place_of
from pressroom.domain.errors import Invalid, PressroomError, Problem
from pressroom.domain.identity import Principal
from pressroom.domain.media import PICTURED, Asset, Kind
from pressroom.domain.states import MADE_NODES, OPEN_RUNS, JobState
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import assets_by_id, known
from pressroom.planning.plan import Plan
from pressroom.planning.stored_plan import load_plan
from pressroom.reporting.doubts import doubts_in
from pressroom.reporting.model import Delivery, RunReport
from pressroom.reporting.near_duplicates import too_alike
from pressroom.reporting.run_report import Names, RunFacts, report_of
from pressroom.runs import records as runs
from pressroom.runs.nodes import RunNode, nodes_of
from pressroom.runs.settlement import Settlement
from pressroom.services.branding import house_of
from pressroom.services.context import Context
from pressroom.services.settle_run import settlement_of
from pressroom.storage.base import FileBucket
from pressroom.storage.streams import room_in

CONTACT_SHEET = "contact-sheet.html"


def publish(context: Context, plan: Plan, settlement: Settlement) -> RunReport:
    """Deliver what the run made; an earlier delivery is replaced as a whole, or left alone when nothing was made.

    `delivery.problem` of the report says why the files are not in their folder, where they are not.
    """
    facts = _facts(context, plan, settlement)
    return _delivered(context, facts, _place(facts.record))


def deliver_run(principal: Principal, context: Context, run_id: str, out: Place | None = None) -> RunReport:
    """Deliver a run that has ended once more, into its folder in `out` or where it was to go: its own files, however old.

    Raises Invalid when the account has no such run, it is still going on, or nobody says where to.
    """
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        record = runs.run_of(conn, account_id, run_id)
    if record.state in OPEN_RUNS:
        raise Invalid(f"run {run_id} is still {record.state}", hint="wait for its end")
    if out is None and not record.out_dir:
        raise Invalid(f"run {run_id} has no folder for its files", hint="name one with --out")
    facts = _facts(context, load_plan(record.plan), settlement_of(context, account_id, record.id))
    before = _place(record)
    name = before.name.removesuffix(f"-{record.id}") or record.campaign
    return _delivered(context, facts, delivery_place(out, principal.account, name) if out else before)


def facts_of(principal: Principal, context: Context, run_id: str) -> RunFacts:
    """Everything on record of the account's run. Raises NotFound where it has none, Refused for one that never held credits."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        record = runs.run_of(conn, account_id, run_id)
    return _facts(context, load_plan(record.plan), settlement_of(context, account_id, record.id))


def report_of_run(principal: Principal, context: Context, run_id: str) -> RunReport:
    """The report of the account's run as it was delivered; nothing is delivered anew."""
    return _as_delivered(facts_of(principal, context, run_id))


def draw_sheet(principal: Principal, context: Context, run_id: str) -> Iterator[str]:
    """The contact sheet of the account's run, drawn of what the store has, wherever it was delivered."""
    facts = facts_of(principal, context, run_id)
    return _drawn(context, facts, _as_delivered(facts))


def _as_delivered(facts: RunFacts) -> RunReport:
    return report_of(facts, delivery_names(facts.deliverables), Delivery(facts.record.out_dir, facts.record.report))


def _place(record: runs.RunRecord) -> Place:
    """Where the run was to be delivered; in a bucket the folder of all runs that are delivered there."""
    found = place_of(record.out_dir)
    return found.parent if isinstance(found, BucketPlace) and found.name == record.id else found


def _delivered(context: Context, facts: RunFacts, place: Place) -> RunReport:
    folder = _folder(facts, place)
    names = delivery_names(facts.deliverables)
    try:
        report = _put(context, facts, names, folder)
    except (OSError, PressroomError) as exc:
        return report_of(facts, {}, Delivery(problem=_undelivered(facts, folder, exc)))
    try:
        with context.database.write() as conn:
            runs.record_delivery(
                conn, facts.settlement.account_id, report.run_id, out_dir=str(folder), report=report.delivery.sheet
            )
    except PressroomError as exc:
        note = Problem("delivery", f"where the files lie could not be recorded: {exc.message}", exc.hint, fatal=False)
        return replace(report, notes=(*report.notes, note))
    return report


def _folder(facts: RunFacts, place: Place) -> Place:
    """The run's own in a bucket; else the one whose delivery it replaces, unless it has made nothing to replace it with."""
    if isinstance(place, BucketPlace):
        return place / facts.record.id
    if facts.deliverables or place.name.endswith(facts.record.id):
        return place
    return place.with_name(f"{place.name}-{facts.record.id}")


def _put(context: Context, facts: RunFacts, names: Names, folder: Place) -> RunReport:
    files = {names[node.id, asset.id]: asset for node, asset in facts.deliverables}
    if isinstance(folder, Path):
        sheet = folder / CONTACT_SHEET
        report = report_of(facts, names, Delivery(str(folder), str(sheet), sheet.absolute().as_uri()))
        with room_in(folder):
            sha256s = {name: asset.sha256 for name, asset in files.items()}
            deliver(context.store, folder, sha256s, partial(_write_sheet, context, facts, report))
        return report
    bucket = context.open_files(folder.bucket)
    links = {name: _link(context, bucket, folder.key(name)) for name in (*files, CONTACT_SHEET)}
    link = links.pop(CONTACT_SHEET)
    report = report_of(facts, names, Delivery(str(folder), str(folder / CONTACT_SHEET), link, links))
    deliver_objects(context.store, bucket, folder, files, partial(_write_sheet, context, facts, report))
    return report


def _link(context: Context, bucket: FileBucket, key: str) -> str:
    """An address that opens in a browser: the public one, else one that is signed and expires."""
    public = context.settings.public_media_url
    return f"{public}/{quote(key)}" if public else bucket.link(key, context.settings.link_seconds)


def _undelivered(facts: RunFacts, folder: Place, exc: OSError | PressroomError) -> Problem:
    why = (exc.strerror or str(exc)) if isinstance(exc, OSError) else exc.message
    kept = "they are paid for and kept" if facts.settlement.captured_micros else "they are kept"
    hint = f"{kept} in the library: make room or choose another folder, then `pressroom runs deliver {facts.record.id}`"
    return Problem("delivery", f"the files could not be delivered to {folder}: {why}", hint)


def _write_sheet(context: Context, facts: RunFacts, report: RunReport, new: Path) -> Iterable[Path]:
    sheet = new / CONTACT_SHEET
    with sheet.open("w", encoding="utf-8") as file:
        file.writelines(_drawn(context, facts, report))
    return [sheet]


def _drawn(context: Context, facts: RunFacts, report: RunReport) -> Iterator[str]:
    from pressroom.reporting.contact_sheet import render_contact_sheet  # pixel libraries load slowly

    with _pictures(context, facts) as pictures:
        yield from render_contact_sheet(
            report,
            ffmpeg=context.ffmpeg,
            limits=context.settings.limits,
            cache=context.thumbnails,
            pictures=pictures,
            house=house_of(context, report.account),
        )


def _facts(context: Context, plan: Plan, settlement: Settlement) -> RunFacts:
    with context.database.read() as conn:
        account_id = settlement.account_id
        record = runs.run_of(conn, account_id, settlement.run_id)
        nodes = nodes_of(conn, account_id, settlement.run_id)
        assets = _assets(conn, account_id, nodes)
        facts = RunFacts(
            record=record,
            plan=plan,
            nodes=nodes,
            assets=assets,
            sources=list(assets_by_id(conn, account_id, _source_ids(assets)).values()),  # but for those purged since
            settlement=settlement,
            placements=context.catalog.placements,
            now=context.now(),
            billed=_billed(conn, account_id, record, nodes),
            notes=[*too_alike(conn, account_id, nodes, assets, context.operations), *doubts_in(nodes, assets)],
        )
    paths = {asset.sha256: context.store.local_path(asset.sha256) for asset in facts.all_assets}
    return replace(facts, paths={sha256: path for sha256, path in paths.items() if path is not None})


def _assets(conn: Connection, account_id: int, nodes: Sequence[RunNode]) -> dict[str, tuple[Asset, ...]]:
    """Node id -> what the run has of it; where a later run made it again, the files of this one."""
    made = [node for node in nodes if node.state in MADE_NODES]
    newest = known(conn, account_id, [node.key for node in made])
    found: dict[str, tuple[Asset, ...]] = {}
    for node in made:
        assets = newest.get(node.key, ())
        is_own = tuple(asset.id for asset in assets) == node.asset_ids
        found[node.node_id] = assets if is_own else tuple(assets_by_id(conn, account_id, node.asset_ids).values())
    return found


def _billed(conn: Connection, account_id: int, record: runs.RunRecord, nodes: Sequence[RunNode]) -> dict[str, int]:
    """Node id -> micro-USD that vendors have billed for it at the cost of this run, failed and rejected purchases too."""
    by_key: dict[str, int] = {}
    holds = runs.holds_of_run(conn, record.id)
    for job in jobs_in(conn, account_id, tuple(JobState), record.id):
        if job.billed_usd_micros is not None and job.is_cost_of(holds):
            by_key[job.node_key] = by_key.get(job.node_key, 0) + job.billed_usd_micros
    return {node.node_id: by_key.pop(node.key) for node in nodes if node.key in by_key}


@contextmanager
def _pictures(context: Context, facts: RunFacts) -> Iterator[dict[str, Path]]:
    """SHA-256 -> a local copy to make a thumbnail or an excerpt of, where the store is not a folder here."""
    with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
        copies: dict[str, Path] = {}
        for asset in facts.all_assets:
            if asset.sha256 in facts.paths or asset.sha256 in copies or asset.kind not in PICTURED | {Kind.TEXT}:
                continue
            try:
                context.store.get(asset.sha256, Path(folder) / asset.sha256)
            except (KeyError, OSError, PressroomError):
                continue  # shown without a picture: no delivery fails for want of a thumbnail
            copies[asset.sha256] = Path(folder) / asset.sha256
        yield copies


def _source_ids(assets: Mapping[str, Sequence[Asset]]) -> list[str]:
    """Ids of the parents that no node of this run made: what the user brought."""
    made = {asset.id for items in assets.values() for asset in items}
    parents = dict.fromkeys(parent for items in assets.values() for asset in items for parent in asset.parents)
    return [parent for parent in parents if parent not in made]
