"""What schemathesis has to know of our API: how parts are sent, and that whoever asks does not revoke their own token."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

from pressroom.domain.media import PART_MIME

ENDLESS = "events"  # of paths whose answers go on as long as somebody listens
OWN = os.environ.get("FUZZ_TOKEN", "")[:12]  # as people.tokens has prefixes


@schemathesis.serializer(PART_MIME)
def part(ctx: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def filter_case(ctx: Any, case: Any) -> bool:
    if "x-schemathesis-unknown-property" in (case.headers or {}):
        return False  # what HTTP does not know of a request it leaves alone
    return not (case.method == "DELETE" and OWN and str((case.path_parameters or {}).get("prefix", "")) == OWN)
