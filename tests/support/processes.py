"""Processes forked from one that has imported everything: a fresh interpreter takes seconds for that.

What a command that runs so does, its environment, working folder, exit status and what it prints are a program's own. What
only a new interpreter reads (`PYTHON…`, the locale) needs a real start.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from subprocess import TimeoutExpired
from types import ModuleType
from typing import NoReturn

# All forked processes of a test session come from one server: what any of them needs is imported there, once. Of Prefect
# all but `prefect.main`: who imports that, imports Prefect, and has its settings read anew (`_SettingsOfNow`).
_IMPORTED = (
    "pytest", "psycopg", "tests.support.killing", "tests.support.http_kills", "tests.support.http_blows",
    "tests.support.spending",
    "pressroom.cli.main", "pressroom.services.plan_campaign", "pressroom.services.launch_run", "pressroom.services.recover_runs",
    "pressroom.cli.plan", "pressroom.cli.run", "pressroom.cli.views.run_view", "pressroom.art.gallery",
    "pressroom.services.execute_run", "pressroom.reporting.contact_sheet",
    "amplitude", "anyio", "asgi_lifespan", "asyncpg", "coolname", "dateparser", "dateutil.parser", "docker", "exceptiongroup",
    "fastapi", "fsspec", "graphviz", "griffe", "h2.connection", "httpx", "humanize", "jinja2", "jsonpatch", "jsonschema",
    "opentelemetry.trace", "pathspec", "pendulum", "prometheus_client", "pydantic_settings", "python_multipart", "rich.console",
    "slugify", "sqlalchemy.ext.asyncio", "sqlalchemy.orm", "toml", "websockets", "prefect.settings.models.root",
)  # fmt: skip
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "TZ")

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(list(_IMPORTED))


def needs_new_interpreter(environment: Mapping[str, str]) -> bool:
    """Whether some of these variables are read when an interpreter starts."""
    return any(name.startswith(_READ_AT_START) for name in environment)


def command(
    program: Path, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], timeout_seconds: float
) -> tuple[int, str, str]:
    """A command's exit status (minus the signal's number), standard output and error.

    Raises:
        TimeoutExpired: it took longer; the process is killed.
    """
    with tempfile.TemporaryDirectory() as there:
        files = Path(there, "out"), Path(there, "err")
        for file in files:
            file.touch()
        line = [str(program), *arguments]
        process = FORKED.Process(target=_become, args=(line, folder, dict(environment), files))
        process.start()
        process.join(timeout_seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(line, timeout_seconds, *(file.read_bytes() for file in files))
        out, err = (file.read_text(encoding="utf-8") for file in files)
        return process.exitcode, out, err


def default_signals() -> None:
    """For a new process: a test runner in the background hands down SIGINT as ignored, which a user's shell does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _become(line: list[str], folder: Path, environment: dict[str, str], files: tuple[Path, Path]) -> NoReturn:
    """Be the program."""
    for number, path in enumerate((os.devnull, *files)):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = line
    _SettingsOfNow.read()
    sys.meta_path.insert(0, _SettingsOfNow())
    default_signals()
    os._exit(_status_of_main())


class _SettingsOfNow(MetaPathFinder):
    """Finds nothing: has Prefect read its settings again when a program imports it, which may have changed them first."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "prefect.main":
            self.read()

    @staticmethod
    def read() -> None:
        from prefect import context

        context.refresh_global_settings_context()


def _status_of_main() -> int:
    from pressroom.__main__ import main

    status = 0
    try:
        main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    # In the order in which an interpreter ends.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status
