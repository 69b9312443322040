"""A server that vendors can call, and a simulator that does, both on ports of this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from pressroom.api.backend import Backend
from pressroom.api.feed import Feed
from pressroom.bootstrap import open_context, open_planning, open_providers, open_world
from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.database.schema import job as job_table
from pressroom.domain.identity import Principal
from pressroom.keys.vendor_keys import Keys
from pressroom.services.begin_batches import Clerk
from pressroom.services.context import Context
from pressroom.services.courier import Courier
from pressroom.services.crew import Crew
from pressroom.services.readiness import Readiness, parts_of
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import show_run
from pressroom.serving.app import create_app
from pressroom.settings import Settings, settings_for
from pressroom.simulator.faults import Faults, Rule
from pressroom.simulator.serve import serving
from pressroom.simulator.world import World
from tests.support.desks import eventually

WHO = Principal("default")
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Shop:
    """The server at `url`, its home, and the vendors that it buys from."""

    url: str
    settings: Settings
    backend: Backend
    world: World

    @property
    def context(self) -> Context:
        return self.backend.context

    def run(self, text: str, backend: Backend | None = None) -> str:
        """Begin a run, by the server or by another process of its home; its id."""
        by = backend or self.backend
        return by.crew.launch(WHO, by.planning(), RunRequest(yaml=text))

    def state(self, run_id: str) -> str:
        return show_run(WHO, self.context, run_id).line.run.state

    def ended(self, run_id: str) -> str:
        assert eventually(lambda: self.state(run_id) not in ("planned", "running"), 60), self.state(run_id)
        return self.state(run_id)

    def jobs(self) -> list[Job]:
        """Every order, the oldest first."""
        keys = select(job_table.c.order_key)
        with self.context.database.read() as conn:
            found = journal.jobs_among(conn, list(conn.execute(keys).scalars()))
        return sorted(found, key=lambda job: job.created_at)


def backend_of(settings: Settings, environ: Mapping[str, str]) -> Backend:
    """What a server needs of a home, with vendors' keys of its own environment."""
    keys = Keys(environ, settings.home)
    context = open_context(settings, keys)
    crew, planning = Crew(context, settings.workers), partial(open_planning, settings, keys)
    return Backend(
        context=context,
        crew=crew,
        feed=Feed(context),
        courier=Courier(context),
        clerk=Clerk(context, crew, planning),
        planning=planning,
        providers=partial(open_providers, settings),
        readiness=Readiness(parts_of(context)),
    )


@contextmanager
def shop(folder: Path, *rules: Rule, latency_seconds: float = 0.3, hosts: str = "") -> Iterator[Shop]:
    """Until the context ends; the simulator's orders take so long. `hosts` are private ones that may be sent to."""
    plain = settings_for(folder, {})
    with (
        serving(lambda files: open_world(plain, files, Faults(rules), latency_seconds)) as (address, world),
        socket.create_server((HOST, 0)) as listening,
    ):
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        environ = address.environment()
        own = {name: value for name, value in environ.items() if name.startswith("PRESSROOM_")}
        own["PRESSROOM_PRIVATE_HOSTS"] += f",{hosts}"
        settings = settings_for(
            folder, own, public_url=url, grant_credits=1_000, plan="enterprise", provenance="off", rate_factor=0
        )
        backend = backend_of(settings, environ)
        with running(create_app(backend), listening):
            yield Shop(url, settings, backend, world)


@contextmanager
def running(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    """The application at a socket of its own."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(30)
