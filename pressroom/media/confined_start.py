"""The beginning of a process that `confined` starts: takes its bounds, then becomes the program.

Its arguments are the bytes of memory, the seconds of processor, the program and that one's own. Imports hardly anything: what
it imports, every picture that is opened so would wait for.
"""

from __future__ import annotations

import sys


def main() -> None:
    memory_bytes, seconds, *sys.argv = sys.argv[1:]
    _limit(int(memory_bytes), int(seconds))
    program = sys.argv[0]
    with open(program, "rb") as file:  # noqa: PTH123 - pathlib takes longer to import than the rest
        code = compile(file.read(), program, "exec")
    exec(code, {"__name__": "__main__", "__file__": program})  # noqa: S102 - a file of ours


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
    main()
