"""Where threads of our own share the work, OpenCV's would only wait beside them, in loops that cost a fifth of the machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

_lock = threading.Lock()
_inside = 0
_before = 1


@contextmanager
def own_threads() -> Iterator[None]:
    """As long as anyone is inside, OpenCV works in the thread that calls it. The setting is the whole process's."""
    global _inside, _before
    with _lock:
        if _inside == 0:
            _before = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                cv2.setNumThreads(_before)
