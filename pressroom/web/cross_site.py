"""Whether a request that changes something comes from one of our own pages.

A browser sends its cookie with what other sites make it ask for, and asks on this machine's own address for anybody.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD: Final = "form_token"
HEADER: Final = "X-Form-Token"


def comes_from_us(request: Request) -> bool:
    """What the browser says of where it was made; a request that says nothing is not ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def form_token(secret: str) -> str:
    """What our forms carry and another site cannot know, by the session's secret."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    return hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))
