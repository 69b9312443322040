"""Bodies that are read as they are sent, up to a limit."""

from __future__ import annotations

from fastapi import HTTPException, Request


async def body_of(request: Request, most_bytes: int) -> bytes:
    """The whole body; 413 for one that is longer, as soon as that is known."""
    found = b""
    if _declared(request) > most_bytes:
        raise _too_large(most_bytes)
    async for chunk in request.stream():
        found += chunk
        if len(found) > most_bytes:
            raise _too_large(most_bytes)
    return found


def _declared(request: Request) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(most_bytes: int) -> HTTPException:
    return HTTPException(413, f"a body of more than {most_bytes:,} bytes is not taken here")
