"""Renders one SVG and ends: run as a program, so that what a drawing does to the renderer ends with it.

Its argument is JSON: what resvg is called with. The SVG comes by standard input, the PNG leaves by standard output. Imports
nothing of the package; `confined` bounds its memory and time.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    asked = json.loads(sys.argv[1])
    import resvg_py

    svg = sys.stdin.buffer.read().decode()
    try:
        png = resvg_py.svg_to_bytes(svg_string=svg, **asked)
    except (ValueError, MemoryError) as exc:
        print(exc, file=sys.stderr)  # noqa: T201 - what the caller reads
        return 1
    sys.stdout.buffer.write(bytes(png))
    return 0


if __name__ == "__main__":
    sys.exit(main())
