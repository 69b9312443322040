"""A meter: what one unit of a purchase costs, in credits and in provider USD."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

Unit = Literal["call", "image", "second", "megapixel", "1k_characters", "1k_tokens"]


@dataclass(frozen=True, slots=True)
class Meter:
    """Prices in micro-credits and micro-USD for one `unit`; None is not known. Units are rounded up to `billing_step`.

    `bound_*` is the most that one unit can turn out to cost, where that differs from what is expected.
    """

    unit: Unit
    credits: int | None
    usd: int | None
    bound_credits: int | None = None
    bound_usd: int | None = None
    billing_step: float = 1

    @property
    def known(self) -> bool:
        return self.credits is not None and self.usd is not None

    def billed_units(self, quantity: float) -> Decimal:
        """The quantity rounded up to the billing step: 5.5 s at a step of 5 s is 10 s."""
        step = Decimal(str(self.billing_step))
        steps = (Decimal(str(round(quantity, 6))) / step).to_integral_value(rounding=ROUND_CEILING)
        return max(steps, Decimal(1)) * step

    def cost(self, quantity: float, price_micros: int) -> int:
        """What this quantity costs at this price, rounded up to whole millionths."""
        if price_micros == 0:
            return 0
        return int((self.billed_units(quantity) * price_micros).to_integral_value(rounding=ROUND_CEILING))
