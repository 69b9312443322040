"""What schemathesis has to know of our API: how parts are sent, and that whoever asks does not revoke their own token."""

from __future__ import annotations

import os
from itertools import count
from typing import Any

import schemathesis
from schemathesis import GenerationMode

from pressroom.domain.media import PART_MIME
from pressroom.services.answers import MAX_KEY_LENGTH

ENDLESS = "events"  # of paths whose answers go on as long as somebody listens
KEY = "Idempotency-Key"
OWN = os.environ.get("FUZZ_TOKEN", "")[:12]  # as people.tokens has prefixes

_NUMBER_LENGTH = 10
_NUMBERS = count(1)


@schemathesis.serializer(PART_MIME)
def part(ctx: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def filter_case(ctx: Any, case: Any) -> bool:
    if "x-schemathesis-unknown-property" in (case.headers or {}):
        return False  # what HTTP does not know of a request it leaves alone
    return not (case.method == "DELETE" and OWN and str((case.path_parameters or {}).get("prefix", "")) == OWN)


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """A key of an earlier scenario would be answered as then, by what was deleted since: each call has one that is its own.

    What is meant to be refused stays as it is.
    """
    if KEY in (case.headers or {}) and case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.headers[KEY] = f"{case.headers[KEY][: MAX_KEY_LENGTH - _NUMBER_LENGTH]}-{next(_NUMBERS)}"
