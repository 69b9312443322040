"""Processes that buy from simulated vendors over HTTP and die around each step of the job journal; bills against books."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select

from pressroom.bootstrap import open_context, open_world
from pressroom.buying import journal, spooling
from pressroom.buying.job import Job
from pressroom.database.engine import Database
from pressroom.database.schema import hold, job, run
from pressroom.domain.errors import PressroomError
from pressroom.domain.identity import DEFAULT_ACCOUNT, Principal
from pressroom.domain.states import UNFINISHED_JOBS, WORKING_RUNS, HoldState, JobState
from pressroom.ledger.invariants import check_invariants
from pressroom.providers import elevenlabs, fal, replicate
from pressroom.services.cancel_run import cancel_run
from pressroom.services.context import Context
from pressroom.services.jobs import Reconciled, collect, fetch_again, forget, list_jobs, reconcile
from pressroom.services.recover_runs import recover_runs
from pressroom.settings import Settings, settings_for
from pressroom.simulator.faults import Faults, Rule
from pressroom.simulator.serve import serving
from pressroom.simulator.world import World
from tests.support.fault_audit import credits_astray, uncounted
from tests.support.http_kills import run_through, settings_of
from tests.support.processes import FORKED

ME: Final = Principal(DEFAULT_ACCOUNT)
# One that lists its orders with what they were, one with a queue, one of which nobody can ask whether it took an order, one that
# answers with the file and keeps nothing, and one that answers with the file and keeps a history.
STEPS: Final = {
    "listed": "{uses: generate_image, model: replicate/flux-schnell, with: {prompt: a calm sea, width: 512, height: 512}}",
    "queued": "{uses: generate_image, model: fal/flux-schnell, with: {prompt: a hill, width: 512, height: 512}}",
    "named": "{uses: generate_image, model: runway/gen4_image-720p, with: {prompt: a lake, width: 720, height: 720}}",
    "direct": "{uses: generate_image, model: openai/gpt-image-2.6-flare-low, with: {prompt: a field, width: 1024, height: 1024}}",
    "spoken": "{uses: speak, model: elevenlabs/eleven-flash-v2.5, with: {text: A calm sea.}}",
}
SETTLED_SECONDS: Final = 2.0
BEGINNING: Final = ""  # before the first state
Step = tuple[str, str]


@dataclass(frozen=True)
class Blow:
    """A process dies at its first step of a job like this: before the step is written, or when it is committed."""

    step: Step
    committed: bool


@dataclass(frozen=True)
class Scene:
    """What is bought, what goes wrong there, and what people do: acts that begin at the same time, one row after the other."""

    buys: tuple[str, ...] = tuple(STEPS)
    faults: tuple[Rule, ...] = ()
    acts: tuple[tuple[str, ...], ...] = (("run", "run"),)
    latency_seconds: float = 0.3


def _each(fault: str, *vendors: str) -> tuple[Rule, ...]:
    return tuple(Rule(fault=fault, vendor=vendor, times=1) for vendor in vendors)


def _faults(**times: int) -> tuple[Rule, ...]:
    return tuple(Rule(fault=fault, vendor="replicate", times=number) for fault, number in times.items())


SCENES: Final[dict[str, Scene]] = {
    "nothing goes wrong": Scene(),
    "answers are lost": Scene(("listed", "queued", "spoken"), _each("lost_answer", "replicate", "fal", "elevenlabs")),
    "nobody knows": Scene(
        ("named", "direct"),
        _each("lost_answer", "openai", "runway"),
        (("run", "run"), ("reconcile", "reconcile"), ("forget",)),
    ),
    "orders are lost": Scene(("listed",), _each("lost_order", "replicate")),
    "orders are lost and nobody can look": Scene(
        ("listed",), _each("lost_order", "replicate"), (("run blind", "run blind"), ("run", "run"))
    ),
    "orders are refused": Scene(("direct", "spoken"), _each("moderated", "openai", "elevenlabs")),
    "nothing is made": Scene(("listed", "queued"), _each("fail", "replicate", "fal")),
    "files are others": Scene(("listed",), _faults(other_kind=3), (("run",), ("fetch", "fetch"))),
    "files are others at first": Scene(("listed",), _faults(other_kind=1)),
    "files are gone": Scene(("listed",), _faults(gone=3), (("run",), ("fetch", "fetch"))),
    "the run is cancelled": Scene(("listed", "queued"), acts=(("run", "cancel"),), latency_seconds=3.0),
}
# Steps that the journal allows and nobody goes over HTTP, and why.
NOT_GONE: Final[dict[Step, str]] = {
    (JobState.UNKNOWN, JobState.DELIVERED): "an answer that comes after its process was given up is no death",
}
# Beside those of the table: a job begins, and files that were refused, or not had, are fetched again.
MORE_STEPS: Final[frozenset[Step]] = frozenset(
    {
        (BEGINNING, JobState.INTENT),
        (JobState.REJECTED, JobState.DELIVERED),
        (JobState.FAILED, JobState.DELIVERED),
        (JobState.DELIVERED, JobState.DELIVERED),
    }
)


# In which scene a step is gone.
SCENE_OF: Final[dict[Step, str]] = {
    (BEGINNING, JobState.INTENT): "nothing goes wrong",
    (JobState.INTENT, JobState.INTENT): "orders are lost",
    (JobState.INTENT, JobState.SUBMITTED): "answers are lost",
    (JobState.INTENT, JobState.DELIVERED): "nothing goes wrong",
    (JobState.INTENT, JobState.FAILED): "orders are refused",
    (JobState.INTENT, JobState.UNKNOWN): "nobody knows",
    (JobState.SUBMITTED, JobState.SUBMITTED): "files are gone",
    (JobState.SUBMITTED, JobState.DELIVERED): "nothing goes wrong",
    (JobState.SUBMITTED, JobState.FAILED): "nothing is made",
    (JobState.SUBMITTED, JobState.CANCELLED): "the run is cancelled",
    (JobState.UNKNOWN, JobState.UNKNOWN): "nobody knows",
    (JobState.UNKNOWN, JobState.INTENT): "orders are lost and nobody can look",
    (JobState.UNKNOWN, JobState.SUBMITTED): "nobody knows",
    (JobState.UNKNOWN, JobState.FAILED): "nobody knows",
    (JobState.DELIVERED, JobState.STORED): "nothing goes wrong",
    (JobState.DELIVERED, JobState.REJECTED): "files are others",
    (JobState.DELIVERED, JobState.DELIVERED): "files are others at first",
    (JobState.REJECTED, JobState.DELIVERED): "files are others",
    (JobState.FAILED, JobState.DELIVERED): "files are gone",
}


def every_step() -> set[Step]:
    """Every step of a job that the journal allows, and that is gone over HTTP."""
    allowed = {(before, after) for after, befores in journal._FROM.items() for before in befores}
    return (allowed | MORE_STEPS) - NOT_GONE.keys()


@dataclass
class Stage:
    """A folder with the campaign, a simulator, and processes that work there."""

    folder: Path
    world: World
    environ: Mapping[str, str]
    nodes: int
    database_url: str = ""

    @property
    def settings(self) -> Settings:
        more = {"database_url": self.database_url} if self.database_url else {}
        return settings_of(self.folder, self.environ, **more)

    def begin(self, act: str, blow: Blow | None = None) -> Any:
        truth = self.truth() if act == "reconcile" else {}
        process = FORKED.Process(target=_work, args=(self.settings, dict(self.environ), self.folder, act, blow, truth))
        process.start()
        return process

    def together(self, acts: tuple[str, ...], blow: Blow | None = None, seconds: float = 60) -> list[int]:
        """Exit codes of processes that work at the same time; minus the signal's number for one that was killed."""
        processes, deadline = [self.begin(act, blow) for act in acts], time.monotonic() + seconds
        try:
            for process in processes:
                process.join(max(0.0, deadline - time.monotonic()))
            assert all(process.exitcode is not None for process in processes), f"still at work after {seconds:.0f} s"
            return [process.exitcode for process in processes]
        finally:
            for process in processes:
                process.kill()
                process.join()

    def truth(self) -> dict[str, Reconciled]:
        """Job -> what a person finds at its vendor, of those whose fate nobody knows, once what is under way there is made."""
        time.sleep(max(0.0, max((each.ready_at for each in self.world.books.all()), default=0.0) - self.world.clock()))
        self.world.bill()
        jobs = self.jobs()
        known = {each.vendor_job_id for each in jobs}
        found = {}
        for each in jobs:
            if each.state == JobState.UNKNOWN:
                there = [sold for sold in self.world.books.of(each.provider) if sold.id not in known]
                bare = Reconciled(billed_usd_micros=there[0].usd_micros or 0) if there else Reconciled(absent=True)
                asked_for = there and each.provider == "runway"
                found[each.order_key] = Reconciled(vendor_job_id=there[0].id) if asked_for else bare
        return found

    def jobs(self) -> list[Job]:
        with open_context(self.settings).database.read() as conn:
            return journal.jobs_among(conn, list(conn.execute(select(job.c.order_key)).scalars()))

    def steps(self) -> set[Step]:
        """Every step that a job has gone, in all processes."""
        lines = (self.folder / "steps").read_text().splitlines() if (self.folder / "steps").exists() else []
        return {(before, after) for before, _, after in (line.partition(">") for line in lines)}


