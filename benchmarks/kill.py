"""Kill runs at random moments and count what was bought, filed, paid and left behind.

    python benchmarks/kill.py --kills 100
    python benchmarks/kill.py --kills 100 --database postgresql+psycopg://user@127.0.0.1/empty

Each campaign (6 purchases, 6 steps made of them) is killed three times and then run to its end. The exit status is 0 when
everything is as if no run had ever been killed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pressroom.database.engine import Database
from pressroom.ledger.holds import expire_holds
from pressroom.services.recover_runs import recover_runs
from tests.support.killing import audit, storm, studio_at

PER_CAMPAIGN = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", default="", help="URL of an empty database; default: SQLite in a temporary folder"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/pressroom.db"
        with Database.open(url) as database:
            studio = studio_at(Path(folder) / "home", url, database)
            started = time.monotonic()
            hit = storm(studio.home, url, arguments.kills, random.Random(arguments.seed), PER_CAMPAIGN)
            seconds = time.monotonic() - started
            released = recover_runs(studio.context)
            with database.write() as conn:
                expired = expire_holds(conn, datetime.now(UTC) + timedelta(days=2))
            campaigns = -(-arguments.kills // PER_CAMPAIGN) + 1
            wrong = audit(studio, range(campaigns))
            bought = len(studio.vendor.purchases())
    print(f"{arguments.kills} kills, {hit} of them at work, {campaigns} campaigns, {seconds:.0f} s")
    print(f"{bought} purchases; {len(released)} runs found dead at the end, {len(expired)} holds left to their expiry")
    print("\n".join(wrong) or "nothing bought twice, nothing lost, nothing held")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
