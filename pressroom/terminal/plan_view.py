"""The plan as a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pressroom.errors import Problem
from pressroom.money import credits_text, usd_text
from pressroom.planning.explain import (
    Alternative,
    Changes,
    Row,
    amounts_text,
    credits_phrase,
    dollars_text,
    rows_of,
    seconds_text,
)
from pressroom.planning.preflight import AccountFacts
from pressroom.planning.values import Action, Plan, Verdict

ACTION_STYLES = {Action.CREATE: "green", Action.REUSE: "dim", Action.ADOPT: "yellow", Action.BLOCKED: "red"}


def show_plan(
    console: Console,
    plan: Plan,
    verdict: Verdict,
    account: AccountFacts,
    *,
    alternatives: Iterable[Alternative] = (),
    changes: Changes | None = None,
) -> None:
    """Steps, totals against balance and budget, what changed, cheaper ways, and every problem."""
    if plan.nodes:
        console.print(_table(plan))
        console.print(_totals(plan, account))
    if changes is not None:
        console.print(Text(str(changes), style="dim"))
    for alternative in alternatives:
        console.print(Text.assemble(("cheaper  ", "cyan"), str(alternative)))
    show_problems(console, verdict.problems)
    if not verdict.allowed:
        console.print(Text.assemble(("refused", "bold red"), ": nothing was made and nothing was spent"))


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """One problem a line: where, what, and how to mend it."""
    for problem in problems:
        mark = ("error    ", "bold red") if problem.fatal else ("row      ", "yellow")
        place = problem.file + (f":{problem.line}" if problem.line else "")
        place += f":{problem.column}" if problem.line and problem.column else ""
        text = Text.assemble(mark, (f"{place}  ", "dim") if place else "", problem.message)
        if problem.hint:
            text.append(f"\n         {problem.hint}", style="cyan")
        console.print(text, soft_wrap=True)


def _table(plan: Plan) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=escape(plan.title), title_justify="left")
    table.add_column("step", overflow="fold", min_width=8)
    table.add_column("model", overflow="fold", min_width=10)
    table.add_column("nodes", justify="right")
    table.add_column("files", justify="right")
    table.add_column("action")
    table.add_column("credits", justify="right")
    table.add_column("USD", justify="right")
    table.add_column("time", justify="right")
    for row in rows_of(plan):
        table.add_row(
            Text(row.step, style="bold"),
            row.model,
            str(row.nodes),
            str(row.files),
            _action(row),
            amounts_text(row.credits, row.credits_bound),
            dollars_text(row.usd),
            seconds_text(row.seconds) if row.seconds else "-",
        )
    return table


def _action(row: Row) -> Text:
    only = next(iter(row.actions)) if len(row.actions) == 1 else None
    return Text(row.action_text, style=ACTION_STYLES[only] if only else "yellow")


def _totals(plan: Plan, account: AccountFacts) -> Text:
    totals = plan.totals
    price = credits_phrase(totals.credits_estimate, totals.credits_bound)
    text = Text.assemble(
        ("total    ", "bold"),
        f"{totals.nodes} nodes ({totals.create} to make, {totals.reuse} there"
        + (f", {totals.adopt} being bought" if totals.adopt else "")
        + (f", {totals.blocked} refused" if totals.blocked else "")
        + ")   ",
        (price, "bold"),
        f"   {dollars_text(totals.usd_estimate)}   about {seconds_text(totals.seconds)} of work\n",
        ("balance  ", "bold"),
        f"{credits_text(account.available_micros)} credits of {account.name!r}",
    )
    if plan.budget_credits is not None:
        text.append(f"   budget {credits_text(plan.budget_credits)} credits")
    if plan.budget_usd is not None:
        text.append(f"   budget {usd_text(plan.budget_usd)}")
    return text
