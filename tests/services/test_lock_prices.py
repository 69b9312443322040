"""What vendors ask now, against what the plan holds: asked once for each kind of order, before anything is held."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pressroom.domain.errors import Refused, Retryable
from pressroom.planning.stored_plan import dump_plan, read_plan
from pressroom.providers.base import Order, PriceNow
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.lock_prices import MOST_KINDS, lock_prices
from tests.support.studio import CREDIT, Studio

USD = CREDIT // 100


class Telling(SimulatedVendor):
    """A vendor that says what an order costs."""

    def __init__(self, studio: Studio, says: PriceNow | Exception | None, name: str = "simulated") -> None:
        self.__dict__.update(studio.open_vendor(name=name).__dict__)
        self.says = says
        self.asked: list[Order] = []

    def price(self, order: Order) -> PriceNow | None:
        self.asked.append(order)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def pictures(*widths: int, model: str = "simulated/ink") -> str:
    steps = [
        f"  s{n}: {{uses: draw, model: {model}, with: {{prompt: p{n}, width: {width}}}}}"
        for n, width in enumerate(widths)
    ]
    return "\n".join(["name: locked", "steps:", *steps])


def asked(studio: Studio, text: str, says: PriceNow | Exception | None) -> tuple[dict[str, int], Telling]:
    vendor = Telling(studio, says)
    return lock_prices(studio.with_vendor(vendor).context, studio.plan(text)), vendor


def test_each_kind_of_order_is_asked_for_once(studio: Studio) -> None:
    locked, vendor = asked(studio, pictures(26, 26, 30, 30, 30), PriceNow(Decimal(USD)))

    assert locked == {"simulated/ink": USD}
    assert sorted(order.params["width"] for order in vendor.asked) == [26, 30]
    assert all(not order.inputs for order in vendor.asked)


def test_a_price_of_a_unit_is_asked_for_once_and_counted_by_what_each_order_has_of_it(studio: Studio) -> None:
    text = pictures(100, 200, model="simulated/metered")

    locked, vendor = asked(studio, text, PriceNow(Decimal(15_000), "megapixel"))

    assert locked == {"simulated/metered": 48}  # 200 x 16 pixels
    assert len(vendor.asked) == 1


def test_what_is_dearer_than_the_plan_holds_is_refused_with_both_prices(studio: Studio) -> None:
    with pytest.raises(Refused, match=r"simulated/ink costs \$0\.010001 now, the plan holds \$0\.01 for it") as raised:
        asked(studio, pictures(24), PriceNow(Decimal(USD) + 1))

    [problem] = raised.value.fields["problems"]
    assert (problem.code, problem.step) == ("price_changed", "s0")


@pytest.mark.parametrize("says", [None, Retryable("it is away")], ids=["it does not tell", "it is away"])
def test_a_vendor_that_says_nothing_changes_nothing(studio: Studio, says: Exception | None) -> None:
    locked, vendor = asked(studio, pictures(24, 30), says)

    assert (locked, len(vendor.asked)) == ({}, 1)


def test_a_unit_that_is_not_known_of_an_order_changes_nothing(studio: Studio) -> None:
    assert asked(studio, pictures(24), PriceNow(Decimal(9 * USD), "1k_tokens"))[0] == {}


def test_of_a_thousand_kinds_the_dearest_are_asked_for(studio: Studio) -> None:
    widths = range(100, 100 * (2 * MOST_KINDS + 1), 100)

    _, vendor = asked(studio, pictures(*widths, model="simulated/metered"), PriceNow(Decimal(1)))

    assert sorted(order.params["width"] for order in vendor.asked) == list(widths)[MOST_KINDS:]


def test_what_is_there_already_and_what_is_made_here_is_not_asked_for(studio: Studio) -> None:
    studio.go(pictures(24))
    text = pictures(24) + "\n  here: {uses: draw, model: local/pencil}"

    assert asked(studio, text, PriceNow(Decimal(9 * USD)))[1].asked == []


def test_what_was_said_is_kept_with_the_plan(studio: Studio) -> None:
    plan = replace(studio.plan(pictures(24)), locked={"simulated/ink": USD})

    assert read_plan(dump_plan(plan)).locked == {"simulated/ink": USD}
