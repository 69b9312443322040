"""Which model makes a node, why that one, which come after it, and what each costs."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

from pressroom.campaign.models import Policy, Step
from pressroom.catalog.limits import utf16_units
from pressroom.catalog.load import AUTO, Catalog
from pressroom.catalog.models import SIMULATED, Model
from pressroom.catalog.naming import wrong_model
from pressroom.catalog.shapes import main_of, ordered_by, shape_of, taken_by, too_far_from
from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.money import in_credits
from pressroom.domain.operation import Expectation, Params, facts_in
from pressroom.planning.plan import Alternative, Node, Quote
from pressroom.planning.quoting import covering, quote
from pressroom.planning.refusals import NO_KEY, NOT_ALLOWED, lack_text, passed_over, reasons_text
from pressroom.planning.speed import Speed
from pressroom.planning.totals import known_sum

ENDS_SOON_DAYS = 30
LIMIT = "model_limit"  # the code of what is outside of a model's limits


Outputs = tuple[tuple[str, MediaInfo], ...]  # (label, what it will be)


@dataclass(frozen=True, slots=True)
class Offer:
    """The model that was chosen, why, and those that may stand in for it; `quote` covers the dearest of them."""

    model: Model
    quote: Quote
    why: str
    outputs: Outputs
    alternatives: tuple[Alternative, ...] = ()
    ending: tuple[str, str] | None = None  # that it ends soon, and what to use then
    ailing: tuple[str, str] | None = None  # that its orders went wrong lately, where it was asked for by name
    outgrown: bool = False  # whether models of the tiers before its own are asked for more than they make


class Swap(NamedTuple):
    """Another model for the nodes of a step, and what it would save in micro-credits."""

    model: Model
    saves_credits: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a node asks of a model. `facts` are what prices depend on; `seed` says that the campaign asks for one."""

    operation: str
    expected: Expectation
    inputs: Mapping[str, MediaInfo] = field(default_factory=dict)
    prompt: str = ""
    seed: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()  # parameters that are not as they are by default

    @property
    def likeness(self) -> Hashable:
        """Equal for two nodes of one operation for which the same models fit at the same prices."""
        of_a_kind = (self.expected.outputs, tuple(self.expected.units.items()), tuple(self.inputs.items()))
        return (
            *of_a_kind,
            len(self.prompt),
            utf16_units(self.prompt),
            self.seed,
            repr(self.facts) if self.facts else "",
            self.given,
        )


def wanted_of(node: Node) -> Wanted:
    """What a planned node asks for; a seed in its parameters counts as asked for."""
    inputs = {name: source.info for name, source in node.inputs.items()}
    expected = Expectation(node.outputs, node.units)
    given = frozenset(node.params)
    return Wanted(node.operation, expected, inputs, node.prompt, "seed" in node.params, node.facts, given)


def given_in(params: Params) -> frozenset[str]:
    """The parameters that are not as they are by default."""
    fields = type(params).model_fields
    return frozenset(name for name in params.model_fields_set if getattr(params, name) != fields[name].default)


def facts_of(params: Params, outputs: Sequence[tuple[str, MediaInfo]], names: Collection[str]) -> dict[str, Any]:
    """Of what prices and models may depend on, what is named: facts in the parameters, else resolution (`720p`) and
    duration of what is made.
    """
    if not names:
        return {}
    made = outputs[0][1] if outputs else MediaInfo(Kind.IMAGE)
    short = min(made.width or 0, made.height or 0)
    known = {"resolution": f"{short}p" if short else None, "duration": made.longest_seconds}
    known |= facts_in(params)
    return {name: known[name] for name in sorted(names) if known.get(name) is not None}


