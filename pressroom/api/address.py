"""Where the web server is by default, and where its API is below it: for who serves, and for who calls."""

from __future__ import annotations

from typing import Final

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 4680
API: Final = "/api/v1"
MOST_AT_ONCE_BYTES: Final = 64_000_000  # of a file that comes in one request; larger ones come in parts
