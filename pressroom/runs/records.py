"""The records of runs: what was planned, what happened, what it cost."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from pressroom.database.counting import Count, counted
from pressroom.database.dialect import in_values, insert_new
from pressroom.database.schema import account, approval, hold, hold_left, run, run_hold, run_node
from pressroom.domain.content_hash import canonical, text_digest
from pressroom.domain.errors import NotFound, Permanent
from pressroom.domain.states import (
    ENDED_RUNS,
    OPEN_RUNS,
    UNMADE_NODES,
    Decision,
    Runner,
    RunState,
    WaitsFor,
)
from pressroom.runs.nodes import RunNode, add_nodes, retry_nodes

DEFAULT_LIMIT: Final = 50
READY: Final[Mapping[str, str]] = {"kind": WaitsFor.NOTHING.value, "why": ""}
_RAN: Final = (RunState.RUNNING, RunState.COMPLETED, RunState.COMPLETED_WITH_FAILURES)
_COLUMNS: Final = tuple(column for column in run.c if column.name not in ("account_id", "plan"))


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. `plan` is the plan's JSON text (empty in lists), `totals` are JSON values, `report` is a path.

    `account` is its owner's name, filled in as it is read. The lease says which process works on it (see `leases`), `runner`
    who takes it up again. `waits_for` is JSON text: what a suspended run waits for, until `waits_until`.
    """

    id: str
    campaign: str
    plan_hash: str
    plan: str
    account: str = ""
    state: str = RunState.PLANNED
    hold_id: int | None = None
    flow_run_id: str = ""
    report: str = ""
    out_dir: str = ""
    totals: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lease: int = 0
    lease_holder: str = ""
    lease_until: datetime | None = None
    runner: str = Runner.CALLER
    waits_for: str = ""
    waits_until: datetime | None = None
    created_by: str = ""
    is_generation: bool = False


def create_run(conn: Connection, account_id: int, record: RunRecord, nodes: Sequence[RunNode]) -> None:
    """Write the account's run and all of its nodes. Raises Permanent when the id is taken."""
    if conn.execute(select(run.c.id).where(run.c.id == record.id)).scalar() is not None:
        raise Permanent(f"there is already a run {record.id}")
    row = asdict(record) | {
        "account_id": account_id,
        "totals": _json(record.totals),
        "created_at": record.created_at or datetime.now(UTC),
    }
    del row["account"]
    conn.execute(insert(run).values(**row))
    add_nodes(conn, record.id, nodes)


def start_run(
    conn: Connection,
    account_id: int,
    run_id: str,
    *,
    hold_id: int | None = None,
    flow_run_id: str | None = None,
    runner: Runner | None = None,
) -> None:
    """The run is under way, since it was first said to be; what is None stays as it was."""
    given = {"hold_id": hold_id, "flow_run_id": flow_run_id, "runner": runner}
    values = {name: value for name, value in given.items() if value is not None}
    _update_run(
        conn,
        account_id,
        run_id,
        OPEN_RUNS,
        RunState.RUNNING,
        started_at=_first(run.c.started_at),
        waits_for="",
        waits_until=None,
        **values,
    )
    if hold_id is not None:
        conn.execute(insert_new(conn, run_hold).values(run_id=run_id, hold_id=hold_id))


def reopen_run(conn: Connection, account_id: int, run_id: str) -> None:
    """The run goes on though it had ended: whatever of it was not made is to be made."""
    _update_run(conn, account_id, run_id, ENDED_RUNS, RunState.PLANNED, finished_at=None, error="")
    retry_nodes(conn, account_id, run_id, UNMADE_NODES)


def suspend_run(conn: Connection, account_id: int, run_id: str, waits_for: Mapping[str, Any], until: datetime) -> None:
    """Nobody works on the run until somebody has decided what it waits for."""
    values = {"waits_for": _json(waits_for), "waits_until": until, "lease_until": None}
    _update_run(conn, account_id, run_id, OPEN_RUNS, RunState.SUSPENDED, **values)


def holds_of_run(conn: Connection, run_id: str) -> tuple[int, ...]:
    """The holds that the run has had, the present one last."""
    present = case((run_hold.c.hold_id == run.c.hold_id, 1), else_=0)
    query = select(run_hold.c.hold_id).join_from(run_hold, run).where(run.c.id == run_id)
    return tuple(conn.execute(query.order_by(present, run_hold.c.hold_id)).scalars())


class HeldSums(NamedTuple):
    """What all holds of a run come to, in micro-credits."""

    held: int = 0
    captured: int = 0
    left: int = 0


def sums_of_runs(conn: Connection, run_ids: Collection[str]) -> dict[str, HeldSums]:
    """Run id -> what it has held, of those that have held something."""
    sums = (func.sum(hold.c.amount), func.sum(hold.c.captured), func.sum(hold_left))
    query = select(run_hold.c.run_id, *sums).join_from(run_hold, hold, hold.c.id == run_hold.c.hold_id)
    rows = conn.execute(query.where(in_values(run_hold.c.run_id, run_ids)).group_by(run_hold.c.run_id))
    return {row[0]: HeldSums(*map(int, row[1:])) for row in rows}


