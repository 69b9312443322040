"""Which file was meant by a name that none has."""

from __future__ import annotations

import os
from pathlib import Path

from pressroom.domain.printable import is_utf8
from pressroom.domain.suggest import nearest


def did_you_mean_file(name: str, path: Path) -> str:
    """`did you mean 'photos/cup.png'?`, of the files beside the one missing at `path`, written as `name` was; or empty."""
    if os.path.lexists(path):
        return ""
    try:
        with os.scandir(path.parent) as entries:
            found = nearest(path.name, (each.name for each in entries if each.name[0] != "." and is_utf8(each.name)))
    except (OSError, ValueError):
        return ""
    return f"did you mean {str(Path(name).with_name(found))!r}?" if found else ""
