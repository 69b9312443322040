"""Runs that wait for a person: for approval of plan and price, for a decision on what was made, for more credits, or because
somebody has suspended them.

What a run waits for, how long, what it has spent and what it misses is in its record; no process and no worker waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, Refused, refusal
from pressroom.domain.events import ApprovalWanted, RunDecided, RunEnded
from pressroom.domain.identity import Principal
from pressroom.domain.money import to_number
from pressroom.domain.months import month_of
from pressroom.domain.operation import Asks
from pressroom.domain.states import (
    FOR_A_WORD,
    FOR_APPROVAL,
    OPEN_NODES,
    Decision,
    NodeState,
    Runner,
    RunState,
    WaitsFor,
)
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.ledger.allowances import NONE_HELD, units_of_hold
from pressroom.ledger.holds import Hold, extend_hold
from pressroom.library.assets import known
from pressroom.planning.allowances import CREDITS, USD
from pressroom.planning.plan import Plan
from pressroom.planning.stored_plan import load_plan
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.runs.approvals import Approval, approvals_of, note
from pressroom.runs.nodes import drop_nodes, nodes_of, retry_nodes
from pressroom.runs.questions import Chosen, Question, answered, question_of
from pressroom.services.context import Context
from pressroom.services.hand_over import hand_over
from pressroom.services.run_means import Means, held_anew, how_to_go_on, means_of, resized, with_more, without_nodes
from pressroom.services.running import RunningRun
from pressroom.services.settle_run import close_run, held_by, release_present, settlement_of
from pressroom.services.tell_run import tell_ended


@dataclass(frozen=True, slots=True)
class Suspension:
    """What a run waits for. Amounts are micro-credits: spent so far, held for it, and missing to make the rest."""

    run_id: str
    campaign: str
    plan_hash: str
    waits_for: WaitsFor
    why: str
    spent_micros: int = 0
    held_micros: int = 0
    missing_micros: int = 0
    until: str = ""  # ISO 8601, UTC; then what it holds is given back
    asks: tuple[Question, ...] = ()  # what it asks about what it has made
    lacks: tuple[Means, ...] = ()  # dollars and purchases that are missing, besides credits
    refused: str = ""  # why what somebody has decided last was not taken

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.waits_for.value,
            "why": self.why,
            "spent": to_number(self.spent_micros),
            "held": to_number(self.held_micros),
            "missing": to_number(self.missing_micros),
            "lacks": [each.as_dict() for each in self.lacks],
            "until": self.until,
            "hint": self.hint,
            "asks": [each.as_dict() for each in self.asks],
        }

    @property
    def whole_micros(self) -> int:
        """What the run may come to in all."""
        return self.spent_micros + self.held_micros + self.missing_micros

    @property
    def hint(self) -> str:
        """What a person may do."""
        if self.waits_for is WaitsFor.APPROVAL:
            return f"pressroom approve {self.run_id}, or pressroom reject {self.run_id}"
        if self.waits_for is WaitsFor.DECISION:
            chosen = "".join(f" {each.option}" for each in self.asks if each.asks is Asks.CHOICE)
            return f"pressroom approve {self.run_id}{chosen}, or pressroom reject {self.run_id}"
        if self.waits_for is WaitsFor.CREDITS:
            credits = Means(CREDITS, self.spent_micros, self.held_micros, self.held_micros + self.missing_micros)
            return how_to_go_on(self.run_id, [*([credits] if credits.missing else []), *self.lacks])
        return f"pressroom resume {self.run_id}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decides about a run that waits: `dropped` are steps or nodes not to be made, `cap_micros` is the most that
    the run may cost in all, `usd_micros` the most that its purchases may cost at vendors, None as it is. `door` is where it was
    said: the command line, the API, Prefect's pages. `chosen` is what is asked about -> number of its take, or of several.
    `runner` goes on with the run where only its caller would: the server at which it was said."""

    decision: Decision
    door: str
    cap_micros: int | None = None
    dropped: tuple[str, ...] = ()
    plan_hash: str = ""
    chosen: Chosen = field(default_factory=dict)
    usd_micros: int | None = None
    runner: Runner = Runner.CALLER

    @property
    def caps(self) -> dict[str, int]:
        """Those that are given."""
        given = {CREDITS: self.cap_micros, USD: self.usd_micros}
        return {of: cap for of, cap in given.items() if cap is not None}


