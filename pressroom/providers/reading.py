"""What the files of several vendors read and write in the same way."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pressroom.catalog.models import Model
from pressroom.domain import media
from pressroom.providers.api import Purchase
from pressroom.providers.base import Billed, Trouble, Undecided
from pressroom.providers.http.messages import Response, Upload

T = TypeVar("T")
_TROUBLES: Final = {
    401: Trouble.KEY_REFUSED,
    402: Trouble.OUT_OF_CREDIT,
    403: Trouble.KEY_REFUSED,
    404: Trouble.GONE,
    408: Trouble.TIMED_OUT,
    410: Trouble.GONE,
    425: Trouble.BUSY,
    429: Trouble.BUSY,
    503: Trouble.BUSY,
    504: Trouble.TIMED_OUT,
}
_FIRST_LOOK_SECONDS, _LAST_LOOKS_SECONDS = 5.0, 60.0  # between looks
_MOST_PAUSE_SECONDS: Final = 86_400.0  # who names more is asked again after a day
_MOST_COUNTED: Final = 10**9
_NO_COUNT: Final = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")


def usual_trouble(status: int) -> Trouble:
    """What a status that is no success means wherever a vendor does not say more."""
    return _TROUBLES.get(status, Trouble.UNAVAILABLE if status >= 500 else Trouble.INVALID)


def seconds_of(response: Response, body_seconds: Any = None) -> float | None:
    """When to ask again, in seconds from the answer: of its body, or of Retry-After (milliseconds, seconds, a date)."""
    said = _seconds_said(response, body_seconds)
    return None if said is None else min(said, _MOST_PAUSE_SECONDS)


def _seconds_said(response: Response, body_seconds: Any) -> float | None:
    if isinstance(body_seconds, int | float) and not isinstance(body_seconds, bool):
        return float(min(max(body_seconds, 0), _MOST_PAUSE_SECONDS))
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = response.headers.get(name, "").strip()
        if _NUMBER.fullmatch(text):
            return float(text) * scale
    return _until(response.headers.get("retry-after", ""), response.headers.get("date", ""))


def _until(text: str, date: str) -> float | None:
    """From the answer's own date, since the vendor's clock need not be ours."""
    try:
        asked = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(text) - asked).total_seconds()) if text else None
    except (TypeError, ValueError):
        return None


def data_uri(upload: Upload) -> str:
    return media.data_uri(upload.path.read_bytes(), upload.mime)


def inlined(files: Upload | tuple[Upload, ...]) -> str | list[str]:
    """A file, or several of a list, as data URIs."""
    return [data_uri(file) for file in files] if isinstance(files, tuple) else data_uri(files)


def base64_bytes(text: str) -> bytes:
    """What is written as base64 of either alphabet, padded or not, in lines or in one. Raises ValueError for anything else."""
    usual = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    return base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True)


def token_bill(model: Model, counts: Mapping[str, int | Decimal]) -> int | None:
    """Counted tokens of each kind at the model's prices, in micro-USD; None where one of them has no price."""
    prices = model.usd_per_million_tokens
    if any(kind not in prices for kind, count in counts.items() if count):
        return None
    # A dollar for a million tokens is a micro-dollar for one.
    exact = sum((Decimal(str(prices[kind])) * count for kind, count in counts.items() if count), Decimal(0))
    return int(exact.to_integral_value(rounding=ROUND_CEILING))


def token_billed(model: Model, count: Callable[[], Mapping[str, int | Decimal]], evidence: Mapping[str, Any]) -> Billed:
    """What was counted, at the model's prices. A count that cannot be read says nothing, and spoils nothing else."""
    try:
        usd_micros = token_bill(model, count())
    except _NO_COUNT:
        usd_micros = None
    return Billed(usd_micros, evidence=evidence)


def counted(said: Mapping[str, Any], name: str, least: int = 0) -> int:
    """A count that a vendor states. Raises KeyError or ValueError where there is none, or one that cannot be."""
    count = int(said[name])
    if not least <= count <= _MOST_COUNTED:
        raise ValueError(f"{name} is {count}")
    return count


def amount_of(value: Any) -> float | None:
    """An amount that a vendor charges; None for what is none: no number, less than nothing, without end."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= _MOST_COUNTED else None


def named(value: Any) -> str:
    """What a vendor calls something, or where it says that a file lies. Raises ValueError for what is no text."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no name")
    return value