@dataclass(frozen=True, slots=True)
class Chooser:
    """Picks models by the campaign's policy among the providers that are configured here, as of a day.

    `ailing` are models or providers that are not chosen for now, and why; the steps of `staying` (step, provider) stay with
    theirs all the same. `unsold` are providers for which this version has no adapter. `free_only` leaves out what costs credits.
    `speeds` are how fast models have been, by their names.
    """

    catalog: Catalog
    policy: Policy
    configured: frozenset[str]
    today: date
    ailing: Mapping[str, str] = field(default_factory=dict)
    free_only: bool = False
    unsold: frozenset[str] = frozenset()
    staying: frozenset[tuple[str, str]] = frozenset()
    speeds: Mapping[str, Speed] = field(default_factory=dict)

    def choose(self, step: Step, wanted: Wanted, name: str = "") -> Offer | Problem:
        """The model for a node of the step (called `name`), or why there is none, without a place."""
        stays = {provider for staying, provider in self.staying if staying == name}
        if stays & self.ailing.keys():
            well = {each: why for each, why in self.ailing.items() if each not in stays}
            return replace(self, ailing=well).choose(step, wanted)
        if step.model is not None:
            return self._named(step.model, step, wanted)
        return self._in_tiers(step, wanted)

    def cheaper(self, nodes: Sequence[Node]) -> Swap | None:
        """The cheapest other model that could make all of these nodes of one step for less; None when there is none.

        A simulated one is none in place of what it only plays.
        """
        node, now = nodes[0], known_sum(item.quote.credits_estimate for item in nodes)
        if now is None:
            return None
        asked = [wanted_of(item) for item in nodes]
        plays = node.provider.startswith(SIMULATED)
        swaps = [
            Swap(model, now - cost)
            for model in self.catalog.offers.get(node.operation, ())
            if model.name != f"{node.provider}/{node.model}" and (plays or not model.provider.startswith(SIMULATED))
            if self._barred(model, asked[0]) is None
            for cost in [known_sum(self._quote(model, wanted).credits_estimate for wanted in asked)]
            if cost is not None and cost < now and not any(misfits(model, wanted) for wanted in asked)
        ]
        # Of two equally cheap ones the better is the alternative worth naming.
        return max(swaps, key=lambda swap: (swap.saves_credits, swap.model.quality), default=None)

    # a model by name

    def _named(self, name: str, step: Step, wanted: Wanted) -> Offer | Problem:
        if (unknown := wrong_model(self.catalog, name, wanted.operation)) is not None:
            return unknown
        model = self.catalog.models[name]
        barred = self._barred(model, wanted)
        if barred is not None:
            return Problem(barred.code, f"{name} {barred.message}", barred.hint)
        wrong = misfits(model, wanted)
        if wrong:
            return Problem(LIMIT, f"{name} cannot make this: {', '.join(wrong)}", self._other(wanted.operation))
        # Only asked for where it falls back at all: most steps name no fallback.
        others = (row for tier in self._walk(step) for row in self._fitting(tier, wanted))
        offer = self._offer(model, step, wanted, f"asked for by name ({model.tier})", others)
        ails = self._ails(model)
        return replace(offer, ailing=(f"{name} {ails.message}", ails.hint)) if ails else offer

    # a model by tier

    def _in_tiers(self, step: Step, wanted: Wanted) -> Offer | Problem:
        """The preferred of the first tier that has any; what the tiers before it lack is told."""
        refused: dict[str, dict[str, Problem]] = {}
        walk = self._walk(step)
        for place, tier in enumerate(walk):
            unfit: dict[str, Problem] = {}
            fitting = self._fitting(tier, wanted, unfit)
            if fitting:
                later = (model for lower in walk[place + 1 :] for model in self._fitting(lower, wanted))
                why = self._why(fitting, refused, wanted.operation) + passed_over(unfit)
                offer = self._offer(fitting[0], step, wanted, why, chain(fitting, later))
                lacking = (problem.code for found in refused.values() for problem in found.values())
                return replace(offer, outgrown=True) if LIMIT in lacking else offer
            refused[tier] = unfit
        return self._none(
            step.tier or self.policy.tier, wanted, {k: v for found in refused.values() for k, v in found.items()}
        )

    def _walk(self, step: Step) -> tuple[str, ...]:
        return self.catalog.walks[step.tier or self.policy.tier]

    def _fitting(self, tier: str, wanted: Wanted, unfit: dict[str, Problem] | None = None) -> list[Model]:
        """The models of a tier that can be used, the preferred first; the reasons of the others go into `unfit`."""
        found: list[Model] = []
        for model in self.catalog.offers.get(wanted.operation, ()):
            if model.tier == tier:
                reason = self._unfit(model, wanted)
                if reason is None:
                    found.append(model)
                elif unfit is not None:
                    unfit[model.name] = reason
        return self._ranked(found, wanted)

    def _none(self, asked: str, wanted: Wanted, refused: Mapping[str, Problem]) -> Problem:
        """In all tiers that were looked in, nothing can be used: why each cannot."""
        offers = self.catalog.offers.get(wanted.operation, ())
        others = ", ".join(f"{model.name} ({model.tier})" for model in offers) or "none"
        tier = "" if asked == AUTO else f"{asked} "
        if not refused:
            hint = f"the catalog has: {others}" if offers else "add its row to a vendor's file of the catalog"
            return Problem("no_model", f"no {tier}model offers {wanted.operation}", hint)
        reasons = reasons_text(refused, ": ")
        if any(reason.code == LIMIT for reason in refused.values()):
            message = f"no model can make this {wanted.operation}: {reasons}"
            return Problem("no_model_fits", message, self._other(wanted.operation))
        hint = next((reason.hint for reason in refused.values() if reason.hint), f"the catalog has: {others}")
        return Problem("no_model", f"no {tier}model of {wanted.operation} can be used: {reasons}", hint)

    def _unfit(self, model: Model, wanted: Wanted) -> Problem | None:
        """Why this model is not chosen by itself for this node; None when it can be."""
        barred = self._barred(model, wanted)
        if barred is not None:
            return barred
        wrong = misfits(model, wanted)
        if wrong:
            return Problem(LIMIT, ", ".join(wrong))
        ails = self._ails(model)
        if ails is not None:
            return ails
        quoted = self._quote(model, wanted)
        # A model whose price is not known is never picked; it has to be asked for by name, and is then refused.
        if quoted.credits_bound is None:
            return Problem("unknown_price", "has no known price")
        if self.free_only and quoted.credits_bound:
            return Problem("budget_credits", "costs credits, budget.credits is 0", "raise budget.credits")
        return None

    def _barred(self, model: Model, wanted: Wanted) -> Problem | None:
        """Why this model cannot be used here and now, whatever its limits."""
        provider = self.catalog.providers[model.provider]
        if self.policy.providers and model.provider not in self.policy.providers:
            allowed = ", ".join(self.policy.providers)
            return Problem(NOT_ALLOWED, f"is not allowed by policy.providers ({allowed})")
        # Before what is missing here: no key brings back what has ended.
        if model.shutdown_on is not None and self.today >= model.shutdown_on:
            return Problem("model_ended", f"has ended on {model.shutdown_on}", self._instead(model, wanted))
        if model.provider in self.unsold:
            message = f"cannot be bought here: this version has no adapter for {provider.title}"
            return Problem("provider_unknown", message, "use another model, or a version that has one")
        if model.provider not in self.configured:
            names = " or ".join(provider.keys)
            which = "one of them with _FILE" if len(provider.keys) > 1 else f"{names}_FILE"
            hint = f"or set {names} (or {which}, naming a file that holds the key)"
            return Problem(NO_KEY, f"needs a key of {provider.title}: pressroom providers set {provider.name}", hint)
        if model.available_from is not None and self.today < model.available_from:
            return Problem("model_not_yet", f"is available from {model.available_from}", "use another one until then")
        return None

    def _ails(self, model: Model) -> Problem | None:
        why = self.ailing.get(model.name) or self.ailing.get(model.provider)
        return Problem("model_ailing", f"is ailing: {why}", "use another one or try later") if why else None

    def _instead(self, model: Model, wanted: Wanted) -> str:
        """`use simulated/x: 2 credits for this`; what to do without a model that ends, and for how much."""
        successor = self.catalog.models.get(model.replaced_by or "")
        if successor is None:
            return self._other(wanted.operation)
        cost = self._quote(successor, wanted).credits_bound
        price = "its price is not known" if cost is None else f"up to {in_credits(cost)} for this"
        return f"use {successor.name}: {price}"

    def _ranked(self, models: list[Model], wanted: Wanted) -> list[Model]:
        """The models of one tier, the preferred first."""
        if len(models) < 2:
            return models
        prefer = self.policy.prefer
        cost = {model.name: self._quote(model, wanted).credits_estimate or 0 for model in models}
        if prefer == "best":
            return sorted(models, key=lambda model: (-model.quality, cost[model.name]))
        if prefer == "fastest":
            return sorted(models, key=lambda model: (self._seconds(model, wanted), cost[model.name]))
        place = {name: number for number, name in enumerate(prefer)} if isinstance(prefer, tuple) else {}
        return sorted(models, key=lambda model: (place.get(model.name, len(place)), cost[model.name], -model.quality))

    def _why(self, ranked: list[Model], refused: Mapping[str, Mapping[str, Problem]], operation: str) -> str:
        """`cheapest budget model that fits`; `budget has none for crop: the free model that fits`."""
        prefer, model = self.policy.prefer, ranked[0]
        word = prefer if isinstance(prefer, str) else "preferred" if model.name in prefer else "cheapest"
        by = f", {self._timed_by(model)}" if prefer == "fastest" else ""
        rank = f"{word} {model.tier} model that fits{by}" if len(ranked) > 1 else f"the {model.tier} model that fits"
        return "".join(f"{lack_text(tier, unfit, operation)}: " for tier, unfit in refused.items()) + rank

    def _seconds(self, model: Model, wanted: Wanted) -> float:
        listed, speed = self._quote(model, wanted).seconds, self.speeds.get(model.name)
        return listed if speed is None else speed.seconds(listed)

    def _timed_by(self, model: Model) -> str:
        """What is known of how fast it is."""
        speed = self.speeds.get(model.name)
        return "by the catalog's times" if speed is None else f"by its last {speed.orders} orders"

    # what it costs

    def _offer(self, model: Model, step: Step, wanted: Wanted, why: str, others: Iterable[Model]) -> Offer:
        outputs = made_by(model, wanted)
        alternatives = tuple(
            Alternative(other.provider, other.model, self._quote(other, wanted))
            for other in self._fallbacks(step, wanted, others)
            # What stands in makes the same files.
            if other.name != model.name and made_by(other, wanted) == outputs
        )
        ends = model.shutdown_on is not None and (model.shutdown_on - self.today).days <= ENDS_SOON_DAYS
        ending = (f"{model.name} ends on {model.shutdown_on}", self._instead(model, wanted)) if ends else None
        return Offer(model, covering(self._quote(model, wanted), alternatives), why, outputs, alternatives, ending)

    def _fallbacks(self, step: Step, wanted: Wanted, others: Iterable[Model]) -> list[Model]:
        """Those that may come after the chosen one: what the step or the policy lists, or all that its tiers allow."""
        asked = self.policy.fallback if step.fallback is None else step.fallback
        if asked is True:
            return list(others)
        listed = (self.catalog.models.get(name) for name in asked or ())
        return [
            row
            for row in listed
            if row is not None and row.operation == wanted.operation and self._unfit(row, wanted) is None
        ]

    def _quote(self, model: Model, wanted: Wanted) -> Quote:
        ordered = ordered_by(model, wanted.expected.outputs, wanted.expected.units, wanted.facts)
        return quote(model, ordered.units, model.meter(ordered.facts, self.today))

    def _other(self, operation: str) -> str:
        names = ", ".join(model.name for model in self.catalog.offers.get(operation, ()))
        return f"models of {operation}: {names}"


