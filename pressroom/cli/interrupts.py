"""Ctrl-C and termination, from the first import to the last flush: one line, exit status 130, no traceback.

Inside a command they are raised as KeyboardInterrupt, so that what was begun can be put in order; before and after it,
where nothing is under way, the process ends at once. Nothing that takes time is imported here: this comes first.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # what `signal` adds to it are enums: 5 ms too late
import _thread
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, NoReturn

INTERRUPTED = 130
AGAIN_SECONDS = 0.02
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def leave_at_once() -> None:
    """From now on an interruption ends the process where it stands."""
    for number in _SIGNALS:
        # `nohup`, or a background job of a shell without job control: what it ignores stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


class InterruptsRaised:
    """Inside the block an interruption is a KeyboardInterrupt; afterwards the process ends at once again."""

    def __enter__(self) -> None:
        self._ours = [number for number in _SIGNALS if signal.getsignal(number) is _leave]
        for number in self._ours:
            # For Ctrl-C Python's own handler: a flow is cancelled by asyncio's, which replaces no other.
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else _raise)
        self._hook = sys.unraisablehook
        if self._ours:
            sys.unraisablehook = self._unraisable

    def __exit__(self, *_: object) -> None:
        for number in self._ours:
            signal.signal(number, _leave)
        sys.unraisablehook = self._hook

    def _unraisable(self, unraisable: Any) -> None:
        # It came inside a destructor or a callback, where Python prints it and goes on: a moment later it comes again.
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            _thread.start_new_thread(_again, (self._ours[0],))
        else:
            self._hook(unraisable)


def leave(status: int) -> NoReturn:
    """End this process without waiting for threads."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, RuntimeError):
            continue  # closed, or interrupted in the middle of writing
    os._exit(status)


def _again(number: int) -> None:
    time.sleep(AGAIN_SECONDS)
    os.kill(os.getpid(), number)


def _raise(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _leave(number: int, frame: FrameType | None) -> None:
    # Not through sys.stderr: the interruption may have come in the middle of writing to it.
    try:
        os.write(2, b"\ninterrupted\n")
    finally:
        os._exit(INTERRUPTED)
