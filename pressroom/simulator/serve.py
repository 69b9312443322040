"""The simulator on two ports of this machine, and the settings with which Pressroom buys from it."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn

from pressroom.simulator.app import Dropping, apis, files
from pressroom.simulator.world import World

LOOPBACK: Final = "127.0.0.1"
START_SECONDS: Final = 30.0
# Vendor -> where its API begins, the name of its key, and a key that is taken here.
SPOKEN: Final = {
    "bfl": ("/bfl/v1", "BFL_API_KEY", "bfl-rehearsal"),
    "elevenlabs": ("/elevenlabs", "ELEVENLABS_API_KEY", "sk_rehearsal"),
    "fal": ("/fal", "FAL_KEY", "rehearsal:secret"),
    "gemini": ("/gemini", "GEMINI_API_KEY", "AIza-rehearsal"),
    "huggingface": ("/huggingface/hf-inference", "HF_TOKEN", "hf_rehearsal"),
    "openai": ("/openai/v1", "OPENAI_API_KEY", "sk-rehearsal"),
    "replicate": ("/replicate/v1", "REPLICATE_API_TOKEN", "r8_rehearsal"),
    "runway": ("/runway", "RUNWAYML_API_SECRET", "key_rehearsal"),
    "stability": ("/stability", "STABILITY_API_KEY", "sk-rehearsal"),
    "wavespeed": ("/wavespeed/api/v3", "WAVESPEED_API_KEY", "ws_rehearsal"),
}

# Keys for what the usual one may not read, by name.
MORE_KEYS: Final = {"FAL_ADMIN_KEY": "rehearsal-admin:secret"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the APIs and the finished files are."""

    port: int
    files_port: int
    host: str = LOOPBACK

    @property
    def bill_url(self) -> str:
        return f"http://{self.host}:{self.port}/_bill"

    @property
    def hosts(self) -> str:
        """Both, as hosts of a private network are named."""
        return f"{self.host}:{self.port},{self.host}:{self.files_port}"

    def urls(self) -> dict[str, str]:
        """Vendor -> its base address here."""
        return {name: f"http://{self.host}:{self.port}{path}" for name, (path, *_) in SPOKEN.items()}

    def environment(self) -> dict[str, str]:
        """What to set so that all vendors are bought from here."""
        urls = {f"PRESSROOM_{name.upper()}_URL": url for name, url in self.urls().items()}
        keys = {name: key for _, name, key in SPOKEN.values()}
        return {**urls, **keys, **MORE_KEYS, "PRESSROOM_PRIVATE_HOSTS": self.hosts}


@contextmanager
def serving(
    make_world: Callable[[Path], World], port: int = 0, files_port: int = 0, host: str = LOOPBACK
) -> Iterator[tuple[Address, World]]:
    """A simulator for as long as the context lasts; port 0 takes any that is free, finished files are on one of their own.

    `make_world` gets the folder in which files are kept meanwhile. Raises OSError where the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder, ExitStack() as stack:
        world = make_world(Path(folder))
        sockets = [stack.enter_context(_listening(host, number)) for number in (port, files_port)]
        address = Address(sockets[0].getsockname()[1], sockets[1].getsockname()[1], host)
        world.files_url = f"http://{host}:{address.files_port}"
        stack.callback(world.calls.stop)
        for app, listening in zip((apis(world), files(world)), sockets, strict=True):
            stack.enter_context(_running(app, listening))
        yield address, world


def _listening(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


@contextmanager
def _running(app: Dropping, listening: socket.socket) -> Iterator[None]:
    config: Mapping[str, Any] = {"log_level": "warning", "lifespan": "off", "access_log": False}
    server = uvicorn.Server(uvicorn.Config(app, **config))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="simulator", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
