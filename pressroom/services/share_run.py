"""Share the nodes of a run among processes: one leads it, others help, and each takes the next part when it has room.

The leader holds the run's lease and its credits; helpers work under both and never renew them. Who dies loses nothing: a helper's
parts are taken again by the others, and whoever takes the run up after its leader shares out anew what is still to be made.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from pressroom.domain.errors import OutOfCredits, Permanent, PressroomError, Retryable
from pressroom.domain.money import credits_text, in_credits
from pressroom.domain.states import OPEN_NODES, NodeState, PartState
from pressroom.runs import parts
from pressroom.runs import records as runs
from pressroom.runs.leases import this_process
from pressroom.runs.nodes import counts_of_nodes, standing_of_nodes
from pressroom.services.context import Context
from pressroom.services.execute_run import Given, Work
from pressroom.services.run_lease import BEATS_A_LEASE
from pressroom.services.running import RunningRun
from pressroom.services.split_run import split

LOOK_SECONDS: Final = 1.0


def share_out(context: Context, run: RunningRun, works: Sequence[Work], workers: int) -> Shared | None:
    """Lay the run's works out in parts for so many processes; None where they do not fall apart: make them alone then.

    Call it as the leader, and make what is `first` before anybody takes a part.
    """
    found = split(works, workers)
    if found is None:
        return None
    with context.database.write() as conn:
        parts.lay_out(conn, run.id, run.lease, found.parts)
    by_id = {work.node_id: work for work in works}
    return Shared(
        tuple(by_id[name] for name in found.first), len(found.parts), tuple(by_id[name] for name in found.last)
    )


@dataclass(frozen=True, slots=True)
class Shared:
    """What the leader makes itself before the parts, how many parts there are, and what it makes after all of them."""

    first: tuple[Work, ...]
    parts: int
    last: tuple[Work, ...]


class Share:
    """What one process takes of a shared run: a source of more works, while the block of `taking` runs.

    The leader gives `last`, waits for the others and makes that; a helper is done when there is nothing to take.
    """

    def __init__(
        self,
        context: Context,
        run: RunningRun,
        works: Sequence[Work],
        last: Sequence[Work] | None = None,
        holder: str = "",
    ) -> None:
        self._context = context
        self._run = run
        self._works = {work.node_id: work for work in works}
        self._last = last
        self._leads = last is not None
        self._holder = holder or this_process()
        self._seconds = context.settings.lease_seconds

    async def more(self) -> Given | None:
        """The next part; for the leader, after all parts have ended, what is last.

        Raises OutOfCredits where another process was short of them, Permanent where the run's lease is another's.
        """
        while True:
            try:
                part = await asyncio.to_thread(self._take)
                if part is not None:
                    return await asyncio.to_thread(self._given, [self._works[name] for name in part.nodes])
                if not self._leads:
                    return None
                standing = await asyncio.to_thread(self._standing)
            except Retryable:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if not standing.others_work:
                return await self._ended(standing)
            await asyncio.sleep(LOOK_SECONDS)

    async def _ended(self, standing: parts.Standing) -> Given | None:
        if standing.short:
            raise OutOfCredits("another process that shares the run had too few credits for an order")
        last, self._last = self._last, None
        return await asyncio.to_thread(self._given, last) if last else None

    def _take(self) -> parts.Part | None:
        with self._context.database.write() as conn:
            return parts.take(conn, self._run.id, self._run.lease, self._holder, self._seconds)

    def _standing(self) -> parts.Standing:
        with self._context.database.read() as conn:
            return parts.standing(conn, self._run.id, self._run.lease, self._holder)

    def _given(self, works: Sequence[Work]) -> Given:
        """Those of them that are still to be made, and what they need that has failed."""
        names = dict.fromkeys(name for work in works for name in (work.node_id, *work.upstream))
        with self._context.database.read() as conn:
            found = standing_of_nodes(conn, self._run.account_id, self._run.id, list(names))
        lost: Mapping[str, Exception] = {
            name: Permanent(error) for name, (state, error) in found.items() if state == NodeState.FAILED
        }
        return Given([work for work in works if found[work.node_id][0] in OPEN_NODES], lost)

    @contextmanager
    def taking(self, is_closed: Callable[[], bool]) -> Iterator[None]:
        """Keep what was taken while the block runs. However it ends, others know at once what is left to them."""
        over = threading.Event()
        beat = threading.Thread(target=self._keep, args=(over,), name=f"parts of {self._run.id}", daemon=True)
        beat.start()
        state = PartState.FREE
        try:
            yield
            state = PartState.FREE if is_closed() else PartState.ENDED
        except OutOfCredits:
            state = PartState.SHORT
            raise
        finally:
            over.set()
            beat.join()
            with suppress(PressroomError), self._context.database.write() as conn:
                parts.leave(conn, self._run.id, self._run.lease, self._holder, state)

    def _keep(self, over: threading.Event) -> None:
        while not over.wait(self._seconds / BEATS_A_LEASE):
            # A database that is away for a while is no reason to stop, nor is a fault of ours: the next beat asks again.
            with suppress(Exception), self._context.database.write() as conn:
                parts.keep(conn, self._run.id, self._run.lease, self._holder, self._seconds)


def percent_ended(context: Context, run: RunningRun) -> float:
    """How much of the run's nodes has ended, whoever made them."""
    with context.database.read() as conn:
        found = counts_of_nodes(conn, run.account_id, run.id)
    still_open = sum(found[state] for state in OPEN_NODES)
    return 100.0 * (1 - still_open / found.total()) if found else 100.0


def spent_text(context: Context, run: RunningRun) -> str:
    """`2 of 4 credits paid`: what a run has cost so far, of what it may cost with what it holds."""
    with context.database.read() as conn:
        sums = runs.sums_of_runs(conn, [run.id]).get(run.id, runs.HeldSums())
    return f"{credits_text(sums.captured)} of {in_credits(sums.captured + sums.left)} paid"
