"""The search for the setting whose file is the largest that fits under a byte limit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_CLOSE = 0.985  # a file that fills this share of its limit is not improved upon
_ATTEMPTS = 12
_MARGIN = 0.05  # a guess is kept this share of the bracket away from its ends, so that every attempt narrows it


@dataclass(frozen=True, slots=True)
class Fitted:
    """The bytes that fit, and the setting that made them."""

    data: bytes
    setting: float


def largest_that_fits(
    write: Callable[[float], bytes], low: float, high: float, max_bytes: int, *, step: float = 0.05
) -> Fitted | int:
    """The largest file under the limit for settings from `low` to `high`, or the size at `low` where even that is too large.

    Sizes are expected to grow with the setting nearly everywhere; where they do not, the result still fits. At most 14
    files are written; settings closer than `step` are taken for equal (1 for whole numbers).
    """
    best = write(high)
    if len(best) <= max_bytes:
        return Fitted(best, high)
    above, above_size = high, len(best)
    data = write(low)
    if len(data) > max_bytes:
        return len(data)
    found = Fitted(data, low)
    for attempt in range(_ATTEMPTS):
        if len(found.data) >= max_bytes * _CLOSE or above - found.setting <= step:
            break
        setting = _guess(found, above, above_size, max_bytes, step, halve=attempt % 3 == 2)
        data = write(setting)
        if len(data) <= max_bytes:
            found = Fitted(data, setting)
        else:
            above, above_size = setting, len(data)
    return found


def _guess(below: Fitted, above: float, above_size: int, max_bytes: int, step: float, *, halve: bool) -> float:
    """Where the limit is crossed if the size's logarithm were a straight line; every third time the middle."""
    start, end = math.log(len(below.data)), math.log(above_size)
    share = 0.5 if halve or end <= start else (math.log(max_bytes * (1 + _CLOSE) / 2) - start) / (end - start)
    share = min(1 - _MARGIN, max(_MARGIN, share))
    setting = below.setting + share * (above - below.setting)
    if step < 1:
        return setting
    return min(above - step, max(below.setting + step, float(round(setting))))
