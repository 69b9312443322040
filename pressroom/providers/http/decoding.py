"""Bodies without their content encoding, which nobody asked for and some send all the same."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.providers.http.messages import Answer

_INFLATED_BYTES: Final = 1 << 16  # at a time
_GZIP_OR_ZLIB: Final = 47  # zlib's window bits for either of them


def decoded(shown: str, answer: Answer) -> Iterator[bytes]:
    """The body in pieces of bounded size; `shown` names its address in messages. Raises Corrupt, or Permanent."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        yield from answer.chunks
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _inflated(answer.chunks)
        except zlib.error as exc:
            raise Corrupt(f"{shown} sends a body that is no {encoding}", hint="try again") from exc
    else:
        raise Permanent(f"{shown} sends the encoding {encoding[:40]!r}, which nobody asked for")


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    for chunk in chunks:
        rest = chunk
        while rest and not stream.eof:
            yield stream.decompress(rest, _INFLATED_BYTES)
            rest = stream.unconsumed_tail
    if not stream.eof:
        raise zlib.error("cut off")
