"""A tiny studio: three real operations that take milliseconds, a catalog with prices, and everything to run campaigns.

Nothing here is a stand-in for the code under test: plans are compiled from YAML, files are opened and checked, money goes
through the ledger, and purchases through the simulated vendor.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyvips
from PIL import Image, ImageOps
from pydantic import Field

from pressroom.bootstrap import hosts_allowed, open_downloader, open_files, open_poster, open_provenance, open_sealer
from pressroom.buying.inbox import receive
from pressroom.campaign.feed import parse_feed
from pressroom.campaign.load import parse_campaign
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.catalog.models import Model, ProviderRow
from pressroom.database.engine import Database
from pressroom.database.plan_reader import LibraryIndex, plan_reader_for
from pressroom.domain.identity import Principal
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Seed, Workspace
from pressroom.domain.placement import Placement
from pressroom.keys.vendor_keys import Keys
from pressroom.ledger.accounts import account_id_of
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.planning.compile import Request, compile_plan
from pressroom.planning.offers import Chooser, configured_providers
from pressroom.planning.plan import Action, Plan
from pressroom.providers.base import Vendor
from pressroom.providers.download import Downloader
from pressroom.providers.registry import listen, price_list
from pressroom.providers.simulator.books import Books
from pressroom.providers.simulator.vendor import SimulatedVendor, Style, Tools
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context
from pressroom.services.run_node import NodeResult, RunningRun, fail_node, run_node
from pressroom.services.settle_run import settle_run
from pressroom.services.start_run import begin_run
from pressroom.settings import Settings
from pressroom.sources.local_files import LocalFiles
from pressroom.storage.base import ObjectStore
from pressroom.storage.local import LocalStore
from tests.support.clocks import Clock

CREDIT = 1_000_000


class DrawParams(Params):
    prompt: str = Field("", description="Makes the picture another one.")
    seed: Seed = 0
    width: int = Field(24, gt=0, description="Pixels.")
    height: int = Field(16, gt=0, description="Pixels.")
    files: int = Field(1, ge=1, description="How many pictures one node makes.")
    fault: Literal["", "size", "format", "few", "extra", "damaged", "full"] = Field(
        "", description="What comes out wrong."
    )


class TintParams(Params):
    image: ImageSlot = Field(description="The picture.")
    prompt: str = Field("", description="Makes the result another one.")
    doubt: str = Field("", description="What it is not sure of.")


class PressParams(Params):
    image: ImageSlot = Field(description="The master.")
    placements: list[str] = Field(min_length=1, description="Where to.")
    quality: int = Field(80, ge=1, le=100, description="JPEG quality.")
    noise: bool = Field(False, description="Draw noise instead, which no encoder makes small.")


def _labels(count: int) -> list[str]:
    return ["", *(str(number) for number in range(2, count + 1))]


def _units(images: int, width: int, height: int) -> dict[str, float]:
    return {"call": 1, "image": images, "second": 0, "megapixel": images * width * height / 1e6}


def _expect_draw(params: DrawParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Any]) -> Expectation:
    info = MediaInfo(Kind.IMAGE, "image/png", params.width, params.height)
    outputs = tuple((label, info) for label in _labels(params.files))
    return Expectation(outputs, _units(params.files, params.width, params.height))


def _draw(params: DrawParams, work: Workspace) -> Sequence[Made]:
    width = params.width + (1 if params.fault == "size" else 0)
    count = params.files + {"few": -1, "extra": 1}.get(params.fault, 0)
    suffix, mime = ("bmp", "image/bmp") if params.fault == "format" else ("png", "image/png")
    made = []
    for number, label in enumerate(_labels(count)):
        image = Image.new("RGB", (width, params.height), _color(f"{params.prompt}/{params.seed}/{number}"))
        path = work.folder / f"{number}.{suffix}"
        if params.fault == "full":  # as on a disk without room, in the words of libvips
            path.symlink_to("/dev/full")
            pyvips.Image.new_from_array(image).pngsave(str(path))
        image.save(path)
        if params.fault == "damaged":
            path.write_bytes(path.read_bytes()[:40])
        made.append(Made(path, mime, label))
    return made


def _color(text: str) -> tuple[int, int, int]:
    value = sum((index + 1) * byte for index, byte in enumerate(text.encode())) * 2_654_435_761
    return value & 255, value >> 8 & 255, value >> 16 & 255


def _expect_tint(params: TintParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Any]) -> Expectation:
    source = inputs[params.image]
    info = MediaInfo(Kind.IMAGE, "image/png", source.width, source.height)
    return Expectation((("", info),), _units(1, source.width or 0, source.height or 0))


def _tint(params: TintParams, work: Workspace) -> Sequence[Made]:
    path = work.folder / "tinted.png"
    with Image.open(work.inputs[params.image]) as image:
        color = _color(params.prompt)
        Image.blend(ImageOps.invert(image.convert("RGB")), Image.new("RGB", image.size, color), 0.25).save(path)
    return [Made(path, "image/png", details={"warning": params.doubt} if params.doubt else {})]


def _expect_press(
    params: PressParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    outputs = tuple(
        (name, MediaInfo(Kind.IMAGE, "image/jpeg", placements[name].width, placements[name].height))
        for name in params.placements
    )
    return Expectation(outputs, _units(len(outputs), 0, 0))


def _press(params: PressParams, work: Workspace) -> Sequence[Made]:
    made = []
    for name in params.placements:
        size = (work.placements[name].width, work.placements[name].height)
        path = work.folder / f"{name}.jpg"
        with Image.open(work.inputs[params.image]) as image:
            shown = Image.effect_noise(size, 200).convert("RGB") if params.noise else image.convert("RGB").resize(size)
            shown.save(path, quality=params.quality)
        made.append(Made(path, "image/jpeg", name, name))
    return made


OPERATIONS: dict[str, Operation[Any]] = {
    operation.name: operation
    for operation in (
        Operation(
            "draw", 1, "image", DrawParams, Kind.IMAGE, "Plain pictures.", _expect_draw, _draw, prompt_field="prompt"
        ),
        Operation("tint", 1, "image", TintParams, Kind.IMAGE, "Another colour.", _expect_tint, _tint),
        Operation("press", 1, "export", PressParams, Kind.IMAGE, "Files for placements.", _expect_press, _press),
    )
}


def _model(name: str, operation: str, unit: str, credits: float | None, **more: Any) -> Model:
    provider, _, model = name.partition("/")
    row = {
        "provider": provider,
        "model": model,
        "operation": operation,
        "tier": "free" if provider == "local" else "budget",
        "quality": 50,
        "unit": unit,
        "credits": credits,
        "usd": None if credits is None else credits / 100,
        "latency_seconds": 0,
        "source": "made up",
        "as_of": "2026-11-21",
    }
    return Model.model_validate(row | more)


MODELS = (
    _model("local/pencil", "draw", "image", 0),
    _model("local/dye", "tint", "image", 0),
    _model("local/letterpress", "press", "image", 0),
    _model("simulated/ink", "draw", "image", 1),
    _model("simulated/oil", "draw", "image", 0.333333),
    _model("simulated/metered", "draw", "megapixel", 1.5, bound_credits=1.6, bound_usd=0.016, billing_step=0.0001),
    _model("simulated/secret", "draw", "image", None),
    _model("simulated/brush", "tint", "call", 2),
    _model("simulated-direct/ink", "draw", "image", 1),
    _model("simulated-callback/ink", "draw", "image", 1),
)
PLACEMENTS = tuple(
    Placement.model_validate(
        {
            "name": name,
            "kind": "image",
            "width": width,
            "height": height,
            "formats": ["jpg"],
            "max_bytes": max_bytes,
            "evidence": "requested",
            "source": "made up",
            "as_of": "2026-11-21",
        }
    )
    for name, width, height, max_bytes in (("wall.square", 32, 32, 20_000), ("wall.banner", 64, 16, None))
)
TODAY = date(2026, 11, 29)
STYLES = {"simulated": Style.POLLED, "simulated-direct": Style.DIRECT, "simulated-callback": Style.CALLBACK}
UNLIMITED = load_catalog().plans["enterprise"].model_copy(update={"name": "free", "usd_cap": None})


def _vendor_row(name: str, style: Style) -> ProviderRow:
    can = style is not Style.DIRECT
    return ProviderRow(name=name, title="Vendor", sells=True, can_list=can, can_cancel=can)


CATALOG = Catalog(
    providers={
        "local": ProviderRow(name="local", title="This machine", sells=False),
        **{name: _vendor_row(name, style) for name, style in STYLES.items()},
    },
    models={model.name: model for model in MODELS},
    placements={placement.name: placement for placement in PLACEMENTS},
    plans={"free": UNLIMITED},
    packs={},
    tiers=load_catalog().tiers,
)


@dataclass
class Studio:
    """A home folder with an open context, and short words for what a run does."""

    home: Path
    context: Context
    url: str

    @property
    def principal(self) -> Principal:
        return Principal(self.account)

    @property
    def account(self) -> str:
        return self.context.settings.account

    @property
    def account_id(self) -> int:
        with self.context.database.read() as conn:
            return account_id_of(conn, self.account)

    @property
    def vendor(self) -> SimulatedVendor:
        """The vendor with its books, without faults, whatever vendor is asked through the context."""
        return self.open_vendor()

    def books(self, name: str) -> Books:
        return Books(self.home / name)

    def plan(
        self,
        text: str,
        *,
        refresh: Iterable[str] = (),
        feeds: Mapping[str, str] | None = None,
        catalog: Catalog | None = None,
    ) -> Plan:
        """The plan of this campaign text, against what is in the database now."""
        catalog, operations = catalog or self.context.catalog, self.context.operations
        loaded = parse_campaign(
            text, str(self.home / "campaign.yaml"), operations=operations, placements=tuple(catalog.placements)
        )
        with plan_reader_for(self.url, self.account) as reader:
            plan = compile_plan(
                loaded,
                Request(
                    catalog=catalog,
                    operations=operations,
                    files=self.files(),
                    feeds={
                        name: parse_feed((self.home / file).read_bytes(), file, name, 1_000)
                        for name, file in (feeds or {}).items()
                    },
                    chooser=Chooser(catalog, loaded.campaign.policy, configured_providers(catalog), TODAY),
                    index=LibraryIndex(reader),
                    refresh=frozenset(refresh),
                ),
            )
        fatal = [
            problem
            for problem in plan.problems
            if problem.fatal and problem.code not in ("unknown_price", "unknown_job")
        ]
        assert not fatal, fatal
        return plan

    def files(self) -> LocalFiles:
        return LocalFiles(self.home, self.context.settings.limits)

    def begin(self, plan: Plan, **options: Any) -> RunningRun:
        options.setdefault("account", self.account)
        options.setdefault("out_dir", str(self.home / "out" / plan.campaign))
        options.setdefault("account", self.context.settings.account)
        return begin_run(self.context, plan, self.files(), **options)

    def walk(self, run: RunningRun) -> dict[str, NodeResult | Exception]:
        """Run every node in the plan's order; a failure is recorded and the walk goes on."""
        results: dict[str, NodeResult | Exception] = {}
        for node in run.plan.nodes:
            if node.action is Action.BLOCKED:
                continue
            try:
                results[node.id] = run_node(self.principal, self.context, run, node.id)
            except Exception as exc:  # noqa: BLE001 - what the task's border does
                fail_node(self.context, run, node.id, str(exc))
                results[node.id] = exc
        return results

    def go(self, text: str, **options: Any) -> tuple[dict[str, NodeResult | Exception], Settlement]:
        """Plan, begin, run and settle."""
        run = self.begin(self.plan(text, **options))
        results = self.walk(run)
        return results, settle_run(self.context, run.id)

    def with_vendor(self, vendor: Vendor) -> Studio:
        """The same studio, in which this one stands for the vendor of its name."""
        context = replace(self.context, vendors={**self.context.vendors, vendor.name: vendor})
        listen(context.vendors, partial(receive, context.market))
        return replace(self, context=context)

    def with_faults(self, *faults: str, name: str = "simulated", latency_seconds: float = 0.0) -> Studio:
        return self.with_vendor(self.open_vendor(*faults, name=name, latency_seconds=latency_seconds))

    def open_vendor(
        self, *faults: str, name: str = "simulated", kind: type[SimulatedVendor] = SimulatedVendor, **options: Any
    ) -> SimulatedVendor:
        """The vendor, opened as if by another process."""
        return open_vendor(self.home, self.context, name, kind, faults=frozenset(faults), **options)


