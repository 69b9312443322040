"""Which model makes a node, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pressroom.campaign.models import Policy, Step
from pressroom.catalog.load import Catalog
from pressroom.catalog.models import TIERS, Model
from pressroom.domain.media import MediaInfo
from pressroom.domain.operation import Expectation
from pressroom.planning.plan import Node, Quote
from pressroom.planning.totals import known_sum


@dataclass(frozen=True, slots=True)
class NoModel:
    """No model fits; `code`, `message` and `hint` become a Problem."""

    code: str
    message: str
    hint: str = ""


class Swap(NamedTuple):
    """Another model for the nodes of a step, and what it would save in micro-credits."""

    model: Model
    saves_credits: int


@dataclass(frozen=True, slots=True)
class Chooser:
    """Picks models by the campaign's policy among the providers that are configured here."""

    catalog: Catalog
    policy: Policy
    configured: frozenset[str]

    def choose(
        self, operation: str, step: Step, expected: Expectation, inputs: Mapping[str, MediaInfo], prompt: str
    ) -> Model | NoModel:
        if step.model is not None:
            return self._named(step.model, operation, expected, inputs, prompt)
        candidates = self._allowed(operation, step)
        if isinstance(candidates, NoModel):
            return candidates
        why: list[str] = []
        fitting: list[Model] = []
        for model in candidates:
            wrong = misfits(model, expected, inputs, prompt)
            if wrong:
                why.append(f"{model.name}: {', '.join(wrong)}")
            else:
                fitting.append(model)
        if not fitting:
            return NoModel(
                "no_model_fits", f"no model can make this {operation}: {'; '.join(why)}", self._other(operation)
            )
        return self._preferred(fitting, expected)

    def cheaper(self, nodes: Sequence[Node]) -> Swap | None:
        """The cheapest other model that could make all of these nodes of one step for less; None when there is none."""
        node, now = nodes[0], known_sum(item.quote.credits_estimate for item in nodes)
        if now is None:
            return None
        swaps = [
            Swap(model, now - cost)
            for model in self.catalog.offers.get(node.operation, ())
            if model.name != f"{node.provider}/{node.model}" and self._may_use(model)
            for cost in [known_sum(quote(model, item.units).credits_estimate for item in nodes)]
            if cost is not None and cost < now and not any(_misfits_node(model, item) for item in nodes)
        ]
        # Of two equally cheap ones the better is the alternative worth naming.
        return max(swaps, key=lambda swap: (swap.saves_credits, swap.model.quality), default=None)

    def _may_use(self, model: Model) -> bool:
        return model.provider in self.configured and (
            not self.policy.providers or model.provider in self.policy.providers
        )

    def _named(
        self, name: str, operation: str, expected: Expectation, inputs: Mapping[str, MediaInfo], prompt: str
    ) -> Model | NoModel:
        model = self.catalog.models.get(name)
        if model is None or model.operation != operation:
            why = "is not in the catalog" if model is None else f"offers {model.operation}, not {operation}"
            nearest = self.catalog.nearest_model(name, operation)
            return NoModel("unknown_model", f"model {name!r} {why}", f"did you mean {nearest}?")
        if model.provider not in self.configured:
            return NoModel("provider_not_configured", f"provider {model.provider!r} of {name} is not configured")
        if self.policy.providers and model.provider not in self.policy.providers:
            allowed = ", ".join(self.policy.providers)
            return NoModel("policy_provider", f"policy.providers allows {allowed}, not {model.provider}")
        wrong = misfits(model, expected, inputs, prompt)
        if wrong:
            return NoModel("model_limit", f"{name} cannot make this: {', '.join(wrong)}", self._other(operation))
        return model

    def _allowed(self, operation: str, step: Step) -> list[Model] | NoModel:
        tier = step.tier or self.policy.tier
        highest = len(TIERS) - 1 if tier == "auto" else TIERS.index(tier)
        offers = self.catalog.offers.get(operation, ())
        allowed = [
            model
            for model in offers
            if TIERS.index(model.tier) <= highest
            and self._may_use(model)
            # A model whose price is not known is never picked; it has to be asked for by name, and is then refused.
            and model.credits is not None
        ]
        if allowed:
            return allowed
        others = ", ".join(f"{model.name} ({model.tier})" for model in offers) or "none"
        return NoModel("no_model", f"no {tier} model offers {operation}", f"the catalog has: {others}")

    def _preferred(self, models: list[Model], expected: Expectation) -> Model:
        prefer = self.policy.prefer
        if isinstance(prefer, tuple):
            listed = [model for name in prefer for model in models if model.name == name]
            if listed:
                return listed[0]
        if prefer == "best":
            return max(models, key=lambda model: (model.quality, -_estimate(model, expected)))
        return min(models, key=lambda model: (_estimate(model, expected), -model.quality))

    def _other(self, operation: str) -> str:
        names = ", ".join(model.name for model in self.catalog.offers.get(operation, ()))
        return f"models of {operation}: {names}"


def misfits(model: Model, expected: Expectation, inputs: Mapping[str, MediaInfo], prompt: str) -> list[str]:
    """What of this node is outside the model's limits, in words."""
    limits = model.limits
    found = list(dict.fromkeys(text for _, made in expected.outputs for text in limits.violations(made)))
    if limits.max_input_megapixels is not None:
        found += [
            f"input of {info.megapixels:.1f} megapixels is above {limits.max_input_megapixels:g}"
            for info in inputs.values()
            if info.megapixels > limits.max_input_megapixels
        ]
    if limits.max_prompt_characters is not None and len(prompt) > limits.max_prompt_characters:
        found.append(f"prompt of {len(prompt)} characters is above {limits.max_prompt_characters}")
    return found


def _misfits_node(model: Model, node: Node) -> bool:
    inputs = {name: source.info for name, source in node.inputs.items()}
    return bool(misfits(model, Expectation(node.outputs, node.units), inputs, node.prompt))


def quote(model: Model, units: Mapping[str, float]) -> Quote:
    """The price of these units: estimate and upper bound, None where the price is not known."""
    seconds = sum(each * units.get(unit, 0.0) for unit, each in model.latency_seconds_per.items())
    return _quote(model, units.get(model.unit, 1.0), model.latency_seconds + seconds)


@lru_cache(maxsize=4_096)
def _quote(model: Model, quantity: float, seconds: float) -> Quote:
    # Nodes of one step mostly ask for the same: 10,000 nodes are priced once or twice.

    def cost(price: int | None) -> int | None:
        return None if price is None else model.cost(quantity, price)

    return Quote(
        credits_estimate=cost(model.credits),
        credits_bound=cost(model.bound_credits if model.bound_credits is not None else model.credits),
        usd_estimate=cost(model.usd),
        usd_bound=cost(model.bound_usd if model.bound_usd is not None else model.usd),
        seconds=seconds,
    )


def configured_providers(catalog: Catalog, has_key: Iterable[str] = ()) -> frozenset[str]:
    """Names of the providers that need no key or whose key setting is in `has_key`."""
    keys = set(has_key)
    return frozenset(row.name for row in catalog.providers.values() if not row.needs_key or row.needs_key in keys)


def _estimate(model: Model, expected: Expectation) -> int:
    return quote(model, expected.units).credits_estimate or 0
