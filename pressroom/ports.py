"""The ports: what the core needs from the outside, as small protocols. Each has at least two implementations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pressroom.assets import Made
from pressroom.operation import Workspace
from pressroom.provenance.history import History


class ObjectStore(Protocol):
    """Immutable files named by the SHA-256 of their bytes.

    Safe to use from several threads and processes. A half-written object is never visible, and putting the same bytes
    twice is harmless. Raises Retryable when the store cannot be reached, Corrupt when bytes read do not match their name,
    Refused when there is no room or no right to write.
    """

    def put(self, source: Path | BinaryIO, mime: str = "application/octet-stream") -> str:
        """Store the bytes and return their SHA-256 (64 hex digits). Streams: memory stays bounded at any size."""
        ...

    def get(self, sha256: str, target: Path) -> None:
        """Write the object to `target`, which appears whole or not at all. Raises KeyError when it is not there."""
        ...

    def has(self, sha256: str) -> bool: ...

    def size_bytes(self, sha256: str) -> int:
        """Raises KeyError when it is not there."""
        ...

    def local_path(self, sha256: str) -> Path | None:
        """The object's file where the store is a folder on this machine (read-only), else None."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove the object; nothing happens when it is not there."""
        ...

    def check(self) -> str:
        """One line about a store that works; raises otherwise. For `pressroom doctor`."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered from a provider: one node, with everything needed to do it.

    `order_key` is our own name for the purchase: the provider is asked for it when an answer got lost.
    `params` are the operation's validated parameters as JSON values, `units` the quoted amount of each priced measure.
    """

    order_key: str
    operation: str
    model: str
    params: Mapping[str, Any]
    expected_outputs: int = 1
    units: Mapping[str, float] = field(default_factory=dict)


class JobState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job stands. `units` are what the vendor billed, where it says so; `reason` explains a failure."""

    state: JobState
    reason: str = ""
    units: Mapping[str, float] = field(default_factory=dict)


class Provider(Protocol):
    """One place to buy or compute operations.

    `submit` may cost money and is never repeated blindly: after a lost answer `find` looks for the job under our order key.
    All methods may raise Retryable (try again) or Permanent (a definite no, nothing was bought).
    """

    name: str
    sells: bool  # True: submitting costs money and must be journalled first; False: computed here, free to repeat

    def submit(self, order: Order, workspace: Workspace) -> str:
        """Start the job and return the provider's id for it. Raises Retryable when the answer got lost on the way."""
        ...

    def find(self, order_key: str) -> str | None:
        """The id of the job started under this key, or None when there is none."""
        ...

    def status(self, job_id: str) -> JobStatus: ...

    def collect(self, job_id: str, order: Order, workspace: Workspace) -> Sequence[Made]:
        """Write the finished job's files into the workspace's folder. May deliver fewer files than ordered."""
        ...

    def cancel(self, job_id: str) -> None:
        """Ask the provider to stop; harmless when the job has ended."""
        ...


class ProvenanceDraft(Protocol):
    """What the files of one node will say of where they come from."""

    @property
    def reserved_bytes(self) -> int:
        """The most that `attach` adds to a file of a format that has a byte limit."""
        ...

    def attach(self, path: Path, mime: str, max_bytes: int | None = None) -> dict[str, Any]:
        """Add it to the file, pixels untouched; JSON values for its record, empty when nothing was to be added.

        Never raises over what it cannot do and never loses a file: the record then holds a `reason`.
        """
        ...


class Provenance(Protocol):
    """Tells in files where they come from. Safe to use from several threads."""

    def draft(self, history: History) -> ProvenanceDraft:
        """Raises Refused when nothing can be signed."""
        ...

    def check(self) -> str:
        """One line about what signs. Raises Refused when nothing can be signed. For pre-flight and `pressroom doctor`."""
        ...
