"""What is to stand on a Prefect server for a campaign, as plain values: name, form, schedules, queue, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pressroom.campaign.deployment import ScheduleSpec, Weight, span_of
from pressroom.campaign.models import Campaign
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.money import credits_text, in_credits, usd_text
from pressroom.planning.input_form import harmless_markdown, input_form, plain_value
from pressroom.planning.plan import Totals
from pressroom.services.run_request import RunRequest

FLOW: Final = "campaign"
ENTRYPOINT: Final = "flows.deployed.deployed"
TAG: Final = "pressroom"


@dataclass(frozen=True, slots=True)
class Queue:
    """A work queue of the pool; runs of the smaller priority go first. `most` are under way at a time, None is no limit."""

    name: str
    priority: int
    most: int | None = None


# A flow process takes 0.2 GB and more. What takes up dead runs must never wait behind them: they still count as under way.
UPKEEP: Final = Queue("upkeep", 5)
# What is quick goes before what is bought, and that before what computes long.
QUEUES: Final[Mapping[Weight, Queue]] = {
    "light": Queue("light", 10, 4),
    "paid": Queue("paid", 20, 6),
    "heavy": Queue("heavy", 30, 2),
}


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """One deployment. `source` is the file it came from, `group` names what is deployed and retired together."""

    name: str
    source: str
    group: str
    queue: Queue
    body: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Changes with everything that is sent."""
        return digest([self.source, self.group, self.queue.name, self.body])[:16]


def deployment_spec(
    campaign: Campaign, request: RunRequest, totals: Totals | None, *, source: str, group: str
) -> DeploymentSpec:
    """The deployment of a campaign whose runs are `request` with inputs of their own.

    `totals` are those of the plan with the default inputs; None where an input has to be given first. Raises Invalid for a
    schedule without an input that its runs need.
    """
    deploy = campaign.deploy
    name = deploy.name or campaign.name
    form = input_form(campaign.inputs, deploy.inputs, paths=bool(request.file))
    missing = [
        Problem("missing_input", f"its runs need input {needed!r}", f"add `inputs: {{ {needed}: … }}`", source,
                path=("deploy", "schedules", number))
        for number, schedule in enumerate(deploy.schedules)
        for needed in form.get("required", ())
        if needed not in schedule.inputs
    ]  # fmt: skip
    if missing:
        raise Invalid.of(missing)
    pinned = request.model_copy(
        update={
            "label": request.label or name,
            "inputs": _plain(campaign, deploy.inputs),
            "window": deploy.window,
            "not_before": deploy.not_before,
            "workers": deploy.workers,
        }
    ).model_dump(mode="json", exclude_defaults=True)
    cancels_older = deploy.overlap == "cancel_older"
    strategy = "CANCEL_NEW" if deploy.overlap == "skip" else "ENQUEUE"
    body = {
        "description": _description(campaign, totals),
        "tags": sorted({TAG, *deploy.tags}),
        "entrypoint": ENTRYPOINT,
        "enforce_parameter_schema": True,
        "parameter_openapi_schema": _schema(form, pinned, cancels_older, price_text(totals)),
        "parameters": {"inputs": {}, "request": pinned} | ({"cancel_older": True} if cancels_older else {}),
        "schedules": [_schedule(campaign, number, schedule) for number, schedule in enumerate(deploy.schedules, 1)],
        "concurrency_limit": None if cancels_older else deploy.concurrency,
        "concurrency_options": {"collision_strategy": strategy},
    }
    return DeploymentSpec(name, source, group, _queue(campaign, totals), body)


def _schema(form: Mapping[str, Any], pinned: Mapping[str, Any], cancels_older: bool, price: str) -> dict[str, Any]:
    """The form: the campaign's inputs, what a run may say besides, and last what no caller may change."""
    fixed = "Set by `pressroom deploy`; a run cannot change it."
    properties = {
        "inputs": {"title": "Inputs", "description": price, **form, "position": 0},
        "refresh": {
            "title": "Make again",
            "description": 'Steps to make again though their results are there; "*" means all.',
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "position": 1,
        },
        "request": {"title": "Campaign", "description": fixed, "const": pinned, "default": pinned, "position": 2},
    }
    if cancels_older:
        properties["cancel_older"] = {"title": "Cancel older runs", "description": fixed, "const": True, "position": 3}
    return {
        "title": "Parameters",
        "type": "object",
        "properties": properties,
        "required": ["inputs", "request"],
        "additionalProperties": False,
        "definitions": {},
    }


def _plain(campaign: Campaign, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_value(value, campaign.inputs[name]) for name, value in given.items()}


def _schedule(campaign: Campaign, number: int, schedule: ScheduleSpec) -> dict[str, Any]:
    rhythm: dict[str, Any] = (
        {"cron": schedule.cron, "timezone": schedule.timezone}
        if schedule.cron
        else {"interval": span_of(schedule.every).total_seconds(), "timezone": schedule.timezone}
    )
    return {
        "slug": f"schedule-{number}",
        "active": schedule.active,
        "schedule": rhythm,
        "parameters": {"inputs": _plain(campaign, schedule.inputs)} if schedule.inputs else {},
    }


def _queue(campaign: Campaign, totals: Totals | None) -> Queue:
    buys = totals is None or totals.credits_bound != 0
    weight: Weight = campaign.deploy.weight or ("paid" if buys else "light")
    priority = campaign.deploy.priority
    usual = QUEUES[weight]
    return usual if priority is None else Queue(f"{weight}-{priority}", priority, usual.most)


def _description(campaign: Campaign, totals: Totals | None) -> str:
    about = [harmless_markdown(text) for text in (campaign.title, campaign.description) if text]
    return "\n\n".join([*about, price_text(totals)])


def price_text(totals: Totals | None) -> str:
    """What a run with the default inputs costs where nothing of it is there yet."""
    if totals is None or totals.credits_estimate is None or totals.credits_bound is None:
        return "The price depends on the inputs."
    if not totals.credits_bound:
        return "Costs nothing: all of it is computed."
    usd = "" if totals.usd_bound is None else f", {usd_text(totals.usd_bound)} to vendors"
    return (
        f"Costs about {in_credits(totals.credits_estimate)}, at most {credits_text(totals.credits_bound)}{usd}, with the "
        "default inputs; what is in the library already costs nothing."
    )
