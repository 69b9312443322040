"""The price lock: before anything is held, each vendor that tells is asked what its models charge now, for just these orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from pressroom.catalog.shapes import main_of, ordered_by
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import PressroomError, Problem, Refused
from pressroom.domain.money import usd_text
from pressroom.planning.plan import Action, Node, Plan
from pressroom.providers.base import Order, PriceNow, QuotesPrices
from pressroom.services.context import Context

AT_ONCE: Final = 8  # models that vendors are asked about
MOST_KINDS: Final = 20  # of one model's orders that are asked for one by one


@dataclass(frozen=True, slots=True)
class _Asked:
    """One kind of order: a node of it, the units that its model makes of it, and what the vendor says."""

    node: Node
    units: Mapping[str, float]
    price: PriceNow

    @property
    def cost_micros(self) -> int | None:
        """What the order costs now; None where the vendor goes by a unit that is not known of it."""
        units = 1.0 if not self.price.unit else self.units.get(self.price.unit)
        return None if units is None else self.price.cost(units)


def lock_prices(context: Context, plan: Plan) -> dict[str, int]:
    """Model -> the most that one of its orders costs now, in micro-USD, of those whose vendor answers.

    Raises Refused, naming every model, where one is dearer now than what the plan holds for it. A vendor that cannot be asked
    now changes nothing: the plan's bound holds, and the true bill settles it.
    """
    kinds = _kinds(context, plan)
    if not kinds:
        return {}
    with ThreadPoolExecutor(min(AT_ONCE, len(kinds)), thread_name_prefix="price") as pool:
        asked = [each for found in pool.map(partial(_ask, context), kinds.values()) for each in found]
    if dearer := list(_dearer(asked)):
        reasons = "; ".join(map(str, dearer))
        raise Refused(f"{plan.campaign} was refused: {reasons}", problems=tuple(dearer))
    costs = sorted((_maker(each.node), each.cost_micros) for each in asked if each.cost_micros is not None)
    return dict(costs)  # of one model's the highest, which comes last


def _maker(node: Node) -> str:
    return f"{node.provider}/{node.model}"


def _kinds(context: Context, plan: Plan) -> dict[str, list[Node]]:
    """Model -> a node for each kind of order: what no price depends on tells none apart. The dearest come first."""
    found: dict[str, dict[str, Node]] = defaultdict(dict)
    for node in plan.nodes:
        if node.action is Action.CREATE and isinstance(context.vendors.get(node.provider), QuotesPrices):
            kind = digest([dict(node.units), dict(node.facts), [str(made) for _, made in node.outputs]])
            found[_maker(node)].setdefault(kind, node)
    return {name: sorted(nodes.values(), key=_bound, reverse=True) for name, nodes in found.items()}


def _bound(node: Node) -> int:
    return node.quote.usd_bound or 0


def _ask(context: Context, nodes: Sequence[Node]) -> list[_Asked]:
    """What the vendor says of one model: of its unit, which holds for every order, or of each of the dearest kinds."""
    vendor, row = context.vendors[nodes[0].provider], context.catalog.models[_maker(nodes[0])]
    assert isinstance(vendor, QuotesPrices), "only who tells prices is asked"
    found: list[_Asked] = []
    for node in nodes:
        units = ordered_by(row, node.outputs, node.units, node.facts).units
        price = found[0].price if found else None
        if price is None or not price.unit:
            if len(found) == MOST_KINDS:
                break
            price = _price(vendor, node, units)
        if price is None:
            break
        found.append(_Asked(node, units, price))
    return found


def _price(vendor: QuotesPrices, node: Node, units: Mapping[str, float]) -> PriceNow | None:
    makes = main_of(node.outputs)
    try:
        return vendor.price(Order("", node.operation, node.model, node.params, len(node.outputs), units, makes=makes))
    except PressroomError:
        return None


def _dearer(asked: Sequence[_Asked]) -> Iterator[Problem]:
    for each in asked:
        cost, bound = each.cost_micros, each.node.quote.usd_bound
        if cost is None or bound is None or cost <= bound:
            continue
        message = f"{_maker(each.node)} costs {usd_text(cost)} now, the plan holds {usd_text(bound)} for it"
        hint = (
            "its row in the catalog is to be brought up to date, or choose another model: pressroom prices check --live"
        )
        yield Problem("price_changed", message, hint, step=each.node.step)
