"""SQL written by hand, for the few statements that every command of the ledger and every node runs."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_PARAMETER: Final = re.compile(r"(?<!:):(\w+)")


class Prepared:
    """One text with :name parameters, marked once for each driver, run on the connection's own transaction.

    Building, compiling and wrapping a statement through SQLAlchemy costs several times what SQLite needs to run it.
    Values go to the driver as they are: an instant is an integer here. Errors are SQLAlchemy's, as everywhere.
    """

    def __init__(self, text: str) -> None:
        self._texts = {"sqlite": text, "postgresql": _PARAMETER.sub(r"%(\1)s", text)}

    def change(self, conn: Connection, **values: Any) -> int:
        """How many rows were written."""
        count: int = self._run(conn, values).rowcount
        return count

    def value(self, conn: Connection, **values: Any) -> Any:
        """The first column of the first row, None where there is no row."""
        rows = self.rows(conn, **values)
        return rows[0][0] if rows else None

    def rows(self, conn: Connection, **values: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._run(conn, values).fetchall()
        return found

    def _run(self, conn: Connection, values: dict[str, Any]) -> Any:
        """The driver's cursor; sqlite3 and psycopg agree on it."""
        if not conn.in_transaction():
            conn.begin()  # a snapshot, as SQLAlchemy itself would begin one
        text = self._texts[conn.dialect.name]
        driver: Any = conn.connection.driver_connection
        try:
            return driver.execute(text, values)
        except driver.Error as exc:
            raise DBAPIError.instance(
                text, None, exc, driver.Error, hide_parameters=True, dialect=conn.dialect
            ) from exc
