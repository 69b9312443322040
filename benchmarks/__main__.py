"""Runs the benchmarks, each in a process of its own and to its end whatever becomes of the others.

python -m benchmarks [NAME ...]

The exit status is 1 when one of them failed; the last lines say which.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PEERS = ("bare_tasks",)  # what overhead compares with, no benchmark itself


def names() -> list[str]:
    """Those that can be run; what they share stands beside them."""
    files = Path(__file__).parent.glob("[!_]*.py")
    return sorted(
        path.stem for path in files if path.stem not in PEERS and "__main__" in path.read_text(encoding="utf-8")
    )


def main() -> int:
    wanted = sys.argv[1:] or names()
    if unknown := sorted(set(wanted) - set(names())):
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    failed = []
    for name in wanted:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
