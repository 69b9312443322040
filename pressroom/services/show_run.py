"""One run as it stands: what it is, what it waits for, its nodes, its report, and its files in one archive."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, cast

from pressroom.delivery.names import delivery_names
from pressroom.domain.content_hash import CHUNK_BYTES
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.domain.money import to_number
from pressroom.domain.states import OPEN_RUNS, QUEUED, WORKING_RUNS, NodeState, RunState
from pressroom.ledger.accounts import account_id_of
from pressroom.planning.plan import Plan
from pressroom.planning.stored_plan import load_plan
from pressroom.reporting.model import RunReport
from pressroom.runs import records as runs
from pressroom.runs.approvals import Approval, approvals_of
from pressroom.runs.nodes import RunNode, nodes_of
from pressroom.services.context import Context
from pressroom.services.deliver_run import draw_sheet, facts_of, report_of_run
from pressroom.services.list_runs import RunLine, line_of
from pressroom.services.suspend_run import Suspension, find_suspension

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # an archive of the same files has the same bytes


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, what it waits for while it is suspended, and what people have decided about it, where that was asked for."""

    line: RunLine
    waits_for: Suspension | None
    decisions: tuple[Approval, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        waits = None if self.waits_for is None else self.waits_for.as_dict()
        return {**self.line.as_dict(), "waits_for": waits, "decisions": [each.as_dict() for each in self.decisions]}


def show_run(principal: Principal, context: Context, run_id: str) -> RunView:
    """The account's run of this id or name, with the decisions on it. Raises NotFound where it has none."""
    view = view_of(principal, context, line_of(principal, context, run_id))
    with context.database.read() as conn:
        return replace(view, decisions=tuple(approvals_of(conn, view.line.run.id)))


def view_of(principal: Principal, context: Context, line: RunLine) -> RunView:
    """With what it waits for: few runs do, and each is looked at by itself."""
    if line.run.state != RunState.SUSPENDED:
        return RunView(line, None)
    found = find_suspension(principal, context, line.run.id)
    # It may have been taken up since its line was read.
    return RunView(line if found else line_of(principal, context, line.run.id), found)


def started_before(principal: Principal, context: Context, name: str) -> str | None:
    """The id of the account's run that was begun under this name; None where none was."""
    with context.database.read() as conn:
        found = runs.find_run(conn, account_id_of(conn, principal.account), name)
    return None if found is None else found.id


def show_nodes(principal: Principal, context: Context, run_id: str) -> list[RunNode]:
    """The nodes of the account's run, in the plan's order."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        return nodes_of(conn, account_id, runs.run_of(conn, account_id, run_id).id)


def node_as_dict(node: RunNode) -> dict[str, Any]:
    """Amounts in credits and millionths of a dollar."""
    return {
        "id": node.node_id,
        "step": node.step,
        "variant": node.variant,
        "operation": node.operation,
        "state": node.state,
        "action": node.action,
        "credits": to_number(node.credits_micros),
        "usd_micros": node.usd_micros,
        "seconds": node.seconds,
        "error": node.error,
        "assets": list(node.asset_ids),
    }


def show_generation(principal: Principal, context: Context, run_id: str) -> dict[str, Any]:
    """The account's run of one operation: `queued` before anything of it was begun, and the ids of what it made."""
    return as_generation(show_run(principal, context, run_id), show_nodes(principal, context, run_id))


def as_generation(view: RunView, nodes: Sequence[RunNode]) -> dict[str, Any]:
    """A run of one operation with its nodes, as the API tells it."""
    run = view.as_dict()
    begun = any(node.state != NodeState.WAITING for node in nodes)
    state = run["state"] if begun or run["state"] not in WORKING_RUNS else QUEUED
    errors = [node.error for node in nodes if node.error]
    return {
        "id": run["id"],
        "state": state,
        "operation": nodes[0].operation,
        "assets": [asset for node in nodes for asset in node.asset_ids],
        "error": run["error"] or (errors[0] if errors else ""),
        **{name: run[name] for name in ("credits", "usd_micros", "created_at", "finished_at", "waits_for")},
    }


def show_run_plan(principal: Principal, context: Context, run_id: str) -> Plan:
    """What was planned for the account's run."""
    with context.database.read() as conn:
        return load_plan(runs.run_of(conn, account_id_of(conn, principal.account), run_id).plan)


def show_report(principal: Principal, context: Context, run_id: str) -> RunReport:
    """How the account's run ended. Raises Invalid while it has not."""
    _require_ended(principal, context, run_id)
    return report_of_run(principal, context, run_id)


def contact_sheet_of(principal: Principal, context: Context, run_id: str) -> Iterator[bytes]:
    """The run on one page, in pieces: as it was delivered, where that is on this machine, else made of what the store has.

    Raises Invalid while it runs.
    """
    delivered = _require_ended(principal, context, run_id).report
    if delivered and "://" not in delivered and Path(delivered).is_file():
        return _read(Path(delivered))
    return (piece.encode() for piece in draw_sheet(principal, context, run_id))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def zip_run(principal: Principal, context: Context, run_id: str) -> Iterator[bytes]:
    """The run's deliverables as a ZIP archive, in pieces: no more of it than one is in memory. Raises Invalid while it runs."""
    _require_ended(principal, context, run_id)
    facts = facts_of(principal, context, run_id)
    names = delivery_names(facts.deliverables)
    files = {names[node.id, asset.id]: asset.sha256 for node, asset in facts.deliverables}
    return _zipped(context, files)


def _zipped(context: Context, files: dict[str, str]) -> Iterator[bytes]:
    sink = _Sink()
    with (
        zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED) as archive,
        tempfile.TemporaryDirectory() as folder,
    ):
        for name, sha256 in files.items():
            path = context.store.local_path(sha256)
            if path is None:
                path = Path(folder) / sha256
                context.store.get(sha256, path)
            with path.open("rb") as source, archive.open(zipfile.ZipInfo(name, _EPOCH), "w", force_zip64=True) as entry:
                while chunk := source.read(CHUNK_BYTES):
                    entry.write(chunk)
                    yield sink.taken()
            if path.parent == Path(folder):
                path.unlink()
            yield sink.taken()
    yield sink.taken()


class _Sink:
    """A file that cannot be sought in, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """What was written is there at once."""

    def taken(self) -> bytes:
        data, self._pieces = b"".join(self._pieces), []
        return data


def _require_ended(principal: Principal, context: Context, run_id: str) -> runs.RunRecord:
    record = line_of(principal, context, run_id).run
    if record.state in OPEN_RUNS:
        raise Invalid(f"run {record.id} is still {record.state}", hint="wait for its end")
    return record
