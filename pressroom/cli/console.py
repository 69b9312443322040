"""What lies under every command: where errors become words and exit codes, and how results, tables and JSON are printed.

Results go to standard output, everything else to standard error. Exit status: 0 done or allowed, 1 something broke,
2 invalid document or usage, 3 refused, 4 finished with failed nodes or undelivered files, 5 waits for a person, 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from pressroom.cli.interrupts import INTERRUPTED, InterruptsRaised, leave
from pressroom.domain import redaction
from pressroom.domain.errors import Invalid, PressroomError, Problem, Refused, in_one_line
from pressroom.domain.printable import is_utf8, printable, printable_json
from pressroom.domain.states import RunState
from pressroom.settings import secrets_around, settings_for

if TYPE_CHECKING:
    from rich.console import Console

    from pressroom.cli.views.table import Column

DONE, BROKEN, INVALID, REFUSED, FAILED_NODES, SUSPENDED = 0, 1, 2, 3, 4, 5

UNLIMITED_WIDTH = 10_000

# What `run --json` has where nothing ran, and `plan --json` where no plan came about, so that a program reads every answer
# of theirs the same way. The errors of other commands are `state` and `problems` alone.
NO_RUN: dict[str, Any] = {
    "run_id": None,
    "flow_run_id": None,
    "nodes": [],
    "credits": {"held": 0, "captured": 0, "released": 0, "balance": None},
    "report": None,
}
NO_PLAN: dict[str, Any] = {"plan_hash": None, "totals": {}, **NO_RUN, "allowed": False}


# printing


def stderr_console() -> Console:
    """Where people read: progress, plans and problems."""
    from pressroom.cli.views.harmless import HarmlessConsole

    return HarmlessConsole(stderr=True)


def write(text: str) -> None:
    """A result for people, on standard output."""
    sys.stdout.write(printable(text, keep="\n"))


def note(text: str) -> None:
    """A word beside the result, on standard error."""
    sys.stderr.write(printable(text, keep="\n"))


def print_json(value: Any) -> None:
    as_ascii = "utf" not in (sys.stdout.encoding or "").lower()
    sys.stdout.write(printable_json(json.dumps(value, indent=1, ensure_ascii=as_ascii)) + "\n")


def time_json(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def table(columns: Sequence[Column | str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows; a column given by its name alone stays whole."""
    from pressroom.cli.views.harmless import HarmlessConsole
    from pressroom.cli.views.table import Column, lay_out

    if not rows:
        note("nothing there\n")
        return
    console = HarmlessConsole()
    # Where nobody looks (a pipe) every row stays on its line, unless a width is asked for.
    width = console.width if console.is_terminal or "COLUMNS" in os.environ else UNLIMITED_WIDTH
    named = [column if isinstance(column, Column) else Column(column) for column in columns]
    for line in lay_out(named, rows, width):
        console.print(line, soft_wrap=True)


# errors


class RunInterrupted(KeyboardInterrupt):
    """A run was interrupted, and is in order; `left` says what it leaves."""

    def __init__(self, left: str) -> None:
        super().__init__()
        self.left = left


def usage(message: str, hint: str) -> Invalid:
    return Invalid.of([Problem("usage", message, hint)])


@contextmanager
def border(
    as_json: bool = False, folder: Path | None = None, *, empty: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Where errors become words and exit codes. The settings of `folder` (default: the current one) know the secrets.

    `empty` is what the command's JSON has beside the problems where it came to nothing.
    """
    try:
        _check_standing()
        with InterruptsRaised():
            yield
    except (typer.Exit, typer.Abort):
        raise
    except BaseException as exc:
        if is_interruption(exc):
            leave_interrupted(exc.left if isinstance(exc, RunInterrupted) else "")
        if not isinstance(exc, Exception):
            raise
        told = _told(exc, folder)
        _tell(told, folder, {**(empty or {})} if as_json else None)
        code = INVALID if isinstance(told, Invalid) else REFUSED if isinstance(told, Refused) else BROKEN
        raise typer.Exit(code) from exc


def _check_standing() -> None:
    """Every relative path and every setting starts from the current folder."""
    try:
        Path.cwd()
    except FileNotFoundError as exc:
        raise usage("the current folder is no longer there", "go to one that is: cd") from exc
    except PermissionError as exc:
        raise usage("the current folder may not be read", "go to one that may: cd") from exc


def harmless(text: str, folder: Path | None = None) -> str:
    """The text without a secret of this environment or of anybody's address."""
    from pressroom.bootstrap import secrets_of_vendors

    folder = folder or Path()
    return redaction.harmless(text, (*secrets_around(folder, os.environ), *secrets_of_vendors(folder)))


def leave_interrupted(left: str = "") -> NoReturn:
    """End this process at once, threads and all; `left` says what an interrupted run leaves."""
    note(f"\ninterrupted{left and f': {left}'}\n")
    leave(INTERRUPTED)


def _told(exc: Exception, folder: Path | None) -> PressroomError:
    if isinstance(exc, PressroomError):
        return exc
    if isinstance(exc, UnicodeEncodeError) and not is_utf8(exc.object):
        return usage(f"{exc.object:.200} is not UTF-8", "rename it, e.g. with convmv or mv, or pass other text")
    from pressroom.storage.streams import disk_error, no_room

    found = disk_error(exc, folder or Path()) if isinstance(exc, OSError) else no_room(exc, folder or Path())
    return found if isinstance(found, Refused) else _unexpected(exc, folder)


def _unexpected(exc: Exception, folder: Path | None) -> PressroomError:
    """A defect, or a machine in trouble: its traceback is for those who ask for it."""
    if _debugging():
        note(harmless("".join(traceback.format_exception(exc)), folder))
    where = traceback.extract_tb(exc.__traceback__)[-1]
    message = f"{type(exc).__name__}: {in_one_line(exc)} ({Path(where.filename).name}:{where.lineno})"
    return PressroomError(message, hint="`pressroom doctor` checks this machine; PRESSROOM_DEBUG=1 shows the traceback")


def _debugging() -> bool:
    try:
        return settings_for().debug
    except PressroomError:
        return False


def is_interruption(exc: BaseException | None) -> bool:
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


def _tell(exc: PressroomError, folder: Path | None, answer: dict[str, Any] | None) -> None:
    from pressroom.cli.views.plan_view import show_problems

    found = exc.problems or [Problem(type(exc).__name__.lower(), exc.message, exc.hint)]
    problems = [
        replace(item, message=harmless(item.message, folder), hint=harmless(item.hint, folder)) for item in found
    ]
    show_problems(stderr_console(), problems)
    if answer is not None:
        state = (
            "invalid" if isinstance(exc, Invalid) else RunState.REFUSED if isinstance(exc, Refused) else RunState.FAILED
        )
        known = {name: exc.fields[name] for name in answer if name in exc.fields}
        print_json({**answer, **known, "state": state, "problems": [problem.as_dict() for problem in problems]})