@contextmanager
def staged(folder: Path, scene: Scene, database_url: str = "") -> Iterator[Stage]:
    """A simulator with the scene's faults, and a home that buys from it."""
    lines = ["pressroom: 1", "name: struck", "steps:", *(f"  {name}: {STEPS[name]}" for name in scene.buys)]
    (folder / "campaign.yaml").write_text("\n".join(lines))
    settings = settings_for(folder, {})
    faults = Faults(list(scene.faults))
    with serving(lambda files: open_world(settings, files, faults, scene.latency_seconds)) as (address, world):
        yield Stage(folder, world, address.environment(), len(scene.buys), database_url)


def struck(folder: Path, blow: Blow, database_url: str = "") -> list[str]:
    """Its scene, with every process of it struck by the blow, then peace: what is wrong, also where nobody went the step."""
    scene = SCENES[SCENE_OF[blow.step]]
    with staged(folder, scene, database_url) as stage:
        codes = [code for acts in scene.acts for code in stage.together(acts, blow)]
        _in_peace(stage)
        missed = [] if -signal.SIGKILL in codes else [f"nobody died: {codes}, the steps were {sorted(stage.steps())}"]
        return missed + wrongs(stage)


def _in_peace(stage: Stage) -> None:
    for _ in range(6):
        time.sleep(SETTLED_SECONDS / 2)
        if stage.together(("run", "run")) == [0, 0]:
            return
        stage.together(("reconcile", "collect"))
    raise AssertionError(
        f"the run does not come to its end: {[(each.maker, each.state, each.error) for each in stage.jobs()]}"
    )


