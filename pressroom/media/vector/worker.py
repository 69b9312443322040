"""Renders one SVG and ends: run as a program, so that what a drawing does to the renderer ends with it.

Its argument is JSON: the limits of memory (bytes) and time (seconds of processor), and what resvg is called with. The SVG
comes by standard input, the PNG leaves by standard output. Imports nothing of the package: it starts in 40 ms.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    asked = json.loads(sys.argv[1])
    _limit(asked["memory_bytes"], asked["seconds"])
    import resvg_py

    svg = sys.stdin.buffer.read().decode()
    try:
        png = resvg_py.svg_to_bytes(svg_string=svg, **asked["options"])
    except (ValueError, MemoryError) as exc:
        print(exc, file=sys.stderr)  # noqa: T201 - what the caller reads
        return 1
    sys.stdout.buffer.write(bytes(png))
    return 0


def _limit(memory_bytes: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the caller's deadline alone
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if sys.platform == "linux":  # macOS refuses to limit addresses
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    sys.exit(main())
