"""`python asking_for_places.py URL ORDER_KEY...` asks for places at a vendor that has five, and prints how many it got."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from pressroom.buying import journal
from pressroom.buying.admission import admitted
from pressroom.buying.market import Market
from pressroom.catalog.models import ProviderRow
from pressroom.database.engine import Database
from pressroom.storage.local import LocalStore

PLACES = 5


def main(url: str, *order_keys: str) -> None:
    row = ProviderRow(name="simulated", title="Vendor", sells=True, jobs_at_once=PLACES)
    with Database.open(url) as database:
        market = Market(database, LocalStore(Path()), {}, {}, {row.name: row}, lambda: datetime.now(UTC))
        with database.read() as conn:
            jobs = journal.jobs_among(conn, order_keys)
        sys.stdin.readline()
        print(sum(admitted(market, job) is None for job in jobs))


if __name__ == "__main__":
    main(*sys.argv[1:])