def finish_run(
    conn: Connection,
    account_id: int,
    run_id: str,
    state: str,
    *,
    report: str | None = None,
    out_dir: str | None = None,
    totals: Mapping[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """The run has ended in this state, when that was first said. Raises Permanent when it has ended in another."""
    given = {"report": report, "out_dir": out_dir, "error": error, "totals": None if totals is None else _json(totals)}
    values = {name: value for name, value in given.items() if value is not None}
    ended = _first(run.c.finished_at)
    _update_run(conn, account_id, run_id, (*OPEN_RUNS, state), state, finished_at=ended, lease_until=None, **values)


def record_delivery(conn: Connection, account_id: int, run_id: str, *, out_dir: str, report: str) -> None:
    """Where the run's files and its contact sheet lie; the run's state and times stay as they are."""
    which = (run.c.id == run_id, run.c.account_id == account_id)
    conn.execute(update(run).where(*which).values(out_dir=out_dir, report=report))


def run_of(conn: Connection, account_id: int, run_id: str) -> RunRecord:
    """Raises Invalid when there is no such run."""
    found = find_run(conn, account_id, run_id)
    if found is None:
        raise _no_run(run_id)
    return found


def find_run(conn: Connection, account_id: int, run_id: str) -> RunRecord | None:
    """The account's run of this id, or the one that it chose this name for; None when it has neither."""
    query = _runs(account_id, run.c.plan)
    row = conn.execute(query.where(run.c.id == run_id)).one_or_none()
    if row is None:
        owner = conn.execute(select(account.c.name).where(account.c.id == account_id)).scalar() or ""
        row = conn.execute(query.where(run.c.id == named_id(owner, run_id))).one_or_none()
    return None if row is None else _record(row)


def named_id(owner: str, name: str) -> str:
    """The id of the run for which this account chose the name: a name belongs to whoever uses it, ids are unique for all."""
    return f"r{text_digest(f'{len(owner)}:{owner}{name}')[:16]}"


def lock_run(conn: Connection, account_id: int, run_id: str) -> RunRecord:
    """The same as `run_of`, which nobody else changes before this transaction ends.

    What changes a run as a whole begins with this: two who decide about it at once come one after the other.
    """
    name = run_of(conn, account_id, run_id).id
    conn.execute(select(run.c.id).where(run.c.id == name).with_for_update())
    return run_of(conn, account_id, name)


def give_to(conn: Connection, record: RunRecord, runner: Runner) -> RunRecord:
    """The run, which this one works on from now on, and takes up again."""
    conn.execute(update(run).where(run.c.id == record.id).values(runner=runner))
    return replace(record, runner=runner)


def runs_of(conn: Connection, account_id: int, run_ids: Sequence[str]) -> list[RunRecord]:
    """Those of these runs that the account has, in this order, without their plans."""
    found = {row.id: _record(row) for row in conn.execute(_runs(account_id).where(in_values(run.c.id, run_ids)))}
    return [found[run_id] for run_id in run_ids if run_id in found]


def list_runs(
    conn: Connection,
    account_id: int,
    *,
    campaign: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: str | None = None,
) -> list[RunRecord]:
    """The account's newest runs (those older than the run `before`), without their plans. Raises NotFound for no such run."""
    query = _of_campaign(_runs(account_id), campaign).order_by(run.c.created_at.desc(), run.c.id.desc()).limit(limit)
    if before is not None:
        last = run_of(conn, account_id, before)
        query = query.where(
            tuple_(run.c.created_at, run.c.id) < tuple_(literal(last.created_at, run.c.created_at.type), last.id)
        )
    return [_record(row) for row in conn.execute(query)]


def count_runs(conn: Connection, account_id: int, campaign: str | None = None) -> Count:
    """How many runs the account has."""
    return counted(conn, _of_campaign(select(run.c.id).where(run.c.account_id == account_id), campaign))


def _of_campaign(query: Select[Any], campaign: str | None) -> Select[Any]:
    return query if campaign is None else query.where(run.c.campaign == campaign)


def owner_of(conn: Connection, run_id: str) -> int:
    """The account of a run, for what is handed a run by its id alone: a task, housekeeping. Raises Invalid.

    Never for a person's question: ids are not secret.
    """
    found = find_owner(conn, run_id)
    if found is None:
        raise _no_run(run_id)
    return found


def find_owner(conn: Connection, run_id: str) -> int | None:
    """The same, None when there is no such run."""
    found = conn.execute(select(run.c.account_id).where(run.c.id == run_id)).scalar()
    return None if found is None else int(found)


def standing_of(conn: Connection, run_id: str) -> tuple[RunState, int, int | None]:
    """The run's state, the number of its lease and its hold, whoever owns it: for the run itself, as long as it lives.

    Raises Invalid when there is no such run.
    """
    row = conn.execute(select(run.c.state, run.c.lease, run.c.hold_id).where(run.c.id == run_id)).one_or_none()
    if row is None:
        raise _no_run(run_id)
    return RunState(row.state), row.lease, row.hold_id


def run_of_flow(conn: Connection, account_id: int, flow_run_id: str) -> RunRecord | None:
    """The account's run that this flow run has begun."""
    query = _runs(account_id, run.c.plan).where(run.c.flow_run_id == flow_run_id)
    row = conn.execute(query.order_by(run.c.created_at.desc()).limit(1)).one_or_none()
    return None if row is None else _record(row)


def overdue(conn: Connection, now: datetime) -> list[tuple[int, str]]:
    """Owner and id of the runs that have waited for a person for as long as they may."""
    late = (run.c.state == RunState.SUSPENDED, run.c.waits_until <= now)
    return [(row.account_id, row.id) for row in conn.execute(select(run.c.account_id, run.c.id).where(*late))]


def is_overdue(record: RunRecord, now: datetime) -> bool:
    """Whether it is one of those."""
    return record.state == RunState.SUSPENDED and record.waits_until is not None and record.waits_until <= now


def is_ready(record: RunRecord) -> bool:
    """Whether it is suspended and has what it waited for."""
    return record.state == RunState.SUSPENDED and record.waits_for == _json(READY)


def ready_runs(conn: Connection) -> list[str]:
    """Ids of the suspended runs that have what they waited for."""
    query = select(run.c.id).where(run.c.state == RunState.SUSPENDED, run.c.waits_for == _json(READY))
    return list(conn.execute(query.order_by(run.c.created_at)).scalars())


def waiting_by_flow(conn: Connection, runner: Runner) -> dict[str, str]:
    """Flow run -> id of the suspended run that it has begun, of the runs on which this runner works."""
    query = select(run.c.flow_run_id, run.c.id).where(run.c.state == RunState.SUSPENDED, run.c.runner == runner)
    return {row.flow_run_id: row.id for row in conn.execute(query.where(run.c.flow_run_id != ""))}


def ran_before(conn: Connection, account_id: int, campaign: str, keys: Collection[str]) -> bool:
    """Whether the campaign's newest run that was not rejected was of all these nodes, by their content keys."""
    same = (run.c.account_id == account_id, run.c.campaign == campaign, run.c.state.in_(_RAN))
    newest = select(run.c.id).where(*same).order_by(run.c.created_at.desc()).limit(1).scalar_subquery()
    ran = set(conn.execute(select(run_node.c.key).where(run_node.c.run_id == newest)).scalars())
    return ran.issuperset(keys)


def last_good(conn: Connection, account_id: int, record: RunRecord) -> RunRecord | None:
    """The campaign's newest run before this one that was completed, or that somebody has approved."""
    approved = exists().where(approval.c.run_id == run.c.id, approval.c.decision == Decision.APPROVED)
    good = or_(run.c.state.in_((RunState.COMPLETED, RunState.COMPLETED_WITH_FAILURES)), approved)
    earlier = (run.c.campaign == record.campaign, run.c.created_at <= record.created_at, run.c.id != record.id, good)
    query = _runs(account_id, run.c.plan).where(*earlier).order_by(run.c.created_at.desc(), run.c.id.desc())
    row = conn.execute(query.limit(1)).one_or_none()
    return None if row is None else _record(row)


def known_flow_runs(conn: Connection, flow_run_ids: Collection[str]) -> set[str]:
    """Those flow runs that have begun a run, whosever it is and whatever became of it."""
    query = select(run.c.flow_run_id).where(in_values(run.c.flow_run_id, flow_run_ids))
    return set(conn.execute(query).scalars())


def unfinished_of_flow(conn: Connection, flow_run_id: str) -> list[str]:
    """Ids of the runs that one flow run began and that have not ended, whoever they belong to: for the engine's hooks."""
    query = select(run.c.id).where(run.c.flow_run_id == flow_run_id, run.c.finished_at.is_(None))
    return list(conn.execute(query).scalars())


def _first(column: Column[datetime]) -> ColumnElement[datetime]:
    """The moment that is there already, else now."""
    return func.coalesce(column, literal(datetime.now(UTC), column.type))


def _no_run(run_id: str) -> NotFound:
    return NotFound(f"there is no run {run_id!r}")


def _runs(account_id: int, *more: Any) -> Select[Any]:
    """The account's runs as RunRecord has them."""
    owner = account.c.name.label("account")
    return select(*_COLUMNS, *more, owner).join_from(run, account).where(run.c.account_id == account_id)


def _update_run(
    conn: Connection, account_id: int, run_id: str, allowed: Sequence[str], state: str, **values: Any
) -> None:
    which = (run.c.id == run_id, run.c.account_id == account_id, run.c.state.in_(allowed))
    if conn.execute(update(run).where(*which).values(state=state, **values)).rowcount == 0:
        raise Permanent(f"run {run_id} is {run_of(conn, account_id, run_id).state}, it cannot become {state}")


def _record(row: Row[Any]) -> RunRecord:
    values = {"plan": ""} | dict(row._mapping)
    return RunRecord(**values | {"totals": json.loads(values["totals"])})


def _json(value: Any) -> str:
    return canonical(value).decode()
