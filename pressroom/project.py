"""Where the Prefect project (flows, tasks, blocks) lies, and how it gets on the path of this process and its children.

In a checkout it is the root; in an installed wheel it travels as `pressroom/_project`, so that the wheel claims none of
these common names in site-packages.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pressroom.domain.errors import Permanent

PACKAGED = "_project"
PARTS = ("flows", "tasks", "blocks")
ENTER = "pressroom.project.enter"
_PACKAGE = Path(__file__).resolve().parent


def project_root() -> Path:
    """The folder that holds flows/, tasks/, blocks/ and prefect.toml. Raises Permanent for a broken installation."""
    for root in (_PACKAGE / PACKAGED, _PACKAGE.parent):
        if (root / "flows").is_dir():
            return root
    raise Permanent(f"no flows beside or inside {_PACKAGE}", hint="install pressroom again")


def put_on_path() -> Path:
    """Make the project the first place to import from, here and in child processes; returns its root.

    Raises Permanent where this process has another `flows`, `tasks` or `blocks` already.
    """
    root = str(project_root())
    for name in PARTS:
        paths = list(getattr(sys.modules.get(name), "__path__", ()))
        if name in sys.modules and f"{root}/{name}" not in paths:
            where = paths[0] if paths else getattr(sys.modules[name], "__file__", name)
            hint = f"Pressroom brings a package {name!r}: call yours otherwise, or put it into another package"
            raise Permanent(f"{where} is imported as {name!r}", hint=hint)
    # First, because `tasks` is a common name: a tasks.py where the user stands must not be taken for ours.
    sys.path[:] = [root, *(entry for entry in sys.path if entry != root)]
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([root, *(entry for entry in inherited if entry not in ("", root))])
    return Path(root)


def enter() -> dict[str, str]:
    """The pull step of every deployment: a run works in its worker's own copy of the project, wherever that lies."""
    return {"directory": str(put_on_path())}