def open_vendor(
    home: Path, context: Context, name: str, kind: type[SimulatedVendor] = SimulatedVendor, **options: Any
) -> SimulatedVendor:
    catalog = context.catalog
    tools = Tools(catalog.placements, context.settings.limits, context.ffmpeg)
    options = {"style": STYLES[name], "charge": price_list(catalog, name), **options}
    if context.pause is not None:
        clock = context.pause.__self__  # type: ignore[attr-defined]
        options = {"clock": clock.seconds, "pause": clock.pause, "later": clock.later, **options}
    return kind(home / name, context.operations, tools, name=name, **options)


def open_studio(
    home: Path,
    database: Database,
    url: str,
    *,
    latency_seconds: float = 0.0,
    store: ObjectStore | None = None,
    downloader: Downloader | None = None,
    operations: Mapping[str, Operation[Any]] = OPERATIONS,
    catalog: Catalog = CATALOG,
    clock: Clock | None = None,
    **settings: Any,
) -> Studio:
    """A studio whose account starts with 100 credits; its operations and prices are made up unless others are given.

    With a `clock` time passes only where something waits.
    """
    home.mkdir(parents=True, exist_ok=True)
    known = Settings(**{"home": home, "database_url": url, "grant_credits": 100, **settings})
    empty = Context(
        settings=known,
        database=database,
        store=store or LocalStore(home / "media"),
        vendors={},
        catalog=catalog,
        operations=operations,
        ffmpeg=ffmpeg_program(""),
        provenance=open_provenance(known),
        keys=Keys(os.environ, home),
        make_downloader=lambda: downloader or open_downloader(known, frozenset()),
        make_poster=partial(open_poster, hosts_allowed(known)),
        sealer=open_sealer(known, Keys(os.environ, home)),
        open_files=partial(open_files, known),
        now=clock.now if clock else lambda: datetime.now(UTC),
        pause=clock.pause if clock else None,
    )
    vendors = {name: open_vendor(home, empty, name, latency_seconds=latency_seconds) for name in STYLES}
    context = replace(empty, vendors=vendors)
    listen(vendors, partial(receive, context.market))
    return Studio(home, context, url)
