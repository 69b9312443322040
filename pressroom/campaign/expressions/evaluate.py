"""What expressions do with values: look up, calculate, filter. Every result is bounded in size."""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pressroom.campaign.written import WrittenFloat, WrittenInt, number_of
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.suggest import did_you_mean

MAX_RESULT_CHARACTERS: Final = 10_000
MAX_RESULT_ITEMS: Final = 10_000
MAX_NUMBER: Final = 10**15  # whole numbers up to here are exact as floats too

DECIMAL_COMMA: Final = re.compile(r"[-+]?[0-9]+,[0-9]+")

TYPE_NAMES: Final = {
    str: "text", bool: "true/false", int: "a number", float: "a number", list: "a list", tuple: "a list", dict: "a mapping",
    type(None): "nothing",
}  # fmt: skip


class Missing(Exception):
    """A name that is not there; `| default` and `is defined` catch it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def invalid(message: str, hint: str = "") -> Invalid:
    return Invalid.of([Problem("expression", message, hint)])


def kind_of(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    return next((TYPE_NAMES[kind] for kind in type(value).__mro__ if kind in TYPE_NAMES), type(value).__name__)


def bounded(value: Any) -> Any:
    """The value itself, refused when it is too large to be meant."""
    kind = type(value)
    if kind is str and len(value) > MAX_RESULT_CHARACTERS:
        raise invalid(f"an expression gives {len(value):,} characters, at most {MAX_RESULT_CHARACTERS:,} are allowed")
    if kind in (list, tuple) and len(value) > MAX_RESULT_ITEMS:
        raise invalid(f"an expression gives a list of {len(value):,}, at most {MAX_RESULT_ITEMS:,} are allowed")
    return value


def as_text(value: Any) -> str:
    """The value as it appears inside a text: nothing for null, true/false in small letters."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise invalid(f"{kind_of(value)} cannot stand inside a text", "use | join(', ') for a list, .key for a mapping")


def look_up(container: Any, key: str | int, path: str) -> Any:
    """`container.key` or `container[key]`: keys of mappings and positions of lists only. Raises Missing."""
    if isinstance(container, Mapping):
        if key in container:
            return container[key]
        raise Missing(f"{path} has no {key!r}", did_you_mean(str(key), container))
    if isinstance(key, int) and isinstance(container, list | tuple):
        if -len(container) <= key < len(container):
            return container[key]
        raise Missing(f"{path} has {len(container)} items, there is no [{key}]", "positions count from 0")
    raise Missing(f"{path} is {kind_of(container)}, it has no {key!r}", "only mappings have named values")


# operators


def add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return bounded(left + right)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return bounded([*left, *right])
    if isinstance(left, str) or isinstance(right, str):
        raise invalid(f"cannot add {kind_of(left)} and {kind_of(right)}", "join texts with ~, or convert with | int")
    return _calculate("+", operator.add, left, right)


def arithmetic(sign: str) -> Callable[[Any, Any], Any]:
    """A function of two numbers; never of texts or lists, so that nothing is repeated or formatted."""
    function = {
        "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "%": operator.mod,
    }[sign]  # fmt: skip
    return lambda left, right: _calculate(sign, function, left, right)


def _calculate(sign: str, function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    for value in (left, right):
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise invalid(
                f"{sign} needs two numbers, {value!r:.60} is {kind_of(value)}", "convert with | int or | float"
            )
    try:
        result = function(left, right)
    except (ZeroDivisionError, OverflowError) as exc:
        raise invalid(f"{left} {sign} {right}: {exc}") from exc
    return _number(result)


def _number(value: int | float) -> int | float:
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise invalid(f"an expression gives a number beyond {MAX_NUMBER:.0e}")
    return value


def negative(value: Any) -> Any:
    if isinstance(value, WrittenInt | WrittenFloat):
        return -value
    return _calculate("-", operator.sub, 0, value)


def concatenate(values: Iterable[Any]) -> str:
    return str(bounded("".join(as_text(value) for value in values)))


COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "lteq": operator.le, "gt": operator.gt, "gteq": operator.ge,
    "in": lambda left, right: left in right, "notin": lambda left, right: left not in right,
}  # fmt: skip