def made_by(model: Model, wanted: Wanted) -> Outputs:
    """Of the files that an operation promises, those that this model makes: not each sells the drawing beside the picture."""
    return tuple((label, made) for label, made in wanted.expected.outputs if not model.limits.leaves_out(label))


def misfits(model: Model, wanted: Wanted) -> list[str]:
    """What of this node is outside the model's limits, in words."""
    limits, outputs = model.limits, made_by(model, wanted)
    found = dict.fromkeys(text for _, made in outputs for text in limits.violations(made))
    shape = shape_of(model, main_of(outputs))
    if isinstance(shape, str):
        found |= {shape: None}
    if far := too_far_from(model, next(iter(wanted.inputs.values()), None), main_of(outputs)):
        found |= {far: None}
    if model.id:
        found |= dict.fromkeys(f"takes no {name}" for name in sorted(wanted.given - taken_by(model)))
    found |= dict.fromkeys(limits.refused_inputs(wanted.inputs))
    found |= dict.fromkeys(limits.refused_order(outputs, wanted.prompt, seed=wanted.seed))
    found |= dict.fromkeys(limits.refused_values(wanted.facts))
    return list(found)


def configured_providers(catalog: Catalog, has_key: Iterable[str] = ()) -> frozenset[str]:
    """Names of the providers that need no key, or one of whose keys is among the names in `has_key`."""
    known = set(has_key)
    return frozenset(row.name for row in catalog.providers.values() if not row.keys or known & set(row.keys))