def suspension_of(principal: Principal, context: Context, run_id: str) -> Suspension:
    """What the account's run waits for. Raises Invalid when there is no such run or it waits for nobody."""
    record, found = _looked_at(principal, context, run_id)
    if found is None:
        raise Invalid(f"run {record.id} is {record.state}, it waits for nobody", hint="pressroom runs")
    return found


def find_suspension(principal: Principal, context: Context, run_id: str) -> Suspension | None:
    """The same, None where it waits for nobody."""
    return _looked_at(principal, context, run_id)[1]


def _looked_at(principal: Principal, context: Context, run_id: str) -> tuple[runs.RunRecord, Suspension | None]:
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id_of(conn, principal.account), run_id)
        return record, _suspension(conn, context, record) if record.state == RunState.SUSPENDED else None


def waits_for_a_word(principal: Principal, context: Context, run_id: str) -> bool:
    """Whether the account's run waits for no more than that somebody lets it go on. Raises Invalid when there is no such run."""
    with context.database.read() as conn:
        record = runs.run_of(conn, account_id_of(conn, principal.account), run_id)
    return record.state == RunState.SUSPENDED and _kind(record) in FOR_A_WORD


def _kind(record: runs.RunRecord) -> WaitsFor:
    return WaitsFor(json.loads(record.waits_for)["kind"])


def suspend_run(
    context: Context, run: RunningRun, waits_for: WaitsFor, why: str, questions: Sequence[Question] = ()
) -> Suspension:
    """Leave the run until somebody has decided. Its hold stays for so long; what has been ordered is kept as it comes."""
    with context.database.write() as conn:
        leases.require(conn, run.id, run.lease)
        retry_nodes(conn, run.account_id, run.id, (NodeState.RUNNING,))
        found = suspend_in(conn, context, run.account_id, run.id, waits_for, why, questions=questions)
    tell_suspended(context, run.principal, found)
    return found


def ask_again(context: Context, run: RunningRun, refused: str) -> None:
    """Let the run wait for the same once more, as long as at first: what somebody has decided was refused, for this reason."""
    with context.database.write() as conn:
        record = runs.lock_run(conn, run.account_id, run.id)
        if record.state == RunState.SUSPENDED:
            _wait(conn, context, record.id, run.account_id, json.loads(record.waits_for) | {"refused": refused})


def tell_suspended(context: Context, principal: Principal, found: Suspension) -> None:
    """Call it once the suspension is committed."""
    about = {"account": principal.account, "run": found.run_id, "campaign": found.campaign}
    if found.waits_for in FOR_APPROVAL:
        wanted = ApprovalWanted(
            **about, credits=to_number(found.held_micros), plan_hash=found.plan_hash, reason=found.why
        )
        context.events.emit(wanted)
        return
    context.events.emit(
        RunEnded(
            **about,
            state=RunState.SUSPENDED,
            captured_credits=to_number(found.spent_micros),
            released_credits=0,
            usd=0,
            seconds=0,
            nodes={},
            reason=f"{found.why}; {found.hint}",
        )
    )


def suspend_in(
    conn: Connection,
    context: Context,
    account_id: int,
    run_id: str,
    waits_for: WaitsFor,
    why: str,
    *,
    by_agent: bool = False,
    questions: Sequence[Question] = (),
) -> Suspension:
    """The same within a transaction. `by_agent`: an agent asks for it, whose token is not to answer."""
    waits: dict[str, Any] = {"kind": waits_for.value, "why": why}
    waits |= {"by_agent": True} if by_agent else {}
    waits |= {"asks": [each.as_dict() for each in questions]} if questions else {}
    return _wait(conn, context, run_id, account_id, waits)


def _wait(conn: Connection, context: Context, run_id: str, account_id: int, waits: Mapping[str, Any]) -> Suspension:
    until = context.now() + timedelta(seconds=context.settings.approval_seconds)
    runs.suspend_run(conn, account_id, run_id, waits, until)
    record = runs.run_of(conn, account_id, run_id)
    assert record.hold_id is not None, "a run holds credits, or none was begun"
    found = _suspension(conn, context, record)
    # A minute longer than anybody may decide, so that it never ends under a decision.
    expires = until + timedelta(minutes=1)
    extend_hold(conn, f"extend:{run_id}:{expires.isoformat()}", record.hold_id, expires)
    return found


