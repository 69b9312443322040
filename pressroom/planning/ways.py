"""How a node is asked for: one of the ways that an operation leaves to the plan, and what the plan says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pressroom.catalog.presets import WORDED, goes_as_parameter
from pressroom.domain.errors import Problem
from pressroom.domain.operation import Expectation, Operation, Params
from pressroom.planning.offers import Offer
from pressroom.planning.parameters import Resolved


@dataclass(frozen=True, slots=True)
class Asked:
    """One way to ask for a node, with the model that makes it or why there is none."""

    resolved: Resolved
    expected: Expectation
    prompt: str
    facts: Mapping[str, Any]
    chosen: Offer | Problem


def ways_of(operation: Operation[Any], resolved: Resolved) -> Iterator[tuple[Resolved, str]]:
    """The parameters in the order in which they are tried, and why; as they are where nothing is left open."""
    ways = operation.ways(resolved.params, resolved.infos) if operation.ways else ()
    if not ways:
        yield resolved, ""
    for way in ways:
        yield replace(resolved, params=way.params), way.why


def explained(offer: Offer, params: Params, why: str, before: str) -> Offer:
    """The offer with all that is to be said of it: the way taken, why not the one before, how a style or a mood goes."""
    way = f"{why}, since otherwise {before}" if why and before else why
    said = "; ".join(filter(None, (way, offer.why, *_worded(offer, params))))
    return offer if said == offer.why else replace(offer, why=said)


def _worded(offer: Offer, params: Params) -> Iterator[str]:
    """`preset anime in words`, for what every model that is bought follows."""
    for name in WORDED if offer.model.provider != "local" else ():
        value = getattr(params, name, None)
        if value:
            how = "by parameter" if goes_as_parameter(value, offer.model.parameters, name) else "in words"
            yield f"{name} {value} {how}"


def only_sold(operation: Operation[Any], problem: Problem) -> Problem:
    """Where no model was found, and this machine never has one: why."""
    if problem.code != "no_model" or not operation.only_sold:
        return problem
    return replace(problem, message=f"{problem.message}: {operation.only_sold}")
