"""What a node costs at a model: estimate and bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pressroom.catalog.models import Model
from pressroom.domain.meter import Meter
from pressroom.planning.plan import Alternative, Quote
from pressroom.planning.totals import known_max


def covering(chosen: Quote, alternatives: Sequence[Alternative]) -> Quote:
    """The quote of the chosen model, with bounds that cover the dearest that may make the node instead."""
    if not alternatives:
        return chosen
    quotes = [chosen, *(item.quote for item in alternatives)]
    return replace(
        chosen,
        credits_bound=known_max(item.credits_bound for item in quotes),
        usd_bound=known_max(item.usd_bound for item in quotes),
    )


def quote(model: Model, units: Mapping[str, float], meter: Meter) -> Quote:
    """The price of these units: estimate and upper bound, None where the price is not known."""
    seconds = sum(each * units.get(unit, 0.0) for unit, each in model.latency_seconds_per.items())
    return _quote(meter, units.get(meter.unit, 1.0), model.latency_seconds + seconds)


@lru_cache(maxsize=4_096)
def _quote(meter: Meter, quantity: float, seconds: float) -> Quote:
    # Nodes of one step mostly ask for the same: 10,000 nodes are priced once or twice.

    def cost(price: int | None) -> int | None:
        return None if price is None else meter.cost(quantity, price)

    return Quote(
        credits_estimate=cost(meter.credits),
        credits_bound=cost(meter.bound_credits if meter.bound_credits is not None else meter.credits),
        usd_estimate=cost(meter.usd),
        usd_bound=cost(meter.bound_usd if meter.bound_usd is not None else meter.usd),
        seconds=seconds,
        meter=meter,
    )
