"""Money as integers: credits that accounts pay with, and the USD a purchase costs. They are never mixed.

Both count millionths (1 credit = 1_000_000 micro-credits), so that prices like $0.0023 per megapixel stay exact and SQL sums
are integer sums. Decimal is used only where a person's number is read or shown.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal, InvalidOperation
from typing import Final

MICROS: Final = 1_000_000
_UP: Final = Context(prec=40, rounding=ROUND_CEILING)
MAX_MICROS: Final = 2**62  # what a signed 64-bit SQL integer holds, with room to add two
MAX_CREDITS: Final = MAX_MICROS // MICROS


def micros(value: str | int | float | Decimal) -> int:
    """Millionths of a credit or a dollar, rounded up: a price is never counted too low.

    Raises ValueError for anything that is not a finite number from 0 up.
    """
    if isinstance(value, bool):
        raise ValueError(f"not an amount: {value!r}")
    try:
        # A float goes through its shortest text, so that 0.1 means one tenth.
        number = Decimal(str(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError) as exc:
        raise ValueError(f"not an amount: {value!r}") from exc
    if not number.is_finite() or number < 0:
        raise ValueError(f"not an amount from 0 up: {value!r}")
    # Compared first: multiplying an absurd exponent overflows.
    if number > MAX_CREDITS:
        raise ValueError(f"amount too large: {value!r}")
    return int(_UP.multiply(number, MICROS).to_integral_value(rounding=ROUND_CEILING))


def credits_text(amount_micros: int) -> str:
    """`1_500_000` -> `1.5`, `2_000_000` -> `2`; what tables and messages show."""
    return _text(amount_micros)


def amount_text(amount: float) -> str:
    """A number of JSON (`to_number`) as tables show it, all its digits: `1000000`, `0.5`."""
    return _text(round(amount * MICROS))


def in_credits(amount_micros: int) -> str:
    """`1_000_000` -> `1 credit`, `2_500_000` -> `2.5 credits`."""
    return f"{credits_text(amount_micros)} credit{'' if amount_micros == MICROS else 's'}"


def usd_text(amount_micros: int) -> str:
    """`50_000` -> `$0.05`; at least two decimals."""
    whole, _, fraction = _text(amount_micros).partition(".")
    return (
        f"${whole}.{fraction.ljust(2, '0')}" if not whole.startswith("-") else f"-${whole[1:]}.{fraction.ljust(2, '0')}"
    )


def to_number(amount_micros: int) -> int | float:
    """The amount in whole credits or dollars for JSON: an int where it is whole, else a float."""
    whole, rest = divmod(amount_micros, MICROS)
    return whole if rest == 0 else amount_micros / MICROS


def _text(amount_micros: int) -> str:
    sign, amount = ("-", -amount_micros) if amount_micros < 0 else ("", amount_micros)
    whole, rest = divmod(amount, MICROS)
    fraction = f"{rest:06d}".rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
