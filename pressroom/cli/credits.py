"""`pressroom credits`: what an account has, what moved, and grants."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, table, usage
from pressroom.cli.options import Account, here

if TYPE_CHECKING:
    from pressroom.services.context import Context

credits = typer.Typer(help="The account: balance, statement, grants.", invoke_without_command=True)


@credits.callback()
def balance(context: typer.Context, account: Account = None) -> None:
    """Show the balance."""
    if context.invoked_subcommand is not None:
        return
    from pressroom.domain.money import credits_text
    from pressroom.ledger.accounts import balance_of

    with border():
        opened, name = _account(account)
        with opened.database.read() as conn:
            found = balance_of(conn, name)
        held = f", {credits_text(found.held_micros)} held" if found.held_micros else ""
        sys.stdout.write(f"{name}: {credits_text(found.available_micros)} credits{held}\n")


@credits.command("grant")
def grant_credits(
    amount: float,
    account: Account = None,
    memo: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "granted by hand",
    key: Annotated[str, typer.Option(help="Name of this grant: the same name is granted once.")] = "",
) -> None:
    """Give an account credits."""
    import secrets

    from pressroom.domain.money import credits_text, micros
    from pressroom.ledger.accounts import grant

    with border():
        try:
            amount_micros = micros(amount)
        except ValueError as exc:
            raise usage(str(exc), "e.g. pressroom credits grant 25") from exc
        opened, name = _account(account)
        with opened.database.write() as conn:
            given = grant(conn, key or f"grant:{secrets.token_hex(8)}", name, amount_micros, memo)
        sys.stdout.write(f"{name}: {credits_text(given)} credits granted\n")


@credits.command("statement")
def show_statement(
    account: Account = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many lines.")] = 50,
) -> None:
    """Every movement of the account, newest first."""
    from pressroom.domain.money import credits_text
    from pressroom.ledger.statements import statement

    with border():
        opened, name = _account(account)
        with opened.database.read() as conn:
            lines = statement(conn, name, limit=limit)
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
        table(("when", "what", "credits", "held", "balance", "memo"), rows)


def _account(account: str | None) -> tuple[Context, str]:
    """The opened home and the account, which starts with its grant when it is new."""
    from pressroom.bootstrap import open_context
    from pressroom.domain.money import micros
    from pressroom.ledger.accounts import ensure_account

    settings = here(account)
    opened = open_context(settings)
    with opened.database.write() as conn:
        ensure_account(conn, settings.account, micros(settings.grant_credits), settings.plan)
    return opened, settings.account
