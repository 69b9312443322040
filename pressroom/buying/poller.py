"""One poller a process: it asks for every job that is waited for when its time has come, and wakes who waits.

Waiting is a row with a time, not a thread: a round claims all jobs that are due in one statement and asks for them in a few
I/O threads. A vendor that cannot be reached is left alone for a while, longer each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pressroom.buying import journal
from pressroom.buying.asking import ask
from pressroom.buying.claiming import claim_due
from pressroom.buying.job import WAITED_FOR, Job
from pressroom.buying.market import Market
from pressroom.domain.errors import Retryable

IO_THREADS: Final = 16
# How often a process looks for what others have moved: another run, a callback, a person.
CHECK_SECONDS: Final = 0.5
FIRST_QUIET_SECONDS: Final = 1.0
LONGEST_QUIET_SECONDS: Final = 60.0


@dataclass(slots=True)
class _Watch:
    """One job that is waited for, by one future or more."""

    provider: str
    next_ask_at: datetime
    futures: list[Future[Job]] = field(default_factory=list)
    asking: bool = False


class Poller:
    """`pause`, where given, replaces the thread: who waits turns the poller, and `pause(seconds)` passes the time between."""

    def __init__(self, market: Market, pause: Callable[[float], None] | None = None) -> None:
        self._market = market
        self._pause = pause
        self._watched: dict[str, _Watch] = {}
        self._quiet: dict[str, tuple[datetime, float]] = {}  # vendor -> until when it is left alone, and for how long
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    def wait(self, order_key: str) -> Future[Job]:
        """Resolves with the job once time alone moves it no further: delivered, ended, unknown, or past its deadline.

        The future raises what stands in the way of taking the files, such as a store without room.
        """
        future = self.watch(order_key)
        if self._pause is None:
            self._keep_turning()
        else:
            self.drive([future])
        return future

    def watch(self, order_key: str) -> Future[Job]:
        """The future alone; somebody has to turn the poller."""
        future: Future[Job] = Future()
        # Watched before it is read: what moves it from now on resolves the future.
        with self._lock:
            with self._market.database.read() as conn:
                job = journal.job_of(conn, order_key)
            if not job.waiting or job.next_ask_at is None:
                future.set_result(job)
                return future
            watch = self._watched.setdefault(order_key, _Watch(job.provider, job.next_ask_at))
            watch.futures.append(future)
        self._wake.set()
        return future

    def drive(self, futures: Iterable[Future[Job]]) -> None:
        """Turn until all of them are resolved."""
        assert self._pause is not None, "a poller with a thread turns by itself"
        open_ones = [future for future in futures if not future.done()]
        while open_ones:
            idle = self.turn()
            open_ones = [future for future in open_ones if not future.done()]
            if open_ones:
                self._pause(idle)

    def turn(self) -> float:
        """One round: resolve what has moved, ask for what is due. Returns for how many seconds nothing needs to be done."""
        now = self._market.now()
        self._look_around(now)
        with self._lock:
            due = [key for key, watch in self._watched.items() if self._is_due(watch, now)]
        if due:
            claimed = claim_due(self._market, due)
            self._note(claimed, asking=True)
            for job in claimed:
                self._start(job)
        return self._idle_seconds()

    def _look_around(self, now: datetime) -> None:
        """See what others have moved or woken, another run, a callback, a person, and what is past its deadline."""
        with self._lock:
            keys = [key for key, watch in self._watched.items() if not watch.asking]
        if not keys:
            return
        with self._market.database.read() as conn:
            seen = journal.glance(conn, keys)
            over = [key for key, row in seen.items() if self._is_over(*row, now)]
            jobs = journal.jobs_among(conn, over)
        with self._lock:
            for key, (_, next_ask_at, _) in seen.items():
                if key in self._watched and next_ask_at is not None:
                    self._watched[key].next_ask_at = next_ask_at
        for job in jobs:
            self._resolve(job.order_key, job)

    def _is_over(self, state: str, next_ask_at: datetime | None, deadline_at: datetime | None, now: datetime) -> bool:
        """One that has no time was taken up by somebody, who may have died over it: whoever waits takes his turn behind him."""
        return state not in WAITED_FOR or next_ask_at is None or (deadline_at is not None and deadline_at <= now)

    def _is_due(self, watch: _Watch, now: datetime) -> bool:
        quiet_until = self._quiet.get(watch.provider, (now, 0.0))[0]
        return not watch.asking and watch.next_ask_at <= now and quiet_until <= now

    def _start(self, job: Job) -> None:
        if self._pause is not None:
            self._ask(job)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(IO_THREADS, thread_name_prefix="ask vendors")
        self._pool.submit(self._ask, job)

    def _ask(self, job: Job) -> None:
        try:
            found = ask(self._market, job)
        except Retryable:
            self._leave_alone(job)
        except Exception as exc:  # noqa: BLE001 - the border where an I/O thread ends: who waits is told
            self._resolve(job.order_key, error=exc)
        else:
            self._quiet.pop(job.provider, None)
            self._note([found], asking=False)
            if not found.waiting or found.next_ask_at is None:
                self._resolve(job.order_key, found)

    def _leave_alone(self, job: Job) -> None:
        """The vendor cannot be reached: nothing more is asked of it for a while."""
        with self._lock:
            before = self._quiet.get(job.provider, (self._market.now(), FIRST_QUIET_SECONDS / 2))[1]
            pause = min(before * 2, LONGEST_QUIET_SECONDS)
            self._quiet[job.provider] = (self._market.after(pause), pause)
        self._note([job], asking=False)

    def _note(self, jobs: Iterable[Job], *, asking: bool) -> None:
        with self._lock:
            for job in jobs:
                watch = self._watched.get(job.order_key)
                if watch is not None:
                    watch.asking = asking
                    watch.next_ask_at = job.next_ask_at or watch.next_ask_at

    def _resolve(self, order_key: str, job: Job | None = None, error: BaseException | None = None) -> None:
        with self._lock:
            watch = self._watched.pop(order_key, None)
        self._wake.set()  # its end may have let another one go
        for future in watch.futures if watch else ():
            if error is not None:
                future.set_exception(error)
            elif job is not None:
                future.set_result(job)

    def _idle_seconds(self) -> float:
        with self._lock:
            times = [max(w.next_ask_at, self._quiet_until(w)) for w in self._watched.values() if not w.asking]
        left = min(times, default=self._market.now() + timedelta(seconds=CHECK_SECONDS)) - self._market.now()
        return min(max(left.total_seconds(), 0.0), LONGEST_QUIET_SECONDS)

    def _quiet_until(self, watch: _Watch) -> datetime:
        return self._quiet.get(watch.provider, (watch.next_ask_at, 0.0))[0]

    def _keep_turning(self) -> None:
        with self._lock:
            if self._thread is None and self._watched:
                self._thread = threading.Thread(target=self._run, name="poller", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                idle = self.turn()
            except Retryable:  # the database is busy: the next round asks again
                idle = CHECK_SECONDS
            except BaseException as exc:
                self._give_up(exc)
                raise
            with self._lock:
                if not self._watched:
                    self._thread = None
                    pool, self._pool = self._pool, None
                    break
            self._wake.wait(min(max(idle, 0.01), CHECK_SECONDS))
        if pool is not None:
            pool.shutdown(wait=False)

    def _give_up(self, error: BaseException) -> None:
        """Nobody turns any more: who waits is told why."""
        with self._lock:
            self._thread = None
            keys = list(self._watched)
        for key in keys:
            self._resolve(key, error=error)
