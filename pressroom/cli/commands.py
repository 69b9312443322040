"""The smaller commands: the account, the catalog, the runs and the local server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pressroom.cli.main import BROKEN, DONE, _border, _console, _print_json
from pressroom.domain.errors import Invalid, Problem
from pressroom.settings import Settings, settings_for

credit = typer.Typer(help="The account: balance, statement, grants.", invoke_without_command=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]


def register(app: typer.Typer) -> None:
    """Add every command but those of `pressroom.cli.main`."""
    from pressroom.cli.assets import assets

    app.add_typer(assets, name="assets")
    app.add_typer(credit, name="credits")
    for command in (models, placements, doctor, up, down, status, ui, runs):
        app.command()(command)


def models(operation: Annotated[str, typer.Argument(help="Only this operation.")] = "", as_json: Json = False) -> None:
    """The price book: what can be bought or computed."""
    from pressroom.bootstrap import catalog_for
    from pressroom.planning.explain import amounts_text, dollars_text

    with _border(as_json):
        rows = [row for row in catalog_for(here()).models.values() if operation in ("", row.operation)]
        if as_json:
            _print_json([row.model_dump(mode="json") for row in rows])
            return
        table(
            ("model", "operation", "tier", "credits", "USD", "per"),
            [
                (
                    row.name,
                    row.operation,
                    row.tier,
                    amounts_text(row.credits, row.bound_credits or row.credits),
                    dollars_text(row.usd),
                    row.unit,
                )
                for row in rows
            ],
            whole=(0, 1),
        )


def placements(
    platform: Annotated[str, typer.Argument(help="Only this platform.")] = "", as_json: Json = False
) -> None:
    """Where media can go: sizes, formats, limits, and where they are from."""
    from pressroom.bootstrap import catalog_for

    with _border(as_json):
        rows = [row for row in catalog_for(here()).placements.values() if platform in ("", row.platform, row.name)]
        if as_json:
            _print_json([row.model_dump(mode="json") for row in rows])
            return
        table(
            ("placement", "kind", "size", "formats", "MB", "seconds", "evidence", "as of"),
            [
                (
                    row.name,
                    row.kind.value,
                    f"{row.width} x {row.height}",
                    ", ".join(row.formats),
                    f"{row.byte_limit / 1_000_000:g}" if row.byte_limit else "-",
                    f"{row.duration_limit_seconds:g}" if row.duration_limit_seconds else "-",
                    row.evidence,
                    row.as_of,
                )
                for row in rows
            ],
        )


def doctor() -> None:
    """Check everything that a run needs: ffmpeg, fonts, store, database, Prefect, free disk."""
    from pressroom.cli.doctor import checks

    with _border():
        found = list(checks(here()))
        for check in found:
            mark = "ok  " if check.ok else "FAIL"
            sys.stdout.write(f"{mark}  {check.name:10} {check.text}\n")
        raise typer.Exit(DONE if all(check.ok for check in found) else BROKEN)


def up() -> None:
    """Start the local Prefect server of this home, if it is not running."""
    from pressroom.prefect_server.lifecycle import ensure_started

    with _border():
        server = ensure_started(here().home)
        server.wait_ready()
        sys.stdout.write(f"{'running' if server.reused else 'started'}: {server.ui_url}\n")


def down() -> None:
    """Stop the local Prefect server of this home."""
    from pressroom.prefect_server.lifecycle import stop

    with _border():
        sys.stdout.write("stopped\n" if stop(here().home) else "was not running\n")


def status() -> None:
    """Say whether the local Prefect server runs, and where."""
    from pressroom.prefect_server.lifecycle import check

    with _border():
        sys.stdout.write(check(here().home) + "\n")


def ui() -> None:
    """Open the Prefect page of the local server in a browser."""
    from pressroom.prefect_server.lifecycle import ensure_started

    with _border():
        server = ensure_started(here().home)
        server.wait_ready()
        sys.stdout.write(server.ui_url + "\n")
        typer.launch(server.ui_url)


def runs(campaign: Annotated[str, typer.Argument(help="Only this campaign.")] = "", as_json: Json = False) -> None:
    """The latest runs and how they ended."""
    from pressroom.bootstrap import open_context
    from pressroom.runs.records import list_runs

    with _border(as_json), open_context(inhabited()).database.read() as conn:
        found = list_runs(conn, campaign=campaign or None)
        if as_json:
            _print_json([{"id": r.id, "campaign": r.campaign, "state": r.state, "report": r.report} for r in found])
            return
        rows = [(r.id, r.campaign, r.state.replace("_", " "), f"{r.created_at:%Y-%m-%d %H:%M}") for r in found]
        table(("run", "campaign", "state", "started"), rows)


@credit.callback()
def balance(
    context: typer.Context, account: Annotated[str, typer.Option(help="Account; default: the settings'.")] = ""
) -> None:
    """Show the balance."""
    if context.invoked_subcommand is not None:
        return
    from pressroom.domain.money import credits_text
    from pressroom.ledger.accounts import balance_of

    with _border():
        opened, name = _account(account)
        with opened.database.read() as conn:
            found = balance_of(conn, name)
        held = f", {credits_text(found.held_micros)} held" if found.held_micros else ""
        sys.stdout.write(f"{name}: {credits_text(found.available_micros)} credits{held}\n")


@credit.command("grant")
def grant_credits(
    amount: float,
    account: Annotated[str, typer.Option(help="Account; default: the settings'.")] = "",
    memo: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "granted by hand",
    key: Annotated[str, typer.Option(help="Name of this grant: the same name is granted once.")] = "",
) -> None:
    """Give an account credits."""
    import secrets

    from pressroom.domain.money import credits_text, micros
    from pressroom.ledger.accounts import grant

    with _border():
        try:
            amount_micros = micros(amount)
        except ValueError as exc:
            raise usage(str(exc), "e.g. pressroom credits grant 25") from exc
        opened, name = _account(account)
        with opened.database.write() as conn:
            given = grant(conn, key or f"grant:{secrets.token_hex(8)}", name, amount_micros, memo)
        sys.stdout.write(f"{name}: {credits_text(given)} credits granted\n")


@credit.command("statement")
def show_statement(
    account: Annotated[str, typer.Option(help="Account; default: the settings'.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many lines.")] = 50,
) -> None:
    """Every movement of the account, newest first."""
    from pressroom.domain.money import credits_text
    from pressroom.ledger.statements import statement

    with _border():
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


def _account(name: str) -> tuple[Any, str]:
    """The opened home and the account, which starts with its grant when it is new."""
    from pressroom.bootstrap import open_context
    from pressroom.domain.money import micros
    from pressroom.ledger.accounts import ensure_account

    settings = here()
    opened = open_context(settings)
    name = name or settings.account
    with opened.database.write() as conn:
        ensure_account(conn, name, micros(settings.grant_credits), settings.plan)
    return opened, name


def usage(message: str, hint: str) -> Invalid:
    return Invalid.of([Problem("usage", message, hint)])


def here() -> Settings:
    return settings_for(Path.cwd())


def inhabited() -> Settings:
    """Settings of a home that is there: looking must not make a new, empty one where somebody happens to stand."""
    settings = here()
    if not settings.database_url.get_secret_value() and not settings.sqlite_path.is_file():
        hint = "go to the campaign's folder, or set PRESSROOM_HOME to its .pressroom"
        raise usage(f"nothing was run here yet: there is no {settings.sqlite_path}", hint)
    return settings


def table(columns: tuple[str, ...], rows: Sequence[Sequence[str]], whole: tuple[int, ...] = (0,)) -> None:
    """Print rows; the columns in `whole` hold what people copy and are never broken."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, overflow="fold", no_wrap=number in whole)
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.print(table) if rows else _console().print("nothing there", highlight=False)
