"""How a campaign is deployed: the `deploy:` section, by which it runs on a schedule and by calls of other programs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from pressroom.campaign.strict import Identifier, Name, Strict
from pressroom.domain.opening import Opening, zone_of

Overlap = Literal["queue", "skip", "cancel_older"]
Weight = Literal["light", "heavy", "paid"]

MOST_WORKERS: Final = 64

_CRON: Final = re.compile(r"@(hourly|daily|weekly|monthly|yearly)|[\w*/,#-]+( +[\w*/,#-]+){4}")
_SPAN: Final = re.compile(r"(\d{1,5})\s*([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _cron(text: str) -> str:
    if text and not _CRON.fullmatch(text.strip()):
        raise ValueError(f'{text!r:.60} is no cron line, e.g. "0 6 * * mon" for Mondays at 6')
    return text.strip()


def _zone(text: str) -> str:
    zone_of(text)
    return text


def span_of(text: str) -> timedelta:
    """`30m`, `6h`, `1d`, `2w`. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r:.60} is no span of time, e.g. 30m, 6h, 1d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _span(text: str) -> str:
    if text:
        span_of(text)
    return text


def _hours(text: str) -> str:
    Opening.parse(window=text)
    return text


def _moment(text: str) -> str:
    Opening.parse(not_before=text)
    return text


Hours = Annotated[str, AfterValidator(_hours)]
Moment = Annotated[str, AfterValidator(_moment)]


class ScheduleSpec(Strict):
    """One schedule: cron in a time zone, or an interval."""

    cron: Annotated[str, AfterValidator(_cron)] = Field("", description="Five fields of cron, or @daily and the like.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="Time zone of the cron line.")
    every: Annotated[str, AfterValidator(_span)] = Field("", description="In place of cron: 30m, 6h, 1d, 2w.")
    inputs: dict[Identifier, Any] = Field(default_factory=dict, description="Values of inputs for its runs.")
    active: bool = Field(True, description="Whether it makes runs; false keeps it ready.")

    @model_validator(mode="after")
    def _one_rhythm(self) -> ScheduleSpec:
        if bool(self.cron) == bool(self.every):
            raise ValueError("a schedule needs either `cron` or `every`")
        return self


class DeploySpec(Strict):
    """What `pressroom deploy` makes of the campaign on a Prefect server."""

    name: Name | None = Field(None, description="Name of the deployment; default: the campaign's.")
    schedules: tuple[ScheduleSpec, ...] = ()
    inputs: dict[Identifier, Any] = Field(
        default_factory=dict, description="Values of inputs for its runs, in place of the defaults."
    )
    concurrency: int | None = Field(None, ge=1, description="Most of its runs at a time; default: no limit.")
    overlap: Overlap = Field(
        "queue",
        description="What a run does that would be one too many: wait, be skipped, or end the older ones.",
    )
    tags: tuple[str, ...] = ()
    weight: Weight | None = Field(
        None, description="Work queue of its runs; default: paid where something is bought, else light."
    )
    priority: int | None = Field(
        None, ge=1, le=1_000, description="Queue of its own for runs that go first (1) or later; default: the weight's."
    )
    workers: int = Field(
        1,
        ge=1,
        le=MOST_WORKERS,
        description="How many workers may share the nodes of a run; default: one makes them all.",
    )
    window: Hours = Field("", description='Nodes start only in these hours, e.g. "22:00-06:00 Europe/Berlin".')
    not_before: Moment = Field("", description='No node starts before, e.g. "2026-12-24 06:00 Europe/Berlin".')

    @model_validator(mode="after")
    def _sound(self) -> DeploySpec:
        if self.overlap != "queue" and self.concurrency is None:
            raise ValueError(f"`overlap: {self.overlap}` needs `concurrency`, the most runs at a time")
        if self.overlap == "cancel_older" and self.concurrency != 1:
            raise ValueError("`overlap: cancel_older` goes with `concurrency: 1`")
        return self
