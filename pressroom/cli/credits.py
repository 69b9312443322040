"""`pressroom credits`: what an account has, what moved, and grants."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom.cli.console import border, print_json, table, usage, write
from pressroom.cli.options import Account, Json, customer, is_by_itself
from pressroom.cli.views.whole_help import WholeHelp

credits = typer.Typer(cls=WholeHelp, help="The account: balance, statement, grants.", invoke_without_command=True)


@credits.callback()
def balance(context: typer.Context, account: Account = None, as_json: Json = False) -> None:
    """Show the balance."""
    if not is_by_itself(context):
        return
    from pressroom.domain.money import credits_text, in_credits, to_number
    from pressroom.services.accounts import show_account

    with border(as_json):
        found = show_account(*customer(account))
        if as_json:
            amounts = (found.available_micros, found.held_micros, found.balance_micros)
            available, held, whole = map(to_number, amounts)
            print_json(
                {"account": found.name, "plan": found.plan, "available": available, "held": held, "balance": whole}
            )
            return
        held_text = f", {credits_text(found.held_micros)} held" if found.held_micros else ""
        write(f"{found.name}: {in_credits(found.available_micros)}{held_text}\n")


@credits.command("grant")
def grant_command(
    amount: float,
    account: Account = None,
    memo: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "granted by hand",
    key: Annotated[str, typer.Option(help="Name of this grant: the same name is granted once.")] = "",
    as_json: Json = False,
) -> None:
    """Give an account credits."""
    import secrets

    from pressroom.domain.money import in_credits, micros, to_number
    from pressroom.services.accounts import grant_credits

    with border(as_json):
        try:
            amount_micros = micros(amount)
        except ValueError as exc:
            raise usage(str(exc), "e.g. pressroom credits grant 25") from exc
        key = key or f"grant:{secrets.token_hex(8)}"
        principal, context = customer(account)
        given = grant_credits(principal, context, amount_micros, memo=memo, key=key)
        if as_json:
            print_json({"account": principal.account, "granted": to_number(given), "key": key})
            return
        write(f"{principal.account}: {in_credits(given)} granted\n")


@credits.command("refill")
def refill_command(
    amount: Annotated[str, typer.Argument(help="Credits for the beginning of each month (UTC), or none.")],
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Give an account so many credits each month from now on, this one included; what is left of them stays."""
    from pressroom.domain.amounts import said_amount
    from pressroom.domain.money import credits_text
    from pressroom.services.refill_accounts import set_refill

    with border(as_json):
        principal, context = customer(account)
        given = None if amount.strip().lower() == "none" else said_amount(amount)
        found = set_refill(principal, context, given)
        if as_json:
            print_json(found.as_dict())
            return
        write(f"{found.name}: {'no credits' if given is None else credits_text(given) + ' credits'} each month\n")


@credits.command("refund")
def refund_captured(
    capture_key: Annotated[str, typer.Argument(help="Key of the capture, as `statement --json` shows it.")],
    amount: Annotated[str, typer.Argument(help="Credits to give back; default: all that is left of it.")] = "",
    account: Account = None,
    memo: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "refunded by hand",
    key: Annotated[str, typer.Option(help="Name of this refund: the same name is refunded once.")] = "",
    as_json: Json = False,
) -> None:
    """Give captured credits back, all or in parts, never more than were captured."""
    from pressroom.domain.money import in_credits, micros, to_number
    from pressroom.services.accounts import refund_credits

    with border(as_json):
        try:
            wanted = micros(amount) if amount else None
        except ValueError as exc:
            raise usage(str(exc), "e.g. pressroom credits refund capture:... 1.5") from exc
        principal, context = customer(account)
        given = refund_credits(principal, context, capture_key, wanted, memo=memo, key=key)
        if as_json:
            print_json({"account": principal.account, "capture": capture_key, "refunded": to_number(given)})
            return
        write(f"{principal.account}: {in_credits(given)} refunded\n")


@credits.command("statement")
def statement_command(
    account: Account = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many lines.")] = 50,
    as_json: Json = False,
) -> None:
    """Every movement of the account, newest first."""
    from pressroom.cli.views.table import Column
    from pressroom.domain.money import credits_text
    from pressroom.services.accounts import show_statement

    with border(as_json):
        principal, context = customer(account)
        lines = show_statement(principal, context, limit=limit)
        if as_json:
            print_json([line.as_dict(principal.account) for line in lines])
            return
        rows = [
            (
                f"{line.at:%Y-%m-%d %H:%M}",
                line.kind,
                credits_text(line.amount_micros),
                credits_text(line.held_micros),
                credits_text(line.balance_micros),
                line.memo,
            )
            for line in lines
        ]
        figures = (Column(word, right=True) for word in ("credits", "held", "balance"))
        table(("when", "what", *figures, Column("memo", prose=True)), rows)
