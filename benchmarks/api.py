"""How long the HTTP API takes: prices, generations until their vendor has the order, lists, and five hundred open streams.

    uv run python -m benchmarks.api [--calls 100] [--streams 500]

A server process of its own with a new home, and the simulated vendor. The limits: an estimate in 50 ms; a generation from the
request until its order leaves in 300 ms at the 95th percentile; 500 open streams with the server under 200 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from sqlalchemy import select

from pressroom.bootstrap import open_context, open_database
from pressroom.client import Client
from pressroom.database.schema import job
from pressroom.domain.identity import ALL_SCOPES, Principal
from pressroom.domain.money import micros
from pressroom.services.accounts import change_plan, grant_credits, open_account
from pressroom.services.tokens import create_token
from pressroom.settings import Settings, settings_for

PROGRAM = Path(sys.executable).with_name("pressroom")


def main(calls: int, streams: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        settings = settings_for(Path(name), {}, home=name, rate_factor=0)
        token = _opened(settings)
        with served(Path(name)) as (url, pid), Client(token, url) as client:
            asyncio.run(_streams(url, token, pid, streams))
            photo = client.upload(_photo(Path(name))).id
            wanted = {"operation": "upscale", "model": "simulated/enlarge", "image": photo, "parameters": {"scale": 2}}
            drawn = {"media_type": "image", "width": 1024, "height": 1024}
            for name, asked in (("that is bought", wanted), ("that is drawn here", drawn)):
                client.estimate(**_worded(asked, -1))
                before = cpu_ms(pid)
                took = [_ms(lambda n=n, asked=asked: client.estimate(**_worded(asked, n))) for n in range(calls)]
                _tell(f"estimate of one operation {name}", took, 50)
                print(f"  of that the server's CPU: mean {(cpu_ms(pid) - before) / calls:.0f} ms", flush=True)
            _tell("list of assets", [_ms(lambda: list(client.find(limit=50))) for _ in range(calls)], None)
            _generations(settings, client, wanted, calls)
            print(f"after that the server has {megabytes(pid):.0f} MB")


def _worded(asked: dict[str, Any], number: int) -> dict[str, Any]:
    """Of drawings another one each time, as somebody who types asks."""
    return {**asked, "prompt": f"a steel kettle, number {number}"} if "media_type" in asked else asked


def cpu_ms(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1_000 / os.sysconf("SC_CLK_TCK")


def _opened(settings: Settings) -> str:
    principal, context = Principal("default"), open_context(settings)
    open_account(principal, context)
    change_plan(principal, context, "enterprise")
    grant_credits(principal, context, micros(100_000))
    return create_token(principal, context, "benchmark", scopes=ALL_SCOPES).secret


@contextmanager
def served(home: Path, **variables: str) -> Iterator[tuple[str, int]]:
    """A server of a home, without limits of rate: its address and its process."""
    environment = {**os.environ, "PRESSROOM_HOME": str(home), "PRESSROOM_RATE_FACTOR": "0", **variables}
    command = [PROGRAM, "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it was asked for"
        url = process.stdout.readline().strip()
        for _ in range(200):
            try:
                httpx.get(f"{url}/healthz").raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        try:
            yield url, process.pid
        finally:
            process.send_signal(signal.SIGINT)


def _photo(folder: Path) -> Path:
    path = folder / "photo.png"
    Image.radial_gradient("L").resize((96, 96)).convert("RGB").save(path)
    return path


def _generations(settings: Settings, client: Client, wanted: dict[str, object], calls: int) -> None:
    """From the request until the order leaves, by the clock of this machine, on which both ends are."""
    begun: dict[str, datetime] = {}
    answered = []
    for number in range(calls):
        at, started = datetime.now(UTC), time.perf_counter()
        made = client.generate(wait=0, **{**wanted, "parameters": {"scale": 2, "prompt": f"number {number}"}})
        answered.append((time.perf_counter() - started) * 1e3)
        begun[made.id] = at
        client.wait(made.id, 120)  # or what is measured is the queue
    with open_database(settings).read() as conn:
        sent = {row.run_id: row.sent_at for row in conn.execute(select(job.c.run_id, job.c.sent_at))}
    _tell("generation, until it is answered", answered, None)
    _tell(
        "generation, until its order leaves",
        [(sent[run_id] - at).total_seconds() * 1e3 for run_id, at in begun.items()],
        300,
    )


async def _streams(url: str, token: str, pid: int, count: int) -> None:
    """Open so many streams, and tell all of them of one run."""
    before, headers = megabytes(pid), {"Authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=120, limits=limits) as http:
        opened, told = asyncio.Semaphore(0), []

        async def listen() -> None:
            async with http.stream("GET", "/api/v1/events") as answer:
                opened.release()
                async for line in answer.aiter_lines():
                    if line.startswith("event: pressroom.run.completed"):
                        told.append(time.perf_counter())
                        return

        listeners = [asyncio.create_task(listen()) for _ in range(count)]
        for _ in range(count):
            await opened.acquire()
        await asyncio.sleep(2)
        held = megabytes(pid)
        made = await http.post(
            "/api/v1/generations?wait=60", json={"media_type": "image", "prompt": "sea", "width": 64, "height": 64}
        )
        ended = time.perf_counter()
        made.raise_for_status()
        await asyncio.gather(*listeners)
    print(
        f"{count} streams: the server has {held:.0f} MB, {held - before:.0f} MB more than without (limit 200 MB in all)"
    )
    print(f"{count} streams: the last is told {max(told) - ended:.2f} s after the run's end was answered")


def megabytes(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found is not None, "Linux says it of every process"
    return int(found[1]) / 1e3


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def _tell(what: str, times: list[float], limit: float | None) -> None:
    ordered = sorted(times)
    p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    print(f"{what}: p50 {p50:.0f} ms, p95 {p95:.0f} ms" + (f" (limit {limit:g} ms)" if limit else ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--streams", type=int, default=500)
    main(**vars(parser.parse_args()))