def decide(principal: Principal, context: Context, run_id: str, verdict: Verdict) -> Suspension | None:
    """Put the decision on record and let the run go on, with more or less held at once; None when it was rejected and closed.

    Raises Invalid for a run that waits for nobody, a name that it has no node of or a choice that is left open, Refused for a
    plan other than the one that was shown, for a cap below what was spent, for more credits in place of an approval, where the
    account has too few, and for who may not decide: tokens that have caps or are an agent's may reject, and nothing else.
    """
    if verdict.decision is not Decision.REJECTED:
        principal.require_person("approving and resuming runs")
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        record = _waiting(conn, account_id, run_id, verdict)
        if verdict.decision is not Decision.REJECTED:
            _require_another(conn, principal, record)
        if verdict.decision is Decision.REJECTED:
            close_run(conn, account_id, record.id, RunState.CANCELLED, f"rejected by {principal.user or 'a person'}")
            _noted(conn, principal, context, record, verdict)
            found, held = None, 0
        else:
            plan = load_plan(record.plan)
            dropped = _dropped(conn, account_id, record.id, plan, verdict.dropped)
            answers = _answers(conn, account_id, record, plan, verdict, dropped)
            drop_nodes(conn, account_id, record.id, dropped, "not approved")
            hold = _resized(conn, context, record, plan, dropped, verdict)
            _noted(conn, principal, context, record, verdict, hold, dropped, answers)
            hand_over(conn, context, record, plan, verdict.runner)
            found, held = suspend_in(conn, context, account_id, record.id, WaitsFor.NOTHING, ""), hold.amount_micros
    _tell_decided(principal, context, record, verdict.decision, held)
    return found


def _waiting(conn: Connection, account_id: int, run_id: str, verdict: Verdict) -> runs.RunRecord:
    """The run, where it waits for such a verdict."""
    record = runs.lock_run(conn, account_id, run_id)
    if record.state != RunState.SUSPENDED:
        raise Invalid(f"run {record.id} is {record.state}, it waits for nobody", hint="pressroom runs")
    if verdict.chosen and runs.is_ready(record):
        last = approvals_of(conn, record.id)[-1]
        text = f"run {record.id} was {last.decision} by {last.decided_by} from {last.decided_from} already"
        raise Refused(text, hint="what was chosen first is made")
    if verdict.plan_hash and verdict.plan_hash != record.plan_hash:
        raise Refused(f"run {record.id} is of another plan than the one that was shown", hint="look at it again")
    if verdict.decision is Decision.RESUMED and _kind(record) in FOR_APPROVAL:
        raise Refused(f"run {record.id} waits for approval", hint=f"pressroom approve {record.id}")
    return record


def _asked(record: runs.RunRecord) -> tuple[Question, ...]:
    return tuple(question_of(each) for each in json.loads(record.waits_for).get("asks", ()))


def _answers(
    conn: Connection,
    account_id: int,
    record: runs.RunRecord,
    plan: Plan,
    verdict: Verdict,
    dropped: tuple[str, ...],
) -> dict[str, int | None]:
    """What is said of each node that asks. Raises Refused where another run has chosen among the same takes meanwhile."""
    asked = _asked(record)
    keys = {name: plan.node(name).key for each in asked for name in each.places if not plan.node(name).renew}
    there = known(conn, account_id, list(keys.values())) if keys else {}
    still: list[Question] = []
    for each in asked:
        left = tuple(name for name in each.places if not there.get(keys.get(name, "")))
        if left:
            still.append(each if left == each.places else replace(each, nodes=left))
        elif any(name in verdict.chosen for name in (each.node_id, each.step, *each.places)):
            text = f"another run has chosen for {each.node_id} meanwhile, among the same takes"
            raise Refused(text, hint=f"say nothing of it to take that, or run again with --refresh {each.step}")
    return answered(still, verdict.chosen, dropped)


