"""Standard output and error that never break what a command does: a reader that left, a full disk, a closed descriptor."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import Any, Final, TextIO

_READER_LEFT: Final = errno.EPIPE  # `pressroom runs | head`: it has seen enough, which is no failure


class PatientStream(io.RawIOBase):
    """A descriptor to write to. What cannot be written is dropped, and the first reason is kept."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        while self.failure is None:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                select.select([], [self._descriptor], [])  # a pipe that another program made non-blocking is full
            except OSError as exc:
                self.failure = exc
        return len(data)


class Output:
    """The two standard streams of this process, made patient."""

    def __init__(self) -> None:
        _fill_descriptors()
        self._raw = PatientStream(1)
        sys.stdout = _text(self._raw, sys.stdout, "backslashreplace")
        sys.stderr = _text(PatientStream(2), sys.stderr, "backslashreplace")

    def lost(self) -> str:
        """Why something written to standard output did not get there; empty when all of it did."""
        sys.stdout.flush()
        failure = self._raw.failure
        return "" if failure is None or failure.errno == _READER_LEFT else os.strerror(failure.errno or 0)


def _text(raw: PatientStream, old: TextIO | None, errors: str) -> TextIO:
    encoding = getattr(old, "encoding", None) or "utf-8"
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=True)


def _fill_descriptors() -> None:
    """A closed standard descriptor is given to the next file that is opened, into which a child would then print."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # Only for reading: what is written there is lost, and said to be.
            os.open(os.devnull, os.O_RDONLY)
