"""How long the library takes to find at a million assets: every filter, every pair of filters, words, orders, counts and pages.

    uv run python -m benchmarks.library [assets] [--postgresql URL] [--worst 20]

Two accounts share the database: one has all assets but a thousand, which are the other's. Every value that is looked for
is common, rare or never there. What is asked is answered with its assets read, as a page shows them.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.library_rows import database_for, fill, timed
from pressroom.database.engine import Database
from pressroom.domain.media import Asset, Kind
from pressroom.library.assets import add_asset
from pressroom.library.mirror import Mirror
from pressroom.library.search import MOST, Filter, Found, Query, Sort, find
from pressroom.library.search_filter import Range

LIMIT_MS = {"page": 50.0, "pair": 50.0, "words": 50.0, "order": 50.0, "facets": 50.0, "timeline": 50.0}
DEEP_LIMIT_MS = 100.0
REPEATS = 20
PAIR_REPEATS = 3
SIDE_FACETS = ("kind", "category", "campaign", "tag", "model", "placement", "format", "state")
# Each filter with values that many, few or no assets have.
VALUES: dict[str, tuple[Any, ...]] = {
    "campaign": ("campaign 7", "rare campaign", "no campaign"),
    "kind": ("image", "video", "audio"),
    "category": ("product", "other"),
    "folder": ("a", "a/7", "a/7/3", "none"),
    "project": ("project 3", "none"),
    "tag": ("common", "middle", "rare", "unused"),
    "no_tag": ("common",),
    "step": ("step 3", "rare step", "no step"),
    "run": ("run 7", "no run"),
    "collection": ("large", "middle", "small", "empty", "none"),
    "placement": ("web.hero",),
    "platform": ("web", "instagram"),
    "provider": ("fal", "none"),
    "model": ("model-3",),
    "format": ("png", "mp4"),
    "orientation": ("landscape", "portrait"),
    "ratio": ("16:9",),
    "state": ("archived",),
    "favourite": (True, False),
    "rating": (Range(4, None),),
    "used": (True, False),
    "alpha": (True,),
    "generated": (False,),
    "bytes": (Range(1_000_000, 2_000_000),),
    "width": (Range(2_000, None),),
    "duration": (Range(None, 10),),
    "cost": (Range(2, 3),),
    "since": (datetime(2026, 11, 1, tzinfo=UTC),),
    "creator": ("person 3",),
    "text": ("studio", "studio light", "kettle", "zebra", "unheardof", '"the window"', "studio -light"),
}


def main(arguments: argparse.Namespace) -> None:
    with database_for(arguments.postgresql) as (database, url), tempfile.TemporaryDirectory() as folder:
        accounts = fill(database, url, arguments.assets)
        print(f"{database.dialect}: {arguments.assets:,} assets")
        for name, account_id in accounts.items():
            _measure(database, name, account_id, Path(folder), arguments.worst)
        print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def _measure(database: Database, name: str, account_id: int, folder: Path, worst: int) -> None:
    mirror = Mirror(folder)
    with database.read() as conn:
        first = timed(lambda: find(conn, account_id, Query(), mirror))
        loaded = min(timed(lambda: find(conn, account_id, Query(), Mirror(folder))) for _ in range(3))
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"account {name}: read from SQL in {first[0]:,.0f} ms ({first[1]:,.0f} of CPU), ", end="")
    print(f"from its file of {size:,.0f} MB in {loaded[0]:,.0f} ms ({loaded[1]:,.0f})")
    times: list[tuple[str, float, float, str]] = []
    for kind, query, repeats in _questions():
        # Each in a transaction of its own, as a request asks.
        for _ in range(repeats):
            with database.read() as conn:
                times.append((kind, *timed(lambda query=query: find(conn, account_id, query, mirror)), _named(query)))
    times += [("after a write", *spent, "a new asset") for spent in _after_writes(database, account_id, mirror)]
    times += [("deep page", *spent, "everything") for spent in _deep(database, account_id, mirror)]
    print(f"  {'':14} {'asked':>6}  {'p50':>7}  {'p95':>7}  {'most':>7}  {'CPU p95':>7}   over the limit")
    for kind in dict.fromkeys(kind for kind, *_ in times):
        limit = LIMIT_MS.get(kind, DEEP_LIMIT_MS)
        wall, cpu = (sorted(each[at] for each in times if each[0] == kind) for at in (1, 2))
        figures = (share(wall, 0.5), share(wall, 0.95), wall[-1], share(cpu, 0.95))
        shown = "  ".join(f"{figure:7.1f}" for figure in figures)
        print(f"  {kind:14} {len(wall):6}  {shown}   {sum(ms > limit for ms in wall)} over {limit:g} ms")
    for kind, ms, cpu_ms, label in sorted(times, key=lambda each: -each[1])[:worst]:
        print(f"  {ms:8.1f} ms ({cpu_ms:.1f} of CPU)  {kind}: {label}")


def _questions() -> Iterator[tuple[str, Query, int]]:
    """Of what kind, and how often."""
    nothing = Filter()
    yield "page", Query(), REPEATS
    for name, values in VALUES.items():
        for value in values:
            which = replace(nothing, **{name: value})
            yield "words" if name == "text" else "page", Query(which), REPEATS
            yield "facets", Query(which, facets=SIDE_FACETS), REPEATS
            yield "timeline", Query(which, timeline=True), REPEATS
    yield "facets", Query(facets=SIDE_FACETS), REPEATS
    yield "timeline", Query(timeline=True), REPEATS
    for one, other in combinations(VALUES, 2):
        for first in VALUES[one]:
            for second in VALUES[other]:
                yield "pair", Query(replace(nothing, **{one: first, other: second})), PAIR_REPEATS
    for sort in Sort:
        if sort not in (Sort.SIMILARITY, Sort.RELEVANCE):
            yield "order", Query(sort=sort), REPEATS
            yield "order", Query(Filter(tag="common"), sort=sort), REPEATS
            yield "page of 500", Query(sort=sort, limit=MOST), REPEATS


def _deep(database: Database, account_id: int, mirror: Mirror) -> Iterator[tuple[float, float]]:
    """The pages of 500 after each other, a hundred deep."""
    for sort in (Sort.NEWEST, Sort.NAME):
        query = Query(sort=sort, limit=MOST)
        for _ in range(100):
            found: list[Found] = []
            with database.read() as conn:
                yield timed(lambda query=query, found=found: found.append(find(conn, account_id, query, mirror)))
            if found[0].next_cursor is None:
                break
            query = replace(query, cursor=found[0].next_cursor)


def _after_writes(database: Database, account_id: int, mirror: Mirror) -> Iterator[tuple[float, float]]:
    """The searches that first see what was filed."""
    for number in range(REPEATS):
        new = Asset(f"new{account_id}-{number}", f"{number:064x}", Kind.IMAGE, "image/png", 1, title="a new kettle")
        with database.write() as conn:
            add_asset(conn, account_id, new)
        for words in (None, "studio"):
            with database.read() as conn:
                query = Query(Filter(text=words))
                yield timed(lambda query=query: find(conn, account_id, query, mirror))


def _named(query: Query) -> str:
    given = ", ".join(f"{name}={value}" for name, value in query.which.given().items()) or "everything"
    return f"{given}, {query.sort or 'in its own order'}, {query.limit} shown"


def share(times: list[float], part: float) -> float:
    """The one of sorted times that this part of them is below."""
    return times[min(len(times) - 1, int(len(times) * part))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("assets", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--postgresql", default="", help="Measure a PostgreSQL server instead, in a schema of its own.")
    parser.add_argument("--worst", type=int, default=20, help="How many of the slowest to name.")
    main(parser.parse_args())
