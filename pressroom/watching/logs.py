"""Events as lines of a log, one each: in words, or as JSON with the run, node, asset, vendor and cost as fields."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

from pressroom.domain.events import BalanceLow, BudgetReached, Event, NodeFailed, RunEnded
from pressroom.domain.states import RunState
from pressroom.watching.channel import LOGGER

EVENT: Final = "event"  # the attribute of a log record that holds its event's fields


def log(event: Event) -> None:
    """The event as a record of the logger `pressroom`; JSON formatters of any kind find its fields in `record.event`."""
    fields = {"name": event.name, **event.model_dump(mode="json", exclude_defaults=True)}
    LOGGER.log(_level(event), "%s", event.text, extra={EVENT: fields})


def _level(event: Event) -> int:
    if isinstance(event, NodeFailed) or (isinstance(event, RunEnded) and event.state == RunState.FAILED):
        return logging.ERROR
    return logging.WARNING if isinstance(event, BudgetReached | BalanceLow) else logging.INFO


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, and the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, EVENT, {})
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), **fields, "message": record.getMessage()}
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Time, level and what happened."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")


FORMS: Final[dict[str, type[JsonLines | TextLines]]] = {"text": TextLines, "json": JsonLines}


def write_log(form: str) -> None:
    """Write the logger's records to standard error in this form, and nowhere else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMS[form]())
    LOGGER.handlers[:] = [each for each in LOGGER.handlers if not isinstance(each.formatter, tuple(FORMS.values()))]
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
