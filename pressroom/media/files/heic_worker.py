"""Decodes the primary picture of one HEIC and ends: run as a program, so that what a file does to the decoder ends with it.

Its argument is JSON: `path`. `confined` bounds its memory and time. On standard output a line of JSON (`mode` by Pillow's
name with the bits a channel behind a semicolon where they are not 8, `size`), then the pixels: upright, row by row, 16 bits with
the low byte first where they are not 8. Or `{"error": KIND, "text": ...}` with status 1. Imports nothing of the package.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def main() -> int:
    asked = json.loads(sys.argv[1])
    try:
        import pi_heif
    except ImportError as exc:
        return _failed("library", exc)
    pi_heif.options.DECODE_THREADS = 1
    try:
        picture = _primary(pi_heif.open_heif(asked["path"], convert_hdr_to_8bit=False, hdr_to_16bit=False))
        pixels = picture.data
    except (ValueError, EOFError, SyntaxError, RuntimeError, OSError, IndexError) as exc:
        return _failed("damaged", exc)
    except MemoryError as exc:
        return _failed("memory", exc)
    sys.stdout.buffer.write(json.dumps({"mode": picture.mode, "size": picture.size}).encode() + b"\n")
    sys.stdout.buffer.write(pixels)
    return 0


def _primary(found: Any) -> Any:
    return found[found.primary_index]


def _failed(kind: str, exc: Exception) -> int:
    sys.stdout.write(json.dumps({"error": kind, "text": str(exc)}))
    return 1


if __name__ == "__main__":
    sys.exit(main())
