"""The states of runs, nodes, jobs and holds, and the sets of them that rules speak of. The schema allows exactly these."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    SUSPENDED = "suspended"  # waits for a person, no process works on it
    COMPLETED = "completed"
    COMPLETED_WITH_FAILURES = "completed_with_failures"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


WORKING_RUNS: Final = (RunState.PLANNED, RunState.RUNNING)  # a process is to be at work on it
QUEUED: Final = "queued"  # what a generation is before anything of it was begun
GOES_ON: Final = frozenset({QUEUED, *WORKING_RUNS})  # that becomes another state by itself
OPEN_RUNS: Final = (*WORKING_RUNS, RunState.SUSPENDED)
ENDED_RUNS: Final = (RunState.COMPLETED, RunState.COMPLETED_WITH_FAILURES, RunState.FAILED, RunState.CANCELLED)


class Runner(StrEnum):
    """Who works on a run, and takes it up again where its process is gone."""

    CALLER = ""  # the process that began it, and nobody else
    DEPLOYMENT = "deployment"  # the workers of a Prefect deployment
    SERVER = "server"  # the web server


class WaitsFor(StrEnum):
    """What a suspended run waits for."""

    APPROVAL = "approval"  # of its plan and price
    CREDITS = "credits"  # more than it may spend so far, or more dollars or purchases than its budgets leave
    DECISION = "decision"  # on what it has made: takes to choose from, files to approve
    RESUMPTION = "resumption"  # somebody has suspended it
    NOTHING = "nothing"  # it has what it waited for: a process may take it up


# Somebody says yes or no; more credits are no answer.
FOR_APPROVAL: Final = frozenset({WaitsFor.APPROVAL, WaitsFor.DECISION})
# Somebody lets it go on, with what there is.
FOR_A_WORD: Final = frozenset({WaitsFor.CREDITS, WaitsFor.RESUMPTION})


class Decision(StrEnum):
    """What becomes of a run that waits for a person."""

    APPROVED = "approved"
    REJECTED = "rejected"
    RESUMED = "resumed"  # given what it was short of
    EXPIRED = "expired"  # nobody has decided in time


class NodeState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


OPEN_NODES: Final = (NodeState.WAITING, NodeState.RUNNING)
MADE_NODES: Final = (NodeState.DONE, NodeState.REUSED)  # whose files are there
UNMADE_NODES: Final = (NodeState.FAILED, NodeState.CANCELLED)


class PartState(StrEnum):
    """Of a part of a run's nodes, which one of its workers takes."""

    FREE = "free"
    TAKEN = "taken"  # a process works on it, or has died over it
    ENDED = "ended"  # every node of it has ended
    SHORT = "short"  # the run's credits did not reach


class JobState(StrEnum):
    INTENT = "intent"  # written down, perhaps sent
    SUBMITTED = "submitted"  # the vendor has it, under an id that we know
    UNKNOWN = "unknown"  # the answer got lost: the vendor may or may not have it
    DELIVERED = "delivered"  # its bytes are in the store, not yet checked and filed
    STORED = "stored"  # filed in the library
    FAILED = "failed"  # ended without files
    REJECTED = "rejected"  # delivered, but refused by our checks
    CANCELLED = "cancelled"


# Unfinished: at most one job of a node is in one of these, and its node is not bought again.
UNFINISHED_JOBS: Final = (JobState.INTENT, JobState.SUBMITTED, JobState.UNKNOWN, JobState.DELIVERED)


class DeliveryState(StrEnum):
    """Of a message to an endpoint."""

    WAITING = "waiting"  # to be sent, or sent again
    DELIVERED = "delivered"  # taken
    DEAD = "dead"  # tried as often as it may be


class HoldState(StrEnum):
    OPEN = "open"
    RELEASED = "released"
    EXPIRED = "expired"


def is_in(column: str, state: StrEnum) -> str:
    """The SQL condition that a column holds this state: the words of a partial index and of the queries that are to find it."""
    return f"{column} = '{state.value}'"


def one_of(column: str, states: type[StrEnum] | tuple[StrEnum, ...]) -> str:
    """The SQL condition that a column holds one of these states."""
    return f"{column} IN ({', '.join(repr(state.value) for state in states)})"
