"""How long it takes to bring a home of 10,000 assets from before accounts owned everything up to date.

uv run python -m benchmarks.migration [POSTGRESQL_URL]
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time

from sqlalchemy import create_engine, make_url

from pressroom.database.engine import Database
from tests.support.old_home import ASSETS, old_home


def main(server: str = "") -> None:
    with tempfile.TemporaryDirectory(prefix="pressroom-migration-") as folder:
        _migrate(f"sqlite:///{folder}/home/pressroom.db")
    if not server:
        return
    schema = f"bench_{secrets.token_hex(4)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"CREATE SCHEMA {schema}")
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        _migrate(url.render_as_string(hide_password=False))
    finally:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def _migrate(url: str) -> None:
    old_home(url)
    started = time.perf_counter()
    with Database.open(url) as database:
        print(f"{database.dialect}: {ASSETS:,} assets migrated in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
