"""SQL written by hand, for the few statements that are run for every command of the ledger."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Connection, CursorResult

_PARAMETER: Final = re.compile(r"(?<!:):(\w+)")


class Prepared:
    """One text with :name parameters, marked once for each driver.

    Building and compiling the same statement through SQLAlchemy costs more than running it on SQLite. Values go to the
    driver as they are: an instant is an integer here.
    """

    def __init__(self, text: str) -> None:
        self._texts = {"sqlite": text, "postgresql": _PARAMETER.sub(r"%(\1)s", text)}

    def __call__(self, conn: Connection, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        return conn.exec_driver_sql(self._texts[conn.dialect.name], values)
