"""`pressroom account`: its plan, its credits, and what is left of the month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, print_json, table, write
from pressroom.cli.options import Account, Json, customer
from pressroom.cli.views.whole_help import WholeHelp

if TYPE_CHECKING:
    from pressroom.services.accounts import AccountView

account = typer.Typer(
    cls=WholeHelp, help="The account: its subscription plan and what is left of the month.", no_args_is_help=True
)


@account.command("show")
def show_command(account: Account = None, as_json: Json = False) -> None:
    """The plan, the credits, and what of the monthly allowances is used, held and left."""
    from pressroom.cli.views.table import Column
    from pressroom.domain.money import credits_text, in_credits
    from pressroom.services.accounts import show_account

    with border(as_json):
        found = show_account(*customer(account))
        if as_json:
            print_json(found.as_dict())
            return
        held = f", {credits_text(found.held_micros)} held" if found.held_micros else ""
        given = "" if found.refill_micros is None else f", {credits_text(found.refill_micros)} more each month"
        credits = f"{in_credits(found.available_micros)}{held}{given}"
        write(f"{found.name}: plan {found.plan}, {credits}\n")
        figures = (Column(word, right=True) for word in ("used", "held", "limit", "left"))
        table((found.month, *figures), _rows(found))


@account.command("plan")
def plan_command(
    name: Annotated[str, typer.Argument(help="Name of the plan: free, basic, pro, enterprise.")],
    account: Account = None,
    memo: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "",
    key: Annotated[str, typer.Option(help="Name of this change: the same name is applied once.")] = "",
    as_json: Json = False,
) -> None:
    """Put the account on another subscription plan."""
    from pressroom.services.accounts import change_plan, show_account

    with border(as_json):
        principal, context = customer(account)
        change_plan(principal, context, name, memo=memo, key=key)
        found = show_account(principal, context)
        if as_json:
            print_json(found.as_dict())
            return
        write(f"{found.name}: plan {found.plan}\n")


@account.command("budget")
def budget_command(
    credits: Annotated[str, typer.Argument(help="The most credits that its runs cost in a month (UTC), or none.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Set what the account may spend in a month; what runs under way hold counts, and stays held."""
    from pressroom.domain.amounts import said_amount
    from pressroom.domain.money import credits_text
    from pressroom.services.accounts import set_budget

    with border(as_json):
        principal, context = customer(account)
        limit = None if credits.strip().lower() == "none" else said_amount(credits)
        found = set_budget(principal, context, limit)
        if as_json:
            print_json(found.as_dict())
            return
        write(f"{found.name}: {'no budget' if limit is None else credits_text(limit) + ' credits'} a month\n")


def _rows(found: AccountView) -> list[tuple[str, ...]]:
    from pressroom.domain.money import credits_text, usd_text
    from pressroom.planning.allowances import CREDITS, USD

    def text(family: str, value: int | None) -> str:
        if value is None:
            return "unlimited"
        return usd_text(value) if family == USD else credits_text(value) if family == CREDITS else str(value)

    return [
        (each.family, *(text(each.family, value) for value in (each.used, each.held, each.limit, each.left)))
        for each in found.allowances
    ]
