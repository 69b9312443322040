"""The plan as a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from pressroom.cli.views.lines import counted, say
from pressroom.cli.views.table import Cell, Column, lay_out
from pressroom.domain.errors import Problem
from pressroom.domain.money import usd_text
from pressroom.domain.printable import printable
from pressroom.planning.explain import (
    Changes,
    Row,
    Saving,
    amounts_text,
    changes_of,
    credits_phrase,
    dollars_text,
    reasons_of,
    rows_of,
    savings_of,
    seconds_text,
)
from pressroom.planning.plan import Action, Plan, Verdict
from pressroom.planning.preflight import AccountFacts

if TYPE_CHECKING:
    from pressroom.services.plan_campaign import Planned

COLUMNS = (
    Column("step"),
    Column("model"),
    Column("nodes", right=True),
    Column("files", right=True),
    Column("action", prose=True),
    Column("credits", right=True),
    Column("USD", right=True),
    Column("time", right=True),
)
SAVINGS_SHOWN = 3
ACTION_STYLES = {Action.CREATE: "green", Action.REUSE: "dim", Action.ADOPT: "yellow", Action.BLOCKED: "red"}


def show_planned(console: Console, planned: Planned) -> None:
    """The plan of a campaign that was just compiled."""
    show_plan(
        console,
        planned.plan,
        planned.verdict,
        planned.account,
        savings=savings_of(planned.plan, planned.chooser),
        changes=changes_of(planned.plan, planned.last),
    )


def show_plan(
    console: Console,
    plan: Plan,
    verdict: Verdict,
    account: AccountFacts,
    *,
    savings: Iterable[Saving] = (),
    changes: Changes | None = None,
) -> None:
    """Steps, totals against balance and budget, what changed, cheaper ways, and every problem."""
    if plan.nodes:
        console.print(Text(printable(plan.title), style="italic"), soft_wrap=True)
        for line in lay_out(COLUMNS, list(_rows(plan)), console.width):
            console.print(line, soft_wrap=True)
        console.print()
        for reason in reasons_of(plan):
            say(console, "why", Text(printable(reason), style="dim"))
        say(console, "total", _totals(plan))
        say(console, "balance", _balance(plan, account))
    if changes is not None:
        say(console, "changes", Text(printable(str(changes)), style="dim"))
    _show_savings(console, list(savings))
    show_problems(console, verdict.problems)
    if not verdict.allowed:
        say(console, "refused", "nothing was made and nothing was spent", "bold red")


def _show_savings(console: Console, savings: Sequence[Saving]) -> None:
    for saving in savings[:SAVINGS_SHOWN]:
        say(console, "cheaper", str(saving), "cyan")
    if len(savings) > SAVINGS_SHOWN:
        say(console, "", f"and {len(savings) - SAVINGS_SHOWN} more")


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Each problem: where, what, and how to mend it."""
    for problem in problems:
        label, style = _label(problem)
        place = printable(_place(problem))
        text = Text.assemble((f"{place}  ", "dim") if place else "", printable(problem.message, keep="\n"))
        if problem.hint:
            text.append(f"\n{printable(problem.hint, keep=chr(10))}", style="cyan")
        say(console, label, text, style)


def _label(problem: Problem) -> tuple[str, str]:
    if problem.fatal:
        return "error", "bold red"
    return ("warning" if problem.is_note else "row"), "bold yellow"


def _place(problem: Problem) -> str:
    """`campaign.yaml:8:11`, relative to where the user stands if it lies below."""
    path = Path(problem.file)
    place = str(path.relative_to(Path.cwd()) if problem.file and path.is_relative_to(Path.cwd()) else problem.file)
    place += f":{problem.line}" if problem.line else ""
    return place + (f":{problem.column}" if problem.line and problem.column else "")


def _rows(plan: Plan) -> Iterator[Sequence[Cell]]:
    for row in rows_of(plan):
        yield (
            Text(printable(row.step), style="bold"),
            row.model,
            str(row.nodes),
            str(row.files),
            _action(row),
            amounts_text(row.credits, row.credits_bound),
            dollars_text(row.usd),
            seconds_text(row.seconds) if row.seconds else "-",
        )


def _action(row: Row) -> Text:
    only = next(iter(row.actions)) if len(row.actions) == 1 else None
    return Text(row.action_text, style=ACTION_STYLES[only] if only else "yellow")


def _totals(plan: Plan) -> Text:
    totals = plan.totals
    counts = (
        (totals.create, "to make"),
        (totals.adopt, "being bought"),
        (totals.reuse, "there"),
        (totals.blocked, "refused"),
    )
    parts = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    price = credits_phrase(totals.credits_estimate, totals.credits_bound)
    text = Text(f"{counted(totals.nodes, 'node')}: {parts}\n")
    text.append(price, style="bold")
    text.append(f"   {dollars_text(totals.usd_estimate)}")
    if totals.create or totals.adopt:
        text.append(f"   about {seconds_text(totals.seconds)} of work")
    return text


def _balance(plan: Plan, account: AccountFacts) -> str:
    available = account.available_micros
    text = f"{credits_phrase(available, available)} of {account.name!r}"
    if plan.budget_credits is not None:
        text += f"   budget {credits_phrase(plan.budget_credits, plan.budget_credits)}"
    if plan.budget_month is not None:
        text += f"   {credits_phrase(plan.budget_month, plan.budget_month)} a month"
    if plan.budget_usd is not None:
        text += f"   budget {usd_text(plan.budget_usd)}"
    if plan.suspends:
        text += "   waits for more when a budget is spent"
    return text
