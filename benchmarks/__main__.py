"""Runs the benchmarks, each in a process of its own and to its end whatever becomes of the others.

python -m benchmarks [NAME ...]

The exit status is 1 when one of them failed; the last lines say which.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PARTS = ("__main__", "bare_tasks")  # no benchmarks themselves: bare_tasks is what overhead compares with


def names() -> list[str]:
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in PARTS)


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
