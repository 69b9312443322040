"""How much of the machine this process may use."""

from __future__ import annotations

import os


def processors() -> int:
    """Processors that this process may run on: fewer than the machine has where it is pinned to some."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on every system
    return (len(allowed(0)) if allowed else os.cpu_count()) or 1
