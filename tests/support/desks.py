"""A place to work: a folder with a small campaign, a home of its own, and the command line as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressroom.bootstrap import open_context
from pressroom.domain.errors import Invalid
from pressroom.ledger.accounts import account_id_of
from pressroom.providers.simulator.books import Books
from pressroom.services.context import Context
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings, settings_for
from tests.support import processes
from tests.support.media import product

PROGRAM = Path(sys.executable).with_name("pressroom")
TIMEOUT_SECONDS = 240

# Two pictures are bought from the simulated vendor (2 credits each), the rest is made here.
TINY = """\
pressroom: 1
name: tiny
inputs:
  photo: {type: image, default: photo.png}
  width: {type: number, default: 80}
steps:
  big:
    uses: upscale
    model: simulated/enlarge
    for_each: {mode: [conservative, fast]}
    with: {image: "{{ inputs.photo }}", scale: 2, mode: "{{ each.mode }}"}
  stage:
    uses: replace_background
    with: {image: "{{ inputs.photo }}", color: "#204060", width: 96, height: 64, shadow: none}
  thumb:
    uses: resize
    with: {image: "{{ steps.big }}", width: "{{ inputs.width }}", height: 60, format: jpeg}
  banner:
    uses: resize
    with: {image: "{{ steps.stage }}", width: 90, height: 50, format: png}
    collection: Banners
"""

# One picture is bought, and nothing else is made.
BOUGHT = """\
pressroom: 1
name: bought
steps:
  big: { uses: upscale, model: simulated/enlarge, with: { image: photo.png, scale: 2 } }
"""


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """`home` holds the state; its Prefect server is the session's."""

    folder: Path
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def campaign(self) -> Path:
        return self.folder / "campaign.yaml"

    @property
    def settings(self) -> Settings:
        return settings_for(self.folder, {}, home=str(self.home), rate_factor=0)

    @property
    def context(self) -> Context:
        return open_context(self.settings)

    @property
    def account_id(self) -> int:
        """0, which nobody has, before the account's first run."""
        context = self.context
        with context.database.read() as conn, suppress(Invalid):
            return account_id_of(conn, context.settings.account)
        return 0

    def request(self, **values: Any) -> RunRequest:
        return RunRequest(file=str(self.campaign), home=str(self.home), label="tiny", **values)

    def write(self, text: str) -> Path:
        self.campaign.write_text(text, encoding="utf-8")
        return self.campaign

    def start(self, *arguments: str | Path, piped: bool = False, **environment: str) -> subprocess.Popen[str]:
        """The command as a process, with the signals of a program that a person has started; `piped`: something is piped in."""
        return subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            cwd=self.folder,
            env=self._environment(environment),
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=processes.default_signals,
        )

    def pressroom(self, *arguments: str | Path, **environment: str) -> Finished:
        """Run a command to its end."""
        if processes.needs_new_interpreter(environment):
            return ended(self.start(*arguments, **environment))
        line = [str(argument) for argument in arguments]
        return Finished(*processes.command(PROGRAM, line, self.folder, self._environment(environment), TIMEOUT_SECONDS))

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**_clean(os.environ), "PRESSROOM_HOME": str(self.home), **self.environment, **more}

    def purchases(self) -> list[dict[str, Any]]:
        """What the simulated vendor has sold to this home, by its own books."""
        return Books(self.home / "simulated").purchases()

    def work_left(self) -> list[Path]:
        return list((self.home / "work").glob("*"))


def ended(process: subprocess.Popen[str], timeout_seconds: float = TIMEOUT_SECONDS) -> Finished:
    try:
        out, err = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Finished(process.returncode, out, err)


def eventually(condition: Callable[[], bool], seconds: float = 600) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def set_up(folder: Path, prefect_home: Path | None = None) -> Desk:
    """A desk below `folder` that uses the Prefect server of `prefect_home`; without one it has none yet."""
    desk = Desk(folder / "desk", folder / "home")
    desk.folder.mkdir()
    desk.home.mkdir()
    if prefect_home is not None:
        # Homes share a server by sharing its folder; ledger, library and media are this desk's own.
        (desk.home / "prefect").symlink_to(prefect_home / "prefect")
    product(64, 48).save(desk.folder / "photo.png")
    desk.write(TINY)
    return desk


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith(("PRESSROOM_", "PREFECT_"))}