def wrongs(stage: Stage) -> list[str]:
    """Everything that is not as if nobody had died, in sentences."""
    stage.world.bill()
    jobs = stage.jobs()
    with open_context(stage.settings).database.read() as conn:
        found = [*check_invariants(conn), *uncounted(conn), *credits_astray(conn)]
        found += [
            f"hold {name} is open"
            for name in conn.execute(select(hold.c.id).where(hold.c.state == HoldState.OPEN)).scalars()
        ]
        working = conn.execute(select(func.count()).where(run.c.state.in_(WORKING_RUNS))).scalar_one()
    if working:
        found.append(f"{working} runs are under way")
    stored = Counter(each.node_key for each in jobs if each.state == JobState.STORED)
    if len(stored) != stage.nodes or set(stored.values()) != {1}:
        found.append(f"of {stage.nodes} nodes {len(stored)} were bought, {stored.total()} times")
    for vendor in sorted({each.provider for each in jobs}):
        charged = sum(each.usd_micros or 0 for each in stage.world.books.of(vendor))
        ours = sum(each.spent_usd_micros for each in jobs if each.provider == vendor)
        # What a vendor has not said counts as charged where it may have been, and so does what a person gave up.
        unsaid = sum(
            each.spent_usd_micros for each in jobs if each.provider == vendor and each.billed_usd_micros is None
        )
        at_most = unsaid if any(each.state == JobState.FAILED for each in jobs if each.provider == vendor) else 0
        if not ours - at_most <= charged <= ours:
            found.append(f"{vendor} charged {charged}, the books have {ours}")
    found += [f"{each.order_key} is {each.state}" for each in jobs if each.state in UNFINISHED_JOBS]
    return found


