"""A simulator on ports of its own, and vendors that buy from it over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pressroom.catalog.load import load_catalog
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.web_address import WebAddress
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.operations import OPERATIONS
from pressroom.providers.bfl import BlackForestLabs
from pressroom.providers.download import Downloader
from pressroom.providers.elevenlabs import ElevenLabs
from pressroom.providers.fal import Fal
from pressroom.providers.gemini import Gemini
from pressroom.providers.guard import Guard
from pressroom.providers.http.client import ApiClient
from pressroom.providers.http_vendor import HttpVendor
from pressroom.providers.huggingface import HuggingFace
from pressroom.providers.openai import OpenAI
from pressroom.providers.replicate import Replicate
from pressroom.providers.runway import Runway
from pressroom.providers.stability import Stability
from pressroom.providers.wavespeed import WaveSpeed
from pressroom.simulator.faults import Faults, Rule
from pressroom.simulator.serve import MORE_KEYS, SPOKEN, Address, serving
from pressroom.simulator.workshop import Workshop
from pressroom.simulator.world import World

APIS = {
    "bfl": BlackForestLabs,
    "elevenlabs": ElevenLabs,
    "fal": Fal,
    "gemini": Gemini,
    "huggingface": HuggingFace,
    "openai": OpenAI,
    "replicate": Replicate,
    "runway": Runway,
    "stability": Stability,
    "wavespeed": lambda: WaveSpeed(load_catalog().providers["wavespeed"].refund_list),
}


@dataclass
class Market:
    """One simulator, and a vendor's adapter that buys there."""

    address: Address
    world: World
    vendor: HttpVendor

    def billed(self) -> int:
        """What the vendor charges for everything, in micro-USD."""
        return int(self.world.bill().get(self.vendor.name, {"usd_micros": 0})["usd_micros"])


Open = Callable[..., Market]


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Open]:
    """Opens a simulator with faults (`fault` -> how many times) and the adapter of one vendor of it."""
    with ExitStack() as stack:

        def opened(
            name: str,
            latency_seconds: float = 0.0,
            with_key: str = "",
            billing: bool = True,
            download_seconds: float = 20,
            **faults: int,
        ) -> Market:
            rules = [Rule(fault=fault, times=times, vendor=name) for fault, times in faults.items()]

            def world(folder: Path) -> World:
                workshop = Workshop(folder, load_catalog(), OPERATIONS, MediaLimits(), ffmpeg_program(""))
                return World(workshop, Faults(rules), latency_seconds)

            address, made = stack.enter_context(serving(world))
            return Market(address, made, adapter(address, name, with_key, stack, billing, download_seconds))

        yield opened


def adapter(
    address: Address, name: str, key: str, stack: ExitStack, billing: bool = True, download_seconds: float = 20
) -> HttpVendor:
    """The vendor as Pressroom opens it, pointed at the simulator."""
    path, _, right_key = SPOKEN[name]
    hosts = frozenset({f"127.0.0.1:{address.port}", f"127.0.0.1:{address.files_port}"})
    catalog = load_catalog()
    client = ApiClient(WebAddress.of(f"http://127.0.0.1:{address.port}{path}", hosts), Guard(hosts))
    stack.callback(client.close)
    downloader = Downloader(max_bytes=50_000_000, seconds=download_seconds, guard=Guard(hosts))
    models: dict[str, Any] = {row.model: row for row in catalog.models.values() if row.provider == name}
    secret = SecretStr(key or right_key)
    row = catalog.providers[name]
    admin = next((SecretStr(MORE_KEYS[each]) for each in row.billing_keys if billing), None)
    return HttpVendor(
        APIS[name](),
        row,
        models,
        OPERATIONS,
        MediaLimits(),
        lambda: client,
        lambda: downloader,
        lambda: secret,
        billing_key=lambda: admin,
    )
