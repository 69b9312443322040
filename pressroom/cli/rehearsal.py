"""`pressroom run --rehearse`: a whole campaign against the simulator, with real adapters, play money and a home of its own."""

from __future__ import annotations

import fcntl
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import SecretStr
from rich.console import Console

from pressroom.cli.console import usage
from pressroom.delivery.place import place_of
from pressroom.domain.errors import Problem
from pressroom.domain.purchases import SHOW_JOB
from pressroom.planning.refusals import NO_KEY
from pressroom.services.context import Context
from pressroom.settings import Settings
from pressroom.simulator.serve import MORE_KEYS, SPOKEN, Address, serving

if TYPE_CHECKING:
    from pressroom.keys.vendor_keys import Keys
    from pressroom.services.plan_campaign import Planned
    from pressroom.services.run_request import RunRequest
    from pressroom.simulator.faults import Faults
    from pressroom.simulator.world import World

FOLDER: Final = "rehearsal"  # in the home, and in the folder of the deliverables
PLAY_CREDITS: Final = 1_000_000
# Of a plan in which more vendors might have helped.
_WANT_OF_VENDORS: Final = frozenset({NO_KEY, "no_model", "no_model_fits"})
# Nothing of the real place is touched, and nothing is signed in anybody's name: the files are no vendor's work.
_OWN: Final[dict[str, Any]] = {
    "database_url": SecretStr(""),
    "store": "",
    "grant_credits": PLAY_CREDITS,
    "callback_url": "",
    "provenance": "off",
}


@dataclass(frozen=True)
class Rehearsal:
    """Where a campaign is rehearsed: settings and keys that lead nowhere but to the simulator, and its books.

    `real` are the settings of the home that is rehearsed for: its library and stored campaigns are read.
    """

    settings: Settings
    real: Settings
    keys: Keys
    world: World
    vendors: tuple[str, ...]

    def request(self, request: RunRequest) -> RunRequest:
        """The same, its deliverables apart from the real ones."""
        out = place_of(request.out) if request.out else request.folder / "out"
        return request.model_copy(update={"out": str(out / FOLDER)})

    def told(self, problem: Problem) -> Problem:
        """The same, saying where vendors were left out that might have helped."""
        if problem.code not in _WANT_OF_VENDORS or len(self.vendors) == len(SPOKEN):
            return problem
        why = f"only vendors that have a key here are rehearsed ({', '.join(self.vendors)}): --all-vendors takes all"
        return replace(problem, hint="; ".join(filter(None, (problem.hint, why))))


class RehearsedContext(Context):
    """The context of a rehearsal: what it says to call is called for its own home."""

    @classmethod
    def of(cls, context: Context) -> Self:
        return cls(**{each.name: getattr(context, each.name) for each in fields(context)})

    def recordable(self, text: str) -> str:
        command = f"PRESSROOM_HOME={shlex.quote(str(self.settings.home))} {SHOW_JOB}"
        recorded = super().recordable(text)
        return recorded if command in recorded else recorded.replace(SHOW_JOB, command)


@contextmanager
def rehearsal(
    settings: Settings, faults: Path | None, *, all_vendors: bool = False, latency_seconds: float = 1.0
) -> Iterator[Rehearsal]:
    """The simulator, as long as the block runs. What the last rehearsal left in its home goes.

    Without `all_vendors` the vendors are those that have a key here, so that it chooses as the run will; all where none has.
    """
    from pressroom.bootstrap import open_world
    from pressroom.simulator.faults import Faults, read_faults

    drawn: Faults = read_faults(faults, 0, SPOKEN) if faults is not None else Faults()
    home = settings.home / FOLDER
    with _alone(home), serving(lambda folder: open_world(settings, folder, drawn, latency_seconds)) as (address, world):
        names = tuple(SPOKEN) if all_vendors else _with_keys(settings) or tuple(SPOKEN)
        yield Rehearsal(_settings(settings, home, address), settings, _keys(home, names), world, names)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise usage("another rehearsal is under way here", "wait until it has ended") from exc
        shutil.rmtree(home)
        yield


