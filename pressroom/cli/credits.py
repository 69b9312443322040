"""`pressroom credits`: what an account has, what moved, and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.cli.console import border, print_json, table, time_json, usage, write
from pressroom.cli.options import Account, Json, here

if TYPE_CHECKING:
    from pressroom.ledger.statements import StatementLine
    from pressroom.services.context import Context

credits = typer.Typer(help="The account: balance, statement, grants.", invoke_without_command=True)


@credits.callback()
def balance(context: typer.Context, account: Account = None, as_json: Json = False) -> None:
    """Show the balance."""
    if context.invoked_subcommand is not None:
        return
    from pressroom.domain.money import credits_text, to_number
    from pressroom.ledger.accounts import balance_of

    with border(as_json):
        opened, name = _account(account)
        with opened.database.read() as conn:
            found = balance_of(conn, name)
        if as_json:
            amounts = (found.available_micros, found.held_micros, found.balance_micros)
            available, held, whole = map(to_number, amounts)
            print_json({"account": name, "plan": found.plan, "available": available, "held": held, "balance": whole})
            return
        held_text = f", {credits_text(found.held_micros)} held" if found.held_micros else ""
        write(f"{name}: {credits_text(found.available_micros)} credits{held_text}\n")


@credits.command("grant")
def grant_credits(
    amount: float,
    account: Account = None,
    memo: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "granted by hand",
    key: Annotated[str, typer.Option(help="Name of this grant: the same name is granted once.")] = "",
    as_json: Json = False,
) -> None:
    """Give an account credits."""
    import secrets

    from pressroom.domain.money import credits_text, micros, to_number
    from pressroom.ledger.accounts import grant

    with border(as_json):
        try:
            amount_micros = micros(amount)
        except ValueError as exc:
            raise usage(str(exc), "e.g. pressroom credits grant 25") from exc
        key = key or f"grant:{secrets.token_hex(8)}"
        opened, name = _account(account)
        with opened.database.write() as conn:
            given = grant(conn, key, name, amount_micros, memo)
        if as_json:
            print_json({"account": name, "granted": to_number(given), "key": key})
            return
        write(f"{name}: {credits_text(given)} credits granted\n")


@credits.command("statement")
def show_statement(
    account: Account = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many lines.")] = 50,
    as_json: Json = False,
) -> None:
    """Every movement of the account, newest first."""
    from pressroom.cli.views.table import Column
    from pressroom.domain.money import credits_text
    from pressroom.ledger.statements import statement

    with border(as_json):
        opened, name = _account(account)
        with opened.database.read() as conn:
            lines = statement(conn, name, limit=limit)
        if as_json:
            print_json([line_json(name, line) for line in lines])
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


def line_json(account: str, line: StatementLine) -> dict[str, Any]:
    from pressroom.domain.money import to_number

    return {
        "id": line.id,
        "account": account,
        "at": time_json(line.at),
        "kind": line.kind,
        "key": line.key,
        "memo": line.memo,
        "hold_id": line.hold_id,
        "credits": to_number(line.amount_micros),
        "held": to_number(line.held_micros),
        "balance": to_number(line.balance_micros),
    }


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
