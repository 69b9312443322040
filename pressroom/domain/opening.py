"""When nodes may start: daily hours of a time zone, and not before a moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WINDOW_EXAMPLE: Final = "22:00-06:00 Europe/Berlin"
MOMENT_EXAMPLE: Final = "2026-12-24 06:00 Europe/Berlin"
_HOURS: Final = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_MOMENT: Final = re.compile(r"(?P<at>[\d-]+([T ][\d:.]+([+-][\d:]+|Z)?)?)(\s+(?P<zone>[A-Za-z]\S*))?")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens` to `closes` by the clocks of `zone`, every day; over midnight where `closes` is the earlier one."""

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> Window:
        """`22:00-06:00 Europe/Berlin`. Raises ValueError saying what is wrong."""
        hours, _, zone = text.strip().partition(" ")
        found = _HOURS.fullmatch(hours)
        if found is None or not zone.strip():
            raise ValueError(f"{text!r:.60} is no window, e.g. {WINDOW_EXAMPLE}")
        opens, closes = (_time_of(part) for part in found.groups())
        if opens == closes:
            raise ValueError(f"{text!r:.60} opens and closes at once; leave the window out to start at any time")
        return cls(opens, closes, zone_of(zone.strip()))

    def next_opening(self, now: datetime) -> datetime:
        """`now` inside the window, else when it opens next. In UTC.

        An hour that clocks pass twice counts from its first time; one that they skip is taken by the offset before.
        """
        today = now.astimezone(self.zone).date()
        later = []
        for days in (-1, 0, 1, 2):
            day = today + days * _DAY
            last_day = day if self.opens < self.closes else day + _DAY
            opens, closes = self._moment(day, self.opens), self._moment(last_day, self.closes)
            if opens <= now < closes:
                return now.astimezone(UTC)
            if opens > now:
                later.append(opens)
        return min(later)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Opening:
    """When nodes may start; without both, always."""

    window: Window | None = None
    not_before: datetime | None = None

    @classmethod
    def parse(cls, window: str = "", not_before: str = "") -> Opening:
        """Raises ValueError saying what is wrong."""
        return cls(Window.parse(window) if window else None, moment_of(not_before) if not_before else None)

    def next(self, now: datetime) -> datetime:
        """`now` where a node may start now, else the first moment at which one may. In UTC."""
        first = max(now, self.not_before or now).astimezone(UTC)
        return self.window.next_opening(first) if self.window else first


ALWAYS: Final = Opening()


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises ValueError for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(f"there is no time zone {name!r:.60}, e.g. Europe/Berlin or UTC") from exc


def moment_of(text: str) -> datetime:
    """A date and time with an offset (ISO 8601) or with the name of a time zone behind it. Raises ValueError."""
    parts = _MOMENT.fullmatch(text.strip())
    try:
        found = datetime.fromisoformat(parts["at"] if parts else "")
    except ValueError as exc:
        raise ValueError(f"{text!r:.60} is no moment, e.g. {MOMENT_EXAMPLE}") from exc
    if parts and parts["zone"]:
        found = found.replace(tzinfo=zone_of(parts["zone"]))
    if found.tzinfo is None:
        raise ValueError(f"{text!r:.60} says no time zone, e.g. {MOMENT_EXAMPLE}")
    return found.astimezone(UTC)


def _time_of(text: str) -> time:
    try:
        return time.fromisoformat(text.zfill(5))
    except ValueError as exc:
        raise ValueError(f"{text} is no time of the day") from exc