def rows_of(value: Any) -> list[dict[str, Any]]:
    """A list of objects, as a vendor lists what it has. Raises ValueError for anything else, which says nothing of any."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError(f"{str(value)[:40]!r} is no list of objects")
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """Those rows of a list that are objects; none of what is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def fields_of(value: Any) -> Mapping[str, Any]:
    """An object's fields; none of what is no object."""
    return value if isinstance(value, dict) else {}


def query_of(url: str) -> dict[str, str]:
    """The query of an address that an answer gives for its next page."""
    return dict(parse_qsl(urlsplit(url).query))


def sent_since(text: str, moment: datetime, slack_seconds: float = 120.0) -> bool:
    """Whether a vendor's ISO time is after a moment, as far as two clocks agree."""
    return (datetime.fromisoformat(text) - moment).total_seconds() >= -slack_seconds


def look_again(age_seconds: float, left_seconds: float) -> Undecided:
    """For an order that is not listed yet: soon at first, then less often, and once more when it would have to be."""
    return Undecided(min(left_seconds + 1, max(_FIRST_LOOK_SECONDS, min(age_seconds, _LAST_LOOKS_SECONDS))))


def only(values: Sequence[T]) -> T | None:
    """The one there is; None for none or several."""
    return values[0] if len(values) == 1 else None


def one_or_more(value: Any) -> tuple[Any, ...]:
    """The values of a list, or the only one."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


@dataclass(frozen=True, slots=True)
class Alike:
    """Names of listed orders that may be the one that is looked for: surely so, or as far as can be seen.

    Of `hidden` ones the list does not tell what was sent: as long as there are any, the order is not known to be absent.
    """

    surely: tuple[str, ...]
    maybe: tuple[str, ...]
    hidden: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.surely or self.maybe or self.hidden)

    @property
    def ids(self) -> str:
        return ", ".join(self.surely or self.maybe or self.hidden)

    def the_one(self, rivals: int) -> str | None:
        """The order, where it can be no other; `rivals` are orders of ours that it might be as well."""
        if len(self.surely) == 1:
            return self.surely[0]
        alone = not self.surely and len(self.maybe) == 1 and not rivals
        return self.maybe[0] if alone else None


def alike(listed: Mapping[str, Any], purchase: Purchase) -> Alike:
    """Which of the listed orders (name -> what was sent) have the inputs of a purchase.

    A file that is listed as itself, as a data URI, is compared; one that is an address may be any. Values that are not told
    hide an order, unless others show that it is another.
    """
    hidden = tuple(name for name, sent in listed.items() if _hides(sent, purchase.fields))
    likeness = {name: _likeness(sent, purchase) for name, sent in listed.items() if name not in hidden}
    surely = tuple(name for name, same in likeness.items() if same)
    return Alike(surely, tuple(name for name, same in likeness.items() if same is None), hidden)


def _hides(sent: Any, fields: Mapping[str, Any]) -> bool:
    if not isinstance(sent, Mapping):
        return True
    told = {name: value for name, value in sent.items() if value is not None}
    asked = {name: value for name, value in fields.items() if value is not None}
    return not asked.keys() <= told.keys() and holds(told, {name: asked[name] for name in asked.keys() & told.keys()})


def _likeness(sent: Any, purchase: Purchase) -> bool | None:
    """None where it cannot be told."""
    if not holds(sent, purchase.fields):
        return False
    same = [_same_files(sent.get(name), digests) for name, digests in purchase.sha256s.items()]
    return False if False in same else None if None in same else True


def _same_files(sent: Any, digests: str | tuple[str, ...]) -> bool | None:
    digests, values = one_or_more(digests), one_or_more(sent)
    if len(values) != len(digests):
        return False
    same = [_same_file(value, digest) for value, digest in zip(values, digests, strict=True)]
    return False if False in same else None if None in same else True


def _same_file(value: Any, digest: str) -> bool | None:
    head, comma, body = str(value).partition(";base64,")
    if not (digest and comma and head.startswith("data:")):
        return None
    try:
        return hashlib.sha256(base64_bytes(body)).hexdigest() == digest
    except ValueError:
        return None


def holds(outer: Any, inner: Mapping[str, Any]) -> bool:
    """Whether a mapping has all of another's values."""
    return isinstance(outer, Mapping) and all(name in outer and outer[name] == value for name, value in inner.items())