def _tell_decided(
    principal: Principal, context: Context, record: runs.RunRecord, decision: Decision, held_micros: int
) -> None:
    about = {"account": principal.account, "run": record.id, "campaign": record.campaign}
    by = principal.user or principal.account
    context.events.emit(RunDecided(**about, decision=decision, by=by, credits=to_number(held_micros)))
    if decision is Decision.REJECTED:
        with context.database.read() as conn:
            account_id = account_id_of(conn, principal.account)
        tell_ended(context, settlement_of(context, account_id, record.id))


def _require_another(conn: Connection, principal: Principal, record: runs.RunRecord) -> None:
    """Raises Refused for the token with which an agent has asked for this run, whatever else it may be used for."""
    asked = json.loads(record.waits_for).get("by_agent") and principal.token is not None
    if asked and principal.token in {hold.token_id for hold in held_by(conn, record.id)}:
        text = f"run {record.id} was asked for with this very token"
        raise refusal("person", text, "have a person approve it")


def _suspension(conn: Connection, context: Context, record: runs.RunRecord) -> Suspension:
    said = json.loads(record.waits_for)
    here = "" if record.runner != Runner.CALLER else f"it goes on where it was begun: pressroom resume {record.id}"
    means = means_of(conn, context, record.id, load_plan(record.plan))
    credits = means.pop(CREDITS)
    return Suspension(
        record.id,
        record.campaign,
        record.plan_hash,
        WaitsFor(said["kind"]),
        here if runs.is_ready(record) else said["why"],
        credits.spent,
        credits.held,
        credits.missing,
        record.waits_until.isoformat() if record.waits_until else "",
        _asked(record),
        tuple(each for each in means.values() if each.missing),
        said.get("refused", ""),
    )


def _dropped(conn: Connection, account_id: int, run_id: str, plan: Plan, names: Iterable[str]) -> tuple[str, ...]:
    """Ids of the named nodes, or of those of the named steps, with all that need them."""
    known = {node.id for node in plan.nodes} | {node.step for node in plan.nodes}
    for name in names:
        if name not in known:
            raise Invalid(f"run {run_id} has no node or step {name!r}", hint=did_you_mean(name, known))
    wanted = set(names)
    gone: dict[str, None] = {}
    for node in plan.nodes:
        if node.id in wanted or node.step in wanted or any(name in gone for name in node.upstream):
            gone[node.id] = None
    waiting = {node.node_id for node in nodes_of(conn, account_id, run_id) if node.state in OPEN_NODES}
    return tuple(name for name in gone if name in waiting)


def _resized(
    conn: Connection,
    context: Context,
    record: runs.RunRecord,
    plan: Plan,
    dropped: tuple[str, ...],
    verdict: Verdict,
) -> Hold:
    """The hold without what is not made, up to the caps, and with what it was short of where it waits for that.

    That of another month cannot have what this one leaves: another takes its place.
    """
    waits = verdict.decision is Decision.RESUMED and _kind(record) is WaitsFor.CREDITS
    if waits and held_by(conn, record.id)[-1].month != (month := month_of(context.now())):
        release_present(conn, record)
        hold = held_anew(conn, context, record.id, plan, f"hold:{record.id}:{month}", verdict.caps)
        runs.start_run(conn, runs.owner_of(conn, record.id), record.id, hold_id=hold.id)
        return hold
    left = without_nodes(conn, context, record.id, plan, dropped)
    if verdict.caps or waits:
        more = with_more(conn, context, record.id, plan, verdict.caps)
        left |= more if verdict.decision is Decision.RESUMED else {of: more[of] for of in verdict.caps}
    return resized(conn, context, record.id, plan, left)


def _noted(
    conn: Connection,
    principal: Principal,
    context: Context,
    record: runs.RunRecord,
    verdict: Verdict,
    hold: Hold | None = None,
    dropped: tuple[str, ...] = (),
    answers: Mapping[str, int | None] = MappingProxyType({}),
) -> None:
    credits = hold.amount_micros if hold else 0
    usd = units_of_hold(conn, hold.id).get(USD, NONE_HELD).amount if hold else 0
    about = (record.plan_hash, credits, dropped, principal.user or principal.account, verdict.door)
    note(conn, record.id, Approval(verdict.decision, *about, context.now(), answers, usd))
