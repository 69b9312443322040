"""The port of the object store: what every place that keeps media must do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from pressroom.domain.media import UNKNOWN_MIME


class ObjectStore(Protocol):
    """Immutable files named by the SHA-256 of their bytes.

    Safe to use from several threads and processes. A half-written object is never visible, and putting the same bytes
    twice is harmless. Raises Retryable when the store cannot be reached, Corrupt when bytes read do not match their name,
    Refused when there is no room or no right to write.
    """

    def put(self, source: Path | BinaryIO, mime: str = UNKNOWN_MIME) -> str:
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


@runtime_checkable
class SweepableStore(Protocol):
    """A store of one home's own, which knows when each object was put last."""

    def sweep(self, used: Callable[[Sequence[str]], Collection[str]], now: float) -> tuple[int, int]:
        """Remove objects of which `used` says nothing and that nobody has put for a day; returns how many, and their bytes."""
        ...


@runtime_checkable
class LinkingStore(Protocol):
    """A store that hands out addresses from which anybody may fetch an object for a while."""

    def link(self, sha256: str, seconds: int) -> str:
        """An address that opens for so many seconds, or for as long as the store can promise. Makes no request."""
        ...


@runtime_checkable
class BucketStore(Protocol):
    """A store in a bucket that has to be set up."""

    def set_up(self) -> list[str]:
        """Make the bucket and set what it lacks; what was done, line by line. Harmless when repeated."""
        ...

    def describe(self) -> list[str]:
        """How the bucket is set up, line by line."""
        ...

    def policy(self) -> dict[str, Any]:
        """The least rights of a key for it, as an IAM policy."""
        ...


class FileBucket(Protocol):
    """Files under keys of one's own in a bucket. Raises as ObjectStore does. Safe to use from several threads."""

    def read(self, key: str) -> bytes | None:
        """A small file, None where there is none."""
        ...

    def put(self, key: str, data: bytes, mime: str) -> None: ...

    def copy(self, store: ObjectStore, sha256: str, key: str, mime: str) -> None:
        """An object of the store as a file, by the server itself where both are on one. Raises KeyError when it is not there."""
        ...

    def delete(self, key: str) -> None: ...

    def link(self, key: str, seconds: int) -> str:
        """As in LinkingStore."""
        ...