def compare(name: str, left: Any, right: Any) -> bool:
    try:
        return bool(COMPARISONS[name](left, right))
    except TypeError as exc:
        hint = "convert with | int or | float"
        raise invalid(
            f"cannot compare {kind_of(left)} ({left!r:.40}) with {kind_of(right)} ({right!r:.40})", hint
        ) from exc


# filters


def _text_of(name: str, value: Any) -> str:
    if isinstance(value, list | tuple | Mapping) or value is None:
        raise invalid(f"| {name} needs text, got {kind_of(value)}")
    return as_text(value)


def _list_of(name: str, value: Any) -> Any:
    if not isinstance(value, list | tuple | str):
        raise invalid(f"| {name} needs a list or text, got {kind_of(value)}")
    return value


def _replace(value: Any, old: str, new: str) -> str:
    text, old, new = _text_of("replace", value), as_text(old), as_text(new)
    if not old:
        raise invalid("| replace needs something to replace")
    length = len(text) + text.count(old) * (len(new) - len(old))
    if length > MAX_RESULT_CHARACTERS:
        raise invalid(f"| replace would give {length:,} characters, at most {MAX_RESULT_CHARACTERS:,} are allowed")
    return text.replace(old, new)


def _join(value: Any, separator: str = "") -> str:
    parts = [as_text(item) for item in _list_of("join", value)]
    separator = as_text(separator)
    length = sum(map(len, parts)) + max(0, len(parts) - 1) * len(separator)
    if length > MAX_RESULT_CHARACTERS:
        raise invalid(f"| join would give {length:,} characters, at most {MAX_RESULT_CHARACTERS:,} are allowed")
    return separator.join(parts)


def _end(name: str, position: int) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:
        items = _list_of(name, value)
        if not items:
            raise Missing(f"| {name} of an empty {'text' if isinstance(items, str) else 'list'}", "add | default('…')")
        return items[position]

    return take


def _length(value: Any) -> int:
    return len(value if isinstance(value, Mapping) else _list_of("length", value))


def _round(value: Any, precision: int = 0) -> float:
    """A number that is written with exactly these decimals, as a price is: `2 * 9.95 | round(2)` reads 19.90."""
    number = _float(value)
    if not isinstance(precision, int) or not 0 <= precision <= 12:
        raise invalid(f"| round takes 0 to 12 decimals, got {precision!r:.40}")
    return WrittenFloat(f"{round(number, precision):.{precision}f}")


_ABSENT: Final = object()


def _int(value: Any, default: Any = _ABSENT) -> Any:
    number = _float(value, default)
    return number if number is default else int(number)


def _as_float(value: Any, default: Any = _ABSENT) -> Any:
    number = _float(value, default)
    return number if number is default or isinstance(number, float) else float(number)


def _float(value: Any, default: Any = _ABSENT) -> Any:
    try:
        if isinstance(value, str):
            value = _number_in(value)
        return _number(value if isinstance(value, float) else value + 0)
    except (TypeError, ValueError) as exc:
        if default is not _ABSENT:
            return default
        raise invalid(f"{value!r:.60} is no number", _number_hint(value)) from exc


def _number_in(text: str) -> float:
    """The number as it is written in a text, blanks around it aside. Raises ValueError."""
    found = number_of(text.strip())
    if found is None:
        raise ValueError(f"{text:.60} is no number")
    return WrittenFloat(str(found), float(found))


def _number_hint(value: Any) -> str:
    if isinstance(value, str) and DECIMAL_COMMA.fullmatch(value.strip()):
        return "decimals follow a point: | replace(',', '.') before it"
    return "check the value, or give | int(default=0)"


def slug(value: Any) -> str:
    """Lower-case ASCII letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", _text_of("slug", value)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _on_text(name: str, function: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: function(_text_of(name, value))


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "upper": _on_text("upper", str.upper),
    "lower": _on_text("lower", str.lower),
    "title": _on_text("title", lambda text: re.sub(r"[^\W_]\S*", lambda word: word[0].capitalize(), text)),
    "capitalize": _on_text("capitalize", str.capitalize),
    "trim": _on_text("trim", str.strip),
    "replace": _replace,
    "slug": slug,
    "length": _length,
    "join": _join,
    "first": _end("first", 0),
    "last": _end("last", -1),
    "round": _round,
    "int": _int,
    "float": _as_float,
}
