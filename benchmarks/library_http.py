"""How long the library takes over HTTP at a million assets: every filter, words, counts, orders, pages, likeness; then a hundred
callers at once.

    uv run python -m benchmarks.library_http [assets] [--postgresql URL] [--callers 100] [--worst 10]

A server process of its own, whose database is filled as `benchmarks.library` fills one. What is timed ends when the whole answer
is there. Limits of p95: 50 ms, of pages of 500, deep pages and likeness 100 ms, of the library's page 300 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
from sqlalchemy import select

from benchmarks.api import cpu_ms, megabytes, served
from benchmarks.library import SIDE_FACETS, VALUES, share
from benchmarks.library_rows import database_for, draw_looks, fill
from pressroom.bootstrap import open_context
from pressroom.database.engine import Database
from pressroom.database.schema import asset
from pressroom.domain.identity import Principal
from pressroom.library.search import MOST, Sort
from pressroom.library.search_filter import Range
from pressroom.services.tokens import create_token
from pressroom.settings import settings_for

ACCOUNT = "large"
REPEATS = 20
DEEP = 100
LIMITS_MS = {"page of 500": 100, "deep page": 100, "alike": 100, "the library's page": 300}
USUAL_LIMIT_MS = 50
Asked = list[tuple[str, str]]


def main(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, database_for(arguments.postgresql) as (database, url):
        accounts = fill(database, url, arguments.assets)
        _look_at_all(database, accounts[ACCOUNT])
        settings = settings_for(Path(folder), {}, home=folder, database_url=url)
        token = create_token(Principal(ACCOUNT), open_context(settings), "benchmark", scopes=("assets:read",)).secret
        with served(Path(folder), PRESSROOM_DATABASE_URL=url, PRESSROOM_ACCOUNT=ACCOUNT) as (address, pid):
            print(f"{database.dialect}: {arguments.assets:,} assets; the server has {megabytes(pid):.0f} MB")
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=address, headers=headers, timeout=300) as http:
                _one_caller(http, pid, arguments.worst)
            asyncio.run(_at_once(address, headers, pid, arguments.callers))
            print(f"after that the server has {megabytes(pid):.0f} MB")


def _look_at_all(database: Database, account_id: int) -> None:
    with database.read() as conn:
        names = conn.execute(select(asset.c.sha256).where(asset.c.account_id == account_id).distinct()).scalars().all()
    draw_looks(database, account_id, names, np.random.default_rng(5))
    with database.write() as conn:
        conn.exec_driver_sql("ANALYZE")  # as a server does by itself, some minutes later


def _one_caller(http: httpx.Client, pid: int, worst: int) -> None:
    print(f"the first search of the home takes {_took(http, '/api/v1/assets')[0]:,.0f} ms", end=", ")
    print(f"the first for what is alike {_took(http, _alike(http))[0]:,.0f} ms")
    times: list[tuple[str, float, str]] = []
    spent = cpu_ms(pid)
    for kind, path in _questions(http):
        times.append((kind, _took(http, path)[0], path))
    spent = cpu_ms(pid) - spent
    times += [("deep page", ms, path) for ms, path in _deep(http)]
    print(f"  {'':20} {'asked':>6}  {'p50':>7}  {'p95':>7}  {'most':>7}   over the limit")
    for kind in dict.fromkeys(kind for kind, *_ in times):
        took = sorted(ms for each, ms, _ in times if each == kind)
        limit = LIMITS_MS.get(kind, USUAL_LIMIT_MS)
        figures = "  ".join(f"{figure:7.1f}" for figure in (share(took, 0.5), share(took, 0.95), took[-1]))
        print(f"  {kind:20} {len(took):6}  {figures}   {sum(ms > limit for ms in took)} over {limit} ms")
    print(f"  the server's CPU for each: {spent / len(times):.1f} ms")
    for kind, ms, path in sorted(times, key=lambda each: -each[1])[:worst]:
        print(f"  {ms:8.1f} ms  {kind}: {path}")


def _took(http: httpx.Client, path: str) -> tuple[float, httpx.Response]:
    started = time.perf_counter()
    answer = http.get(path)
    took = (time.perf_counter() - started) * 1e3
    _check(answer)
    return took, answer


def _check(answer: httpx.Response) -> None:
    """Fails where it is no answer; that there is no such campaign or tag is one."""
    if answer.status_code != 422:
        answer.raise_for_status()


def _questions(http: httpx.Client) -> Iterator[tuple[str, str]]:
    """Of what kind, and the address; each as often as it is asked, in turn, as people ask."""
    for _ in range(REPEATS):
        for name, value in ((name, value) for name, values in VALUES.items() for value in values):
            asked = [_said(name, value)]
            yield "words" if name == "text" else "page", _path(asked)
            yield "counts", _path([*asked, *(("facets", facet) for facet in SIDE_FACETS)])
            yield "timeline", _path([*asked, ("timeline", "yes")])
        for sort in Sort:
            if sort not in (Sort.SIMILARITY, Sort.RELEVANCE):
                yield "order", _path([("sort", sort)])
                yield "page of 500", _path([("sort", sort), ("limit", str(MOST))])
        yield "alike", _alike(http)
        yield "alike", f"{_alike(http)}&tag=common"
        yield "the library's page", "/library"
        yield "the library's page", "/library?text=studio&kind=image"


def _said(name: str, value: Any) -> tuple[str, str]:
    """A filter of the library as an address says it."""
    if isinstance(value, bool):
        return name, "yes" if value else "no"
    if isinstance(value, Range):
        return name, "..".join("" if end is None else f"{end:g}" for end in (value.least, value.most))
    if isinstance(value, datetime):
        return "created", f"{value.date()}.."
    return name, str(value)


def _path(asked: Asked) -> str:
    return f"/api/v1/assets?{urlencode(asked)}"


def _alike(http: httpx.Client) -> str:
    """To another asset each time."""
    number = int(time.perf_counter() * 1e6) % 900_000
    found = http.get("/api/v1/assets", params={"limit": 1, "bytes": f"{100_000 + number * 4}.."}).json()["items"]
    return f"/api/v1/assets?like={found[0]['id']}"


def _deep(http: httpx.Client) -> Iterator[tuple[float, str]]:
    for sort in (Sort.NEWEST, Sort.NAME):
        cursor: Asked = []
        for _ in range(DEEP):
            path = _path([("sort", sort), ("limit", str(MOST)), *cursor])
            took, answer = _took(http, path)
            yield took, path
            if not (following := answer.json()["next_cursor"]):
                break
            cursor = [("cursor", following)]


async def _at_once(address: str, headers: dict[str, str], pid: int, callers: int) -> None:
    """Each asks its own questions, one after the other, all of them together."""
    paths = [_path([_said(name, value)]) for name, values in VALUES.items() for value in values]
    limits = httpx.Limits(max_connections=None)
    took: list[float] = []
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=300, limits=limits) as http:

        async def call(number: int) -> None:
            for turn in range(REPEATS):
                started = time.perf_counter()
                _check(await http.get(paths[(number + turn * 7) % len(paths)]))
                took.append((time.perf_counter() - started) * 1e3)

        started, spent = time.perf_counter(), cpu_ms(pid)
        await asyncio.gather(*(call(number) for number in range(callers)))
        seconds, spent = time.perf_counter() - started, cpu_ms(pid) - spent
    took.sort()
    print(
        f"{callers} at once: {len(took) / seconds:.0f} answers a second, p50 {share(took, 0.5):.0f} ms, "
        f"p95 {share(took, 0.95):.0f} ms, most {took[-1]:.0f} ms; the server's CPU for each {spent / len(took):.1f} ms"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assets", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--postgresql", default="", help="Measure a PostgreSQL server instead, in a schema of its own.")
    parser.add_argument("--callers", type=int, default=100)
    parser.add_argument("--worst", type=int, default=10, help="How many of the slowest to name.")
    main(parser.parse_args())