def _with_keys(settings: Settings) -> tuple[str, ...]:
    from pressroom.bootstrap import catalog_for, keys_for

    catalog = catalog_for(settings)
    known = keys_for(settings).known(catalog)
    return tuple(name for name in SPOKEN if known.intersection(catalog.providers[name].keys))


def _keys(home: Path, vendors: tuple[str, ...]) -> Keys:
    from pressroom.keys.vendor_keys import Keys

    return Keys({**{SPOKEN[name][1]: SPOKEN[name][2] for name in vendors}, **MORE_KEYS}, home)


def _settings(settings: Settings, home: Path, address: Address) -> Settings:
    urls = {f"{name}_url": url for name, url in address.urls().items()}
    hosts = ",".join(filter(None, (settings.private_hosts, address.hosts)))
    own = {**_OWN, "home": home, "private_hosts": hosts, "plan": _plan_of(settings), **urls}
    return settings.model_copy(update=own)


def _plan_of(settings: Settings) -> str:
    """The subscription of the account that the run will be for."""
    if not settings.database_url.get_secret_value() and not settings.sqlite_path.is_file():
        return settings.plan
    from pressroom.bootstrap import open_context
    from pressroom.domain.errors import PressroomError
    from pressroom.domain.identity import Principal
    from pressroom.services.accounts import show_account

    try:
        return show_account(Principal(settings.account), open_context(settings)).plan
    except PressroomError:  # an account opens with its first run
        return settings.plan


def plan_rehearsed(stage: Rehearsal, request: RunRequest) -> Planned:
    """The campaign's plan, named as a rehearsal wherever its title is shown."""
    from pressroom.bootstrap import open_context, open_planning
    from pressroom.services.fetch_inputs import planned_with_inputs
    from pressroom.services.lend_assets import borrowed_in, borrowing, lend_assets
    from pressroom.services.plan_campaign import plan_campaign

    principal, asked = request.principal(stage.settings.account), stage.request(request)
    planning = borrowing(open_planning(stage.settings, stage.keys), open_planning(stage.real))
    planned = planned_with_inputs(
        principal,
        lambda: open_context(stage.settings, stage.keys),
        lambda: plan_campaign(principal, planning, asked),
    )
    if borrowed := borrowed_in(planned.plan):
        lend_assets(principal, open_context(stage.real), open_context(stage.settings, stage.keys), borrowed)
    title = f"Rehearsal: {planned.plan.title or planned.plan.campaign}"
    verdict = replace(planned.verdict, problems=tuple(map(stage.told, planned.verdict.problems)))
    return replace(planned, plan=replace(planned.plan, title=title), verdict=verdict)


def run_rehearsed(stage: Rehearsal, planned: Planned, console: Console) -> dict[str, Any]:
    """Run the plan against the simulator, in this process and without Prefect; the finished run as JSON values.

    A person whom it asks is played too: of every choice the best take.
    """
    from pressroom.bootstrap import open_context
    from pressroom.cli.flow_run import Watched, outcome_of
    from pressroom.cli.views.progress import live_progress
    from pressroom.services.answer_by_scores import answered_by_scores
    from pressroom.services.launch_run import see_through
    from pressroom.services.run_lease import alive
    from pressroom.services.start_run import new_run_id, start_run

    context, run_id = RehearsedContext.of(open_context(stage.settings, stage.keys)), new_run_id()
    run = start_run(planned.request.principal(stage.settings.account), context, planned, run_id=run_id, approved=True)
    with live_progress(console, Watched(context, run_id).read, "rehearsing"):
        while True:
            with alive(context, run) as life:
                report = see_through(context, run, life)
            if (gone_on := answered_by_scores(context, run, report)) is None:
                break
            run = gone_on
    bill = {name: each["usd_micros"] for name, each in stage.world.bill().items()}
    return {**outcome_of(context, run, report), "rehearsal": True, "billed_usd_micros": bill}
