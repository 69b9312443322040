"""Batches: one stored campaign with many rows of inputs, planned and priced as a whole, each row a run of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ConfigDict, Field

from pressroom.database.counting import Count
from pressroom.domain.asked import Asked
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import Invalid, Problem, Refused, refusal
from pressroom.domain.identity import Principal
from pressroom.domain.money import MAX_CREDITS, credits_text, in_credits, micros, to_number
from pressroom.domain.states import OPEN_RUNS
from pressroom.ledger.accounts import account_id_of
from pressroom.planning.totals import known_sum, totals_of
from pressroom.runs import batches
from pressroom.runs.batches import Batch, BatchRow, Standing
from pressroom.services.cancel_run import cancel_run
from pressroom.services.context import Context
from pressroom.services.documents import MAX_NAME_CHARACTERS, show_document
from pressroom.services.estimate import estimate_of
from pressroom.services.plan_campaign import Planned, PlanningContext, plan_campaign
from pressroom.services.run_request import RunRequest

MOST_ROWS: Final = 100  # one call plans all of them, and holds the credits of each
_SHOWN: Final = 20  # mistakes that are told of a batch


class BatchRequest(Asked):
    """A stored campaign, and the inputs of each of its runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    campaign: str = Field(min_length=1, max_length=MAX_NAME_CHARACTERS, description="A stored one, by name or id.")
    rows: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="The inputs of one run each; media as asset:ID or as an https address.",
    )
    refresh: list[str] = Field(default_factory=list, max_length=1_000, description='Steps to make again; "*": all.')
    approve: bool = Field(False, description="Approve plan and price of every row where the campaign asks for it.")
    max_credits: float | None = Field(
        None, ge=0, le=MAX_CREDITS, description="Refused where all rows together may cost more."
    )


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as it stands; without its rows where it is one of a list."""

    batch: Batch
    standing: Standing
    rows: Sequence[BatchRow] = ()

    def as_dict(self) -> dict[str, Any]:
        found, now = self.batch, self.standing
        credits = {"held": now.held_micros, "captured": now.captured_micros, "released": now.released_micros}
        return {
            "id": found.id,
            "campaign": found.campaign,
            "document": found.document_id,
            "state": now.state,
            "count": sum(now.rows.values()),
            "counts": dict(now.rows),
            "credits_bound": to_number(found.credits_bound_micros),
            "credits": {name: to_number(amount) for name, amount in credits.items()},
            "usd_micros": now.usd_micros,
            "created_by": found.created_by,
            "created_at": found.created_at.isoformat(),
            "cancelled_at": None if found.cancelled_at is None else found.cancelled_at.isoformat(),
            "rows": [
                {"inputs": dict(row.inputs), "run": row.run_id, "state": row.state, "error": row.error}
                for row in self.rows
            ],
        }


def estimate_batch(principal: Principal, planning: PlanningContext, asked: BatchRequest) -> dict[str, Any]:
    """What all rows together would cost, with what each would, and every reason against it. Writes nothing.

    What several rows have in common is bought once, and is in the estimate once; each row holds credits for it.
    """
    planned = _planned(principal, planning, asked, asked.campaign)
    once = totals_of(list({node.key: node for each in planned for node in each.plan.nodes}.values()))
    bound, available = _bound(planned), planned[0].account.available_micros
    problems = _against(planned, asked)
    return {
        "allowed": not any(problem.fatal for problem in problems),
        "plan_hash": text_digest("/".join(each.plan.hash for each in planned)),
        "credits_estimate": None if once.credits_estimate is None else to_number(once.credits_estimate),
        "credits_bound": None if bound is None else to_number(bound),
        "usd_estimate_micros": once.usd_estimate,
        "usd_bound_micros": known_sum(each.plan.totals.usd_bound for each in planned),
        "seconds": once.seconds,
        "balance": to_number(available),
        "balance_after": None if bound is None else to_number(available - bound),
        "made": once.create,
        "reused": once.reuse,
        "nodes": [],
        "problems": [problem.as_dict() for problem in problems],
        "rows": [estimate_of(each) for each in planned],
    }


def begin_batch(
    principal: Principal, context: Context, planning: PlanningContext, asked: BatchRequest, name: str
) -> BatchView:
    """Plan all rows and write them down, to be begun as there is room; where the account has a batch of this name, that one.

    Raises Invalid and Refused with every reason, of all rows; then nothing is begun. A row that is refused after that (the
    balance may be another's meanwhile) says why, and stops no other.
    """
    if asked.approve:
        principal.require_person("approving runs")
    if _found(principal, context, name) is None:
        document = show_document(principal, context, asked.campaign)
        planned = _planned(principal, planning, asked, document.id)
        fatal = tuple(problem for problem in _against(planned, asked) if problem.fatal)
        if fatal:
            raise Refused(f"the batch was refused: {'; '.join(map(str, fatal[:_SHOWN]))}", problems=fatal)
        with context.database.write() as conn:
            wanted = Batch(
                id=name,
                account_id=account_id_of(conn, principal.account),
                campaign=planned[0].plan.campaign,
                document_id=document.id,
                refresh=tuple(asked.refresh),
                approved=asked.approve,
                credits_bound_micros=_bound(planned) or 0,
                created_by=principal.user,
                created_at=context.now(),
                cancelled_at=None,
                token_id=principal.token,
            )
            batches.add_batch(conn, wanted, asked.rows)
    return show_batch(principal, context, name)


def resume_batch(principal: Principal, context: Context, name: str) -> BatchView:
    """Begin what of a batch was refused when it was to begin; harmless when repeated."""
    with context.database.write() as conn:
        found = batches.batch_of(conn, account_id_of(conn, principal.account), name)
        if found.cancelled_at is not None:
            raise refusal("batch", f"batch {name} was cancelled", "begin another one")
        if found.approved:
            principal.require_person("approving runs")
        batches.wait_again(conn, name, principal.token)
    return show_batch(principal, context, name)


def show_batch(principal: Principal, context: Context, name: str) -> BatchView:
    """The account's batch with its rows, as they stand."""
    with context.database.read() as conn:
        found = batches.batch_of(conn, account_id_of(conn, principal.account), name)
        return BatchView(found, batches.standing_of(conn, found), batches.rows_of(conn, found))


def list_batches(principal: Principal, context: Context, *, before: str = "", limit: int = 50) -> list[BatchView]:
    """The account's batches, the newest first, without their rows."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        found = batches.batches_of(conn, account_id, before=before, limit=limit)
        return [BatchView(each, batches.standing_of(conn, each)) for each in found]


def count_batches(principal: Principal, context: Context) -> Count:
    """How many batches the account has."""
    with context.database.read() as conn:
        return batches.count_batches(conn, account_id_of(conn, principal.account))


def cancel_batch(principal: Principal, context: Context, name: str) -> BatchView:
    """Begin nothing more of it, and cancel every run of it that has not ended; harmless when repeated."""
    with context.database.write() as conn:
        found = batches.batch_of(conn, account_id_of(conn, principal.account), name)
        batches.set_cancelled(conn, found.id, context.now())
    with context.database.turn(turn_of(name)):  # whoever begins one of its rows now is through before
        for row in show_batch(principal, context, name).rows:
            if row.run_id is not None and row.state in OPEN_RUNS:
                cancel_run(principal, context, row.run_id, f"batch {name} was cancelled")
    return show_batch(principal, context, name)


def _found(principal: Principal, context: Context, name: str) -> Batch | None:
    with context.database.read() as conn:
        return batches.find_batch(conn, account_id_of(conn, principal.account), name)


def _planned(principal: Principal, planning: PlanningContext, asked: BatchRequest, document: str) -> list[Planned]:
    """The plan of each row. Raises Invalid naming the row of every mistake; what is wrong with all rows alike is told once."""
    planned, wrong = [], []
    for number, row in enumerate(asked.rows):
        try:
            planned.append(plan_campaign(principal, planning, request_of_row(document, row, asked.refresh)))
        except Invalid as exc:
            if not exc.problems:
                raise
            wrong.append((number, exc))
    if not wrong:
        return planned
    first = wrong[0][1]
    if len(wrong) == len(asked.rows) > 1 and all(exc.problems == first.problems for _, exc in wrong):
        raise first
    raise Invalid.of([_of_row(number, problem) for number, exc in wrong for problem in exc.problems][:_SHOWN])


def turn_of(name: str) -> str:
    """What is held by whoever begins a row of the batch, or cancels it."""
    return f"batch:{name}"


def request_of_row(document: str, inputs: Mapping[str, Any], refresh: Sequence[str]) -> RunRequest:
    return RunRequest(document=document, inputs=dict(inputs), refresh=list(refresh))


def _bound(planned: Sequence[Planned]) -> int | None:
    """What all rows hold together."""
    return known_sum(each.plan.held for each in planned)


def _against(planned: Sequence[Planned], asked: BatchRequest) -> list[Problem]:
    """Every reason against it: of each row, and of all together."""
    problems = [_of_row(number, problem) for number, each in enumerate(planned) for problem in each.verdict.problems]
    bound, account = _bound(planned), planned[0].account
    if bound is None:
        return problems
    if bound > account.available_micros:
        left = credits_text(account.available_micros)
        message = f"all rows need up to {in_credits(bound)}, account {account.name!r} has {left}"
        problems.append(Problem("balance", message, "buy credits, or make fewer rows"))
    if asked.max_credits is not None and bound > micros(asked.max_credits):
        message = f"all rows need up to {in_credits(bound)}, max_credits is {asked.max_credits:g}"
        problems.append(
            Problem("budget_credits", message, "raise max_credits, or make fewer rows", path=("max_credits",))
        )
    return problems


def _of_row(number: int, problem: Problem) -> Problem:
    """At the row of the request; where in the campaign is told in words."""
    return replace(problem, message=f"row {number}: {problem.message}", path=("rows", number, *problem.path))