def _work(
    settings: Settings, environ: dict[str, str], folder: Path, act: str, blow: Blow | None, truth: dict[str, Reconciled]
) -> None:
    os.environ.update(environ)
    for vendor in (replicate, elevenlabs):
        vendor.SETTLED_SECONDS = SETTLED_SECONDS  # type: ignore[misc]
    fal.START_SECONDS, fal.RUNS_TIMES = SETTLED_SECONDS, 0  # type: ignore[misc]
    spooling.UNUSABLE = timedelta(seconds=2)  # type: ignore[misc]
    spooling.UNUSABLE_SECONDS = 0.5  # type: ignore[misc]
    _mortal(blow, folder / "steps")
    context = open_context(settings)
    try:
        os._exit(ACTS[act](context, folder, truth))
    except PressroomError:
        os._exit(1)


def _run(context: Context, folder: Path, truth: Mapping[str, Reconciled]) -> int:
    return run_through(context, folder)


def _run_blind(context: Context, folder: Path, truth: Mapping[str, Reconciled]) -> int:
    """Nobody can look for what got lost: the list goes back for no time at all."""
    replicate.LISTED_SECONDS = -1  # type: ignore[misc]
    return _run(context, folder, truth)


def _cancel(context: Context, folder: Path, truth: Mapping[str, Reconciled]) -> int:
    """Whatever is under way, once its orders are on their way."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with context.database.read() as conn:
            ordered = conn.execute(select(job.c.run_id).where(job.c.state == JobState.SUBMITTED)).scalars().first()
        if ordered:
            cancel_run(ME, context, ordered)
            return 0
        time.sleep(0.05)
    return 1


def _collect(context: Context, folder: Path, truth: Mapping[str, Reconciled]) -> int:
    recover_runs(context)
    collect(ME, context)
    return 0


def _reconcile(context: Context, folder: Path, truth: Mapping[str, Reconciled]) -> int:
    for order_key, found in truth.items():
        with suppress(PressroomError):  # the other person was quicker
            reconcile(ME, context, order_key, found)
    return 0


def _of_all(command: Callable[[Principal, Context, str], Job], states: tuple[JobState, ...]) -> Callable[..., int]:
    def act(context: Context, folder: Path, truth: Mapping[str, Reconciled]) -> int:
        for each in list_jobs(ME, context, everything=True):
            if each.state in states:
                with suppress(PressroomError):
                    command(ME, context, each.order_key)
        return 0

    return act


ACTS: Final[dict[str, Callable[..., int]]] = {
    "run": _run,
    "run blind": _run_blind,
    "cancel": _cancel,
    "collect": _collect,
    "reconcile": _reconcile,
    "fetch": _of_all(fetch_again, (JobState.REJECTED, JobState.FAILED)),
    "forget": _of_all(forget, (JobState.UNKNOWN,)),
}


def _mortal(blow: Blow | None, log: Path) -> None:
    """Have this process note each step of a job, and be killed at the first one that the blow means."""
    mine = threading.local()
    move, open_job, taken_again, write = journal._move, journal.open_job, journal.mark_taken_again, Database.write

    def step(before: str, after: str) -> None:
        with log.open("a") as file:
            file.write(f"{before}>{after}\n")
        if blow is not None and blow.step == (before, after):
            if not blow.committed:
                os.kill(os.getpid(), signal.SIGKILL)
            mine.dies = True

    def moving(conn: Connection, order_key: str, state: JobState, *args: Any, **values: Any) -> Job:
        before = journal.job_of(conn, order_key).state
        if before in journal._FROM[state]:
            step(before, state)
        return move(conn, order_key, state, *args, **values)

    def opening(conn: Connection, account_id: int, **values: Any) -> Job:
        if journal.open_job_of(conn, account_id, values["node_key"]) is None:
            step(BEGINNING, JobState.INTENT)
        return open_job(conn, account_id, **values)

    def taking(conn: Connection, order_key: str, *args: Any) -> Job:
        before = journal.job_of(conn, order_key).state
        if before in args[-1]:
            step(before, JobState.DELIVERED)
        return taken_again(conn, order_key, *args)

    @contextmanager
    def writing(database: Database) -> Iterator[Connection]:
        with write(database) as conn:
            yield conn
        if getattr(mine, "dies", False):
            os.kill(os.getpid(), signal.SIGKILL)

    journal._move, journal.open_job, journal.mark_taken_again = moving, opening, taking
    Database.write = writing  # type: ignore[method-assign]
