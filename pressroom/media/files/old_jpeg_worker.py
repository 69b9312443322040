"""Decodes one TIFF with the JPEG of TIFF 6.0 and ends: run as a program, so that what a file does to libtiff ends with it.

Its argument is JSON: `path`, `page` (its number) and `size` (width and height). `confined` bounds its memory and time. On
standard output a line of JSON (`mode`: L or RGB), then the pixels, row by row, as they are stored. Or `{"error": TEXT}` with
status 1. Imports nothing of the package.
"""

from __future__ import annotations

import io
import json
import sys
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, TiffImagePlugin

_STREAM = 513  # JPEGInterchangeFormat: where a whole stream begins
_SIZE = 256, 257
_REFUSED = (OSError, ValueError, SyntaxError, RuntimeError, TypeError, KeyError, IndexError)


class _AsStored(TiffImagePlugin.TiffImageFile):
    def load_end(self) -> None:
        """Leaves it as it is stored: who asks turns it upright."""


def main() -> int:
    asked = json.loads(sys.argv[1])
    try:
        with open(asked["path"], "rb") as file:  # noqa: PTH123 - as in `confined_start`
            image = _decoded(file, asked["page"])
            found = image if image.mode == "L" else image.convert("RGB")
    except _REFUSED as exc:
        return _failed(str(exc))
    except MemoryError:
        return _failed("not enough memory")
    if list(found.size) != asked["size"]:
        return _failed(f"it declares {asked['size']} pixels and holds {list(found.size)}")
    sys.stdout.buffer.write(json.dumps({"mode": found.mode}).encode() + b"\n")
    sys.stdout.buffer.write(found.tobytes())
    return 0


def _decoded(file: BinaryIO, page: int) -> Image.Image:
    image = _AsStored(file)
    image.seek(page)
    start, size = image.tag_v2.get(_STREAM), tuple(image.tag_v2.get(tag) for tag in _SIZE)
    try:
        image.load()
    except _REFUSED:
        if not start:
            raise
        # libtiff wants colours and tables that suit; the stream itself may have all that it needs.
        file.seek(start)
        stream = JpegImagePlugin.JpegImageFile(io.BytesIO(file.read()))
        if stream.size != size:
            raise
        stream.load()
        return stream
    return image


def _failed(text: str) -> int:
    sys.stdout.write(json.dumps({"error": text}))
    return 1


if __name__ == "__main__":
    sys.exit(main())
