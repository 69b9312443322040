"""Every vendor that this version can buy from: the visible list. A new one is its file, its catalog file and its line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import finalize

from pydantic import SecretStr

from pressroom.catalog.load import Catalog
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.operation import Operation
from pressroom.domain.web_address import WebAddress
from pressroom.providers.api import VendorApi
from pressroom.providers.base import Vendor
from pressroom.providers.bfl import BlackForestLabs
from pressroom.providers.elevenlabs import ElevenLabs
from pressroom.providers.fal import Fal
from pressroom.providers.gemini import Gemini
from pressroom.providers.guard import Guard
from pressroom.providers.http_vendor import HttpVendor, Sends
from pressroom.providers.huggingface import HuggingFace
from pressroom.providers.openai import OpenAI
from pressroom.providers.replicate import Replicate
from pressroom.providers.runway import Runway
from pressroom.providers.simulator.vendor import FAULTS, PriceOf, SimulatedVendor, Style, Tools
from pressroom.providers.stability import Stability
from pressroom.providers.wavespeed import WaveSpeed
from pressroom.providers.webhooks import CALLS
from pressroom.settings import Settings

if TYPE_CHECKING:
    from pressroom.providers.download import Downloader
    from pressroom.providers.http.client import ApiClient


@dataclass(frozen=True, slots=True)
class Shop:
    """What a vendor's adapter is built from."""

    settings: Settings
    catalog: Catalog
    operations: Mapping[str, Operation[Any]]
    ffmpeg: str
    guard: Guard
    downloader: Callable[[], Downloader]
    key: Callable[[Iterable[str]], SecretStr | None]


def open_vendors(shop: Shop) -> dict[str, Vendor]:
    """The vendors by their name in the catalog."""
    return {name: opened(shop) for name, opened in VENDORS.items()}


def open_vendor(name: str, shop: Shop) -> Vendor | None:
    """The one that the catalog has under this name; None where this version has no adapter for it."""
    opened = VENDORS.get(name)
    return None if opened is None else opened(shop)


def listen(vendors: Mapping[str, Vendor], receive: Callable[[str, str, str, bytes], bool]) -> None:
    """Let the vendors that call back within this process do so: `receive` gets vendor, key, the vendor's job id, message."""
    for name, vendor in vendors.items():
        if isinstance(vendor, SimulatedVendor):
            vendor.call_back = partial(receive, name)


def price_list(catalog: Catalog, provider: str) -> PriceOf:
    """What the simulated vendor charges: the price its catalog row names for what was used."""

    def charge(model: str, units: Mapping[str, float], facts: Mapping[str, Any]) -> int:
        meter = catalog.models[f"{provider}/{model}"].meter(facts, date.today())
        return meter.cost(units.get(meter.unit, 1.0), meter.usd or 0)

    return charge


def _simulated(shop: Shop, name: str, style: Style) -> SimulatedVendor:
    return SimulatedVendor(
        shop.settings.home / name,
        shop.operations,
        Tools(shop.catalog.placements, shop.settings.limits, shop.ffmpeg),
        name=name,
        style=style,
        latency_seconds=shop.settings.simulated_latency_seconds,
        faults=_faults(shop.settings),
        charge=price_list(shop.catalog, name),
    )


def base_address(given: str, own: str) -> str:
    """Where a vendor's API begins: its own address, or another, behind which the version of its own may be left out."""
    below = urlsplit(own).path.rstrip("/")
    has_it = below.rpartition("/")[2] in urlsplit(given).path.split("/")
    return f"{given}{'' if has_it else below}" if given else own


def _over_http(shop: Shop, name: str, api: VendorApi) -> HttpVendor:
    """Raises Invalid for a base address that may not be used."""
    row = shop.catalog.providers[name]
    given = getattr(shop.settings, f"{name}_url")
    try:
        base = WebAddress.of(base_address(given, row.url), shop.guard.private_hosts)
    except Invalid as exc:
        raise Invalid.of([Problem("setting", f"setting '{name}_url': {exc.message}", exc.hint)]) from exc
    hosts = {} if given else {host: WebAddress.of(url, shop.guard.private_hosts) for host, url in row.hosts.items()}

    def connect() -> ApiClient:
        from pressroom.providers.http.client import ApiClient  # takes long to import, and most runs buy nothing

        return ApiClient(base, shop.guard, hosts=hosts, key_hosts=() if given else row.key_hosts)

    client = _Connection(connect)
    models = {model.model: model for model in shop.catalog.models.values() if model.provider == name}
    vendor = HttpVendor(
        api,
        row,
        models,
        shop.operations,
        shop.settings.limits,
        client,
        shop.downloader,
        lambda: shop.key(row.keys),
        billing_key=lambda: shop.key(row.billing_keys),
        callback_base=f"{shop.settings.public_url}{CALLS}" if shop.settings.public_url else "",
    )
    finalize(vendor, client.close)  # where nobody needs it any more, and at the latest when the process ends
    return vendor


class _Connection:
    """The client of one vendor: made when it is first asked, its connections closed when nobody will ask any more."""

    def __init__(self, connect: Callable[[], ApiClient]) -> None:
        self._connect = connect
        self._client: ApiClient | None = None
        self._lock = Lock()

    def __call__(self) -> Sends:
        with self._lock:
            self._client = self._client or self._connect()
            return self._client

    def close(self) -> None:
        if self._client is not None:
            self._client.close()


VENDORS: Final[Mapping[str, Callable[[Shop], Vendor]]] = {
    "simulated": lambda shop: _simulated(shop, "simulated", Style.POLLED),
    "simulated-direct": lambda shop: _simulated(shop, "simulated-direct", Style.DIRECT),
    "simulated-callback": lambda shop: _simulated(shop, "simulated-callback", Style.CALLBACK),
    "bfl": lambda shop: _over_http(shop, "bfl", BlackForestLabs()),
    "elevenlabs": lambda shop: _over_http(shop, "elevenlabs", ElevenLabs()),
    "fal": lambda shop: _over_http(shop, "fal", Fal()),
    "gemini": lambda shop: _over_http(shop, "gemini", Gemini()),
    "huggingface": lambda shop: _over_http(shop, "huggingface", HuggingFace()),
    "openai": lambda shop: _over_http(shop, "openai", OpenAI()),
    "replicate": lambda shop: _over_http(shop, "replicate", Replicate()),
    "runway": lambda shop: _over_http(shop, "runway", Runway()),
    "stability": lambda shop: _over_http(shop, "stability", Stability()),
    "wavespeed": lambda shop: _over_http(shop, "wavespeed", WaveSpeed(shop.catalog.providers["wavespeed"].refund_list)),
}


def _faults(settings: Settings) -> frozenset[str]:
    faults = frozenset(name.strip() for name in settings.simulated_faults.split(",") if name.strip())
    if faults - FAULTS.keys():
        message = f"setting 'simulated_faults': {', '.join(sorted(faults - FAULTS.keys()))} is unknown"
        raise Invalid.of([Problem("setting", message, f"faults: {', '.join(FAULTS)}")])
    return faults
