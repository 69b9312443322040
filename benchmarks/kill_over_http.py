"""Kill a paid run over HTTP at random moments, and hold the simulated vendor's bill against the books.

python benchmarks/kill_over_http.py --nodes 200 --kills 50
python benchmarks/kill_over_http.py --every-step        two processes die before, then after, each step of a job

The exit status is 0 when each picture was bought once, every charge is in the books, and nothing stays held.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pressroom.bootstrap import open_world
from pressroom.settings import settings_for
from pressroom.simulator.faults import Faults, Rule
from pressroom.simulator.serve import serving
from tests.support import http_blows
from tests.support.http_kills import Storm, campaign, rage, wrongs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--longest", type=float, default=15.0, help="seconds that a run may take before it is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--settled", type=float, default=30.0, help="seconds after which a sent order has arrived or never will"
    )
    parser.add_argument(
        "--every-step", action="store_true", help="kill at each step of a job instead, two processes each"
    )
    options = parser.parse_args()
    return every_step() if options.every_step else storms(options)


def every_step() -> int:
    steps = sorted(http_blows.every_step())
    started, wrong = time.monotonic(), []
    for before, after in steps:
        for committed in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                found = http_blows.struck(Path(folder), http_blows.Blow((before, after), committed))
            moment = f"{before or 'nothing'} to {after}, {'committed' if committed else 'not written'}"
            print(f"{moment}: {'; '.join(found) or 'right'}", flush=True)
            wrong += found
    print(f"{2 * len(steps)} moments, {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


def storms(options: argparse.Namespace) -> int:
    faults = Faults([Rule(fault="lost_answer", share=0.02), Rule(fault="busy", share=0.02)], seed=options.seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "campaign.yaml").write_text(campaign(options.nodes))
        settings = settings_for(place, {})
        with serving(lambda files: open_world(settings, files, faults, 2.0)) as (address, world):
            storm, started = Storm(place, address.environment(), options.settled), time.monotonic()
            hit = rage(storm, options.kills, random.Random(options.seed), options.longest)
            seconds = time.monotonic() - started
            wrong = wrongs(storm, world, options.nodes)
            bill = world.books.bill()
    print(f"{options.nodes} pictures, {options.kills} kills, {hit} of them at work, {seconds:.0f} s")
    print(f"the vendor's bill: {bill}"[:200])
    print("\n".join(wrong) or "nothing bought twice, nothing lost, nothing held; the bill is what the books have")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
