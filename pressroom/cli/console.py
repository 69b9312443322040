"""What lies under every command: where errors become words and exit codes, and how results, tables and JSON are printed.

Results go to standard output, everything else to standard error. Exit status: 0 done or allowed, 1 something broke,
2 invalid document or usage, 3 refused, 4 finished with failed nodes or undelivered files, 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from pressroom.domain.errors import Invalid, PressroomError, Problem, Refused
from pressroom.domain.states import RunState
from pressroom.settings import settings_for

if TYPE_CHECKING:
    from rich.console import Console

DONE, BROKEN, INVALID, REFUSED, FAILED_NODES, INTERRUPTED = 0, 1, 2, 3, 4, 130

# What `run --json` has where nothing ran, so that a program reads every answer the same way.
NO_RUN: dict[str, Any] = {
    "run_id": None,
    "flow_run_id": None,
    "nodes": [],
    "credits": {"held": 0, "captured": 0, "released": 0, "balance": None},
    "report": None,
}


# printing


def stderr_console() -> Console:
    """Where people read: progress, plans and problems."""
    from rich.console import Console

    return Console(stderr=True)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


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
    if rows:
        Console().print(table)
    else:
        stderr_console().print("nothing there", highlight=False)


# errors


def usage(message: str, hint: str) -> Invalid:
    return Invalid.of([Problem("usage", message, hint)])


@contextmanager
def border(as_json: bool = False) -> Iterator[None]:
    """Where errors become words and exit codes."""
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except BaseException as exc:
        if _interrupted(exc):
            leave_interrupted()
        if not isinstance(exc, Exception):
            raise
        told = exc if isinstance(exc, PressroomError) else _unexpected(exc)
        _tell(told, as_json)
        code = INVALID if isinstance(told, Invalid) else REFUSED if isinstance(told, Refused) else BROKEN
        raise typer.Exit(code) from exc


def leave_interrupted() -> NoReturn:
    """End this process at once, threads and all."""
    sys.stderr.write("\ninterrupted: what was not spent has been released\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)


def _unexpected(exc: Exception) -> PressroomError:
    """A defect, or a machine in trouble: its traceback is for those who ask for it."""
    if _debugging():
        traceback.print_exception(exc)
    where = traceback.extract_tb(exc.__traceback__)[-1]
    message = f"{type(exc).__name__}: {exc} ({Path(where.filename).name}:{where.lineno})"
    return PressroomError(message, hint="`pressroom doctor` checks this machine; PRESSROOM_DEBUG=1 shows the traceback")


def _debugging() -> bool:
    try:
        return settings_for().debug
    except PressroomError:
        return False


def _interrupted(exc: BaseException | None) -> bool:
    """Whether a Ctrl-C or a termination is behind it: libraries wrap them in errors of their own."""
    while exc is not None:
        if (
            isinstance(exc, KeyboardInterrupt)
            or type(exc).__name__ == "TerminationSignal"
            or "KeyboardInterrupt" in str(exc)
        ):
            return True
        exc = exc.__cause__ or exc.__context__
    return False


def _tell(exc: PressroomError, as_json: bool) -> None:
    from pressroom.cli.views.plan_view import show_problems

    problems = exc.fields.get("problems") or [Problem(type(exc).__name__.lower(), exc.message, exc.hint)]
    show_problems(stderr_console(), problems)
    if as_json:
        state = (
            "invalid" if isinstance(exc, Invalid) else RunState.REFUSED if isinstance(exc, Refused) else RunState.FAILED
        )
        # The keys of a plan that came about are there as well, so that a program needs no second way to read this.
        empty: dict[str, Any] = {"plan_hash": None, "totals": {}, **NO_RUN}
        listed = [problem.as_dict() for problem in problems]
        print_json({**empty, "allowed": False, "state": state, "problems": listed})
