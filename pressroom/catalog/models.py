"""Rows of the price book: vendors, models with what they can make and cost, tiers, subscription plans, credit packs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeFloat, PositiveFloat, model_validator

from pressroom.catalog.limits import Fact, Limits, Ratio, Row, Size, is_one_of, shown
from pressroom.domain.media import Kind
from pressroom.domain.meter import Meter, Unit
from pressroom.domain.money import micros

Tier = Literal["free", "budget", "premium"]
Mask = Literal["white-changes", "black-changes", "transparent-changes"]
METERED = ("unit", "credits", "usd", "bound_credits", "bound_usd", "billing_step")


def _micros(value: Any) -> Any:
    return None if value is None else micros(value)


def _yes_or_no(value: Any) -> Any:
    # YAML reads a bare yes or no as a truth value.
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def _a_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, AfterValidator(_a_day)]
Amount = Annotated[int | None, BeforeValidator(_micros)]
LOCAL: Final = "local"  # the provider that computes here
SIMULATED: Final = "simulated"  # how the names of vendors begin that only play
MODEL_NAME = r"^[a-z][a-z0-9-]*/[a-z0-9][a-z0-9._-]*$"


# What is sold without a price in credits of its own: a credit for every started five cents of a billing step.
USD_MICROS_A_CREDIT: Final = 50_000


def credits_for(usd_micros: int, billing_step: float) -> int:
    """Micro-credits for a unit that costs so much at its vendor, where units are billed in such steps."""
    step = Decimal(str(billing_step))
    credits_a_step = max(1, math.ceil(usd_micros * step / USD_MICROS_A_CREDIT)) if usd_micros else 0
    return math.ceil(credits_a_step * 1_000_000 / step)


class Price(Row):
    """What one unit costs from a day on, where `when` holds. None is not known, which refuses every run that needs it.

    Credits that are not given follow from the dollars (`credits_for`).
    """

    unit: Unit
    usd: Amount
    credits: Amount = None
    bound_credits: Amount = Field(None, description="The most that one unit can turn out to cost.")
    bound_usd: Amount = None
    billing_step: float = Field(1, gt=0, description="Units are rounded up to whole steps.")
    begins: date | None = Field(None, alias="from", description="First day of this price; the newest begun one holds.")
    when: dict[str, Fact | tuple[Fact, ...]] = Field(
        default_factory=dict, description="Conditions: resolution, quality, duration, audio or a parameter -> value(s)."
    )

    @model_validator(mode="before")
    @classmethod
    def _credits_from_dollars(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        found = dict(values)
        for ours, theirs in (("credits", "usd"), ("bound_credits", "bound_usd")):
            usd, step = values.get(theirs), values.get("billing_step", 1)
            if ours not in values and isinstance(usd, int | float) and isinstance(step, int | float) and step > 0:
                found[ours] = Decimal(credits_for(micros(usd), step)) / 1_000_000
        return found

    @model_validator(mode="after")
    def _bound_is_a_bound(self) -> Price:
        for what, price, bound in (("credits", self.credits, self.bound_credits), ("usd", self.usd, self.bound_usd)):
            if price is not None and bound is not None and bound < price:
                raise ValueError(f"bound_{what} is below {what}")
        return self

    @property
    def meter(self) -> Meter:
        return Meter(self.unit, self.credits, self.usd, self.bound_credits, self.bound_usd, self.billing_step)

    @property
    def per(self) -> str:
        """`second, resolution 720p, audio yes, from 2026-12-01`."""
        words = [self.unit, *(f"{name} {_shown(value)}" for name, value in self.when.items())]
        return ", ".join([*words, *([f"from {self.begins}"] if self.begins else [])])

    def holds(self, facts: Mapping[str, Any], today: date) -> bool:
        begun = self.begins is None or self.begins <= today
        return begun and all(_is(facts.get(name), wanted) for name, wanted in self.when.items())

    @property
    def precedence(self) -> tuple[int, date, bool, int]:
        """The most exact row holds, of those the newest; of two that are alike the dearer, so that no bound is too low."""
        return len(self.when), self.begins or date.min, self.credits is None, self.credits or 0


def _is(fact: Any, wanted: Fact | tuple[Fact, ...]) -> bool:
    return is_one_of(fact, wanted if isinstance(wanted, tuple) else (wanted,))


def _shown(value: Fact | tuple[Fact, ...]) -> str:
    return " or ".join(map(shown, value)) if isinstance(value, tuple) else shown(value)


UNKNOWN_PRICE = Meter("call", None, None)


class Sizing(Row):
    """How a vendor is told what size and length to make, and which of them it makes. Without it, it goes by its inputs."""

    size: str = Field(
        "", description="The vendor's parameter that takes a size, a ratio or a resolution by name, and ..."
    )
    makes: dict[str, Size] = Field(default_factory=dict, description="... its values, with the pixels that each makes.")
    width: str = Field("", description="Or its parameters for the sides, in pixels, ...")
    height: str = ""
    multiple: int = Field(1, ge=1, description="... which are multiples of this.")
    times: PositiveFloat | None = Field(
        None, description="Or how many times as wide and high as its input it makes, ..."
    )
    factor: str = Field("", description="... or its parameter for that number, ...")
    max_factor: float | None = Field(None, gt=0, description="... and the largest it takes, ...")
    factors: tuple[PositiveFloat, ...] = Field((), description="... or the only ones.")
    megapixels: PositiveFloat | None = Field(None, description="Or how many it makes, in the shape of its input.")
    canvas: str = Field("", description="Or its parameters for the sides of a larger picture, a list of two, ...")
    original_size: str = Field("", description="... for those of the picture inside, ...")
    original_place: str = Field("", description="... and for its left upper corner there.")
    short_sides: dict[str, int] = Field(
        default_factory=dict, description="Or the resolutions of its clips, with the pixels of the shorter side, ..."
    )
    resolution: str = Field("", description="... its parameter for them, where there are several, ...")
    ratio: str = Field("", description="... and its parameter for the shape; without one that is the picture's, ...")
    ratios: tuple[Ratio, ...] = Field((), description="... its shapes, as 16:9.")
    duration: str = Field("", description="Its parameter for the length in seconds, ...")
    duration_as: str = Field("", description="... how it is written, as {}s, where that is no number, ...")
    frames_per_second: PositiveFloat | None = Field(
        None, description="... or of how many frames a second it is the number, the first and the last included, ..."
    )
    seconds: tuple[PositiveFloat, ...] = Field((), description="... the only lengths, ...")
    whole_seconds: bool = Field(True, description="... and whether it takes whole seconds only.")

    @property
    def names(self) -> frozenset[str]:
        """The vendor's parameters of sizes and lengths."""
        of_canvas = (self.canvas, self.original_size, self.original_place)
        of_clip = (self.resolution, self.ratio, self.duration)
        return frozenset((self.size, self.width, self.height, self.factor, *of_canvas, *of_clip)) - {""}


class Model(Row):
    """One way to buy or compute an operation. A single price without conditions may stand in the row itself.

    Where a vendor's own name (`id`) is given, `parameters` are all that it takes of the operation's.
    """

    provider: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    model: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    id: str = Field("", description="The vendor's own name for it, as its addresses have it.")
    version: str = Field("", description="The version at the vendor, where an order has to name one.")
    operation: str
    tier: Tier
    quality: int = Field(ge=0, le=100, description="Rank among models of one operation; higher is better.")
    prices: tuple[Price, ...] = Field(min_length=1)
    usd_per_million_tokens: dict[str, PositiveFloat] = Field(
        default_factory=dict,
        description="Kind of token -> its price, where the vendor's answers count what it bills, ...",
    )
    usd_per_million_tokens_from: dict[date, dict[str, PositiveFloat]] = Field(
        default_factory=dict, description="... and the prices that take their place from a day on."
    )
    latency_seconds: float = Field(ge=0, description="Rough time for one node, and ...")
    latency_seconds_per: dict[Unit, NonNegativeFloat] = Field(
        default_factory=dict, description="... what each image, second or megapixel of it adds, whatever is billed."
    )
    limits: Limits = Limits()
    parameters: dict[str, str] = Field(
        default_factory=dict,
        description="Our parameter -> the vendor's name for it: `files[]` is a list, which several may share; `file_{n}` is one "
        "name for each file of a list, counted from 2.",
    )
    values: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Our parameter -> our value -> the vendor's, where that differs."
    )
    mask: Mask = Field(
        "white-changes", description="What of a mask it changes; ours is white where the picture changes."
    )
    phrased: tuple[str, ...] = Field(
        (),
        description="Kinds of the operation that it is asked for in words of ours (phrases.yaml), for want of parameters.",
    )
    in_brief: tuple[str, ...] = Field(
        (),
        description="Parameters that it is told in a text of ours (providers/briefs.py), for models that read and write.",
    )
    fixed: dict[str, Any] = Field(
        default_factory=dict,
        description="What is always sent: nothing that costs money is left to the vendor's defaults.",
    )
    sizing: Sizing = Sizing()
    always_sound: bool = Field(
        False, description="Whether its clips have sound in any case: it is taken out where nobody asked for it."
    )
    available_from: date | None = Field(None, description="First day on which it can be used.")
    shutdown_on: date | None = Field(None, description="First day on which it is gone.")
    replaced_by: str | None = Field(None, pattern=MODEL_NAME)
    charged_on_refusal: Annotated[Literal["yes", "no", "unknown"], BeforeValidator(_yes_or_no)] = Field(
        "unknown", description="Whether the vendor bills a request that its moderation refuses."
    )
    on_record: bool = Field(True, description="Whether the vendor's own record of what it charged has its orders.")
    generative: bool | None = Field(
        None, description="Whether a trained model makes pixels; unstated counts as yes where it is sold, else as no."
    )
    weak: bool = Field(
        False,
        description="Whether its price is a reseller's, derived or contradicted: held with a reserve; notes say why.",
    )
    source: str = Field(min_length=1)
    as_of: Day
    notes: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_price(cls, values: Any) -> Any:
        own = {name: values[name] for name in METERED if name in values} if isinstance(values, Mapping) else {}
        if not own:
            return values
        if "prices" in values:
            raise ValueError(f"{', '.join(own)}: a row has these or `prices`, not both")
        return {name: value for name, value in values.items() if name not in own} | {"prices": [own]}

    @model_validator(mode="after")
    def _each_price_once(self) -> Model:
        seen = [(row.begins, sorted(row.when.items())) for row in self.prices]
        if any(key in seen[:place] for place, key in enumerate(seen)):
            raise ValueError("prices: two rows have the same `from` and `when`")
        if self.available_from and self.shutdown_on and self.shutdown_on <= self.available_from:
            raise ValueError("shutdown_on is not after available_from")
        return self

    def __hash__(self) -> int:
        # Prices are looked up by model, tens of thousands of times a plan: two names do, twenty columns need not be hashed.
        return hash((self.provider, self.model))

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"

    @property
    def conditions(self) -> frozenset[str]:
        """The facts of a node that its price, or whether it takes the node, depends on."""
        return frozenset(self.limits.values).union(*(price.when for price in self.prices))

    def on(self, day: date) -> Model:
        """The same, with the prices of tokens that hold on this day."""
        begun = [first for first in self.usd_per_million_tokens_from if first <= day]
        return (
            self.model_copy(update={"usd_per_million_tokens": self.usd_per_million_tokens_from[max(begun)]})
            if begun
            else self
        )

    def meter(self, facts: Mapping[str, Any], today: date) -> Meter:
        """The price that holds for a node of which these facts are known; unknown amounts where none does."""
        # Most models have one price for all time.
        if len(self.prices) == 1 and not self.prices[0].when and self.prices[0].begins is None:
            return self.prices[0].meter
        rows = [row for row in self.prices if row.holds(facts, today)]
        return max(rows, key=lambda row: row.precedence).meter if rows else UNKNOWN_PRICE


class SubscriptionPlan(Row):
    """What a subscription includes a month. None is unlimited, 0 is none."""

    name: str
    usd_per_month: Amount
    usd_per_year: Amount
    images: int | None = Field(ge=0)
    edits: int | None = Field(ge=0)
    videos: int | None = Field(ge=0)
    audio: int | None = Field(ge=0)
    usd_cap: Amount
    max_video_height: int | None = Field(gt=0, description="Largest short side of a bought video, in pixels.")
    max_video_seconds: float | None = Field(gt=0)
    source: str
    as_of: Day

    def monthly_limit(self, family: str) -> int | None:
        return {"image": self.images, "edit": self.edits, "video": self.videos, "audio": self.audio}[family]


class CreditPack(Row):
    """Credits sold together."""

    name: str
    credits: int = Field(gt=0)
    usd: Amount
    source: str
    as_of: Day


class TierRow(Row):
    """A tier; the rows stand from the lowest to the highest. `auto` is its turn where a campaign says `tier: auto`."""

    name: Tier
    auto: int = Field(ge=1)


class ProviderRow(Row):
    """A vendor that the catalog knows, or this machine. Only what is bought counts against a subscription."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    sells: bool
    keys: tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], ...] = Field(
        (), description="Names in the environment, one of which must hold its key; none needs none."
    )
    billing_keys: tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], ...] = Field(
        (), description="Where its usual key may not read what was charged: names of one that may."
    )
    key_page: str = Field("", pattern=r"^(https://\S+)?$", description="Page of the vendor's where people make a key.")
    url: str = Field("", description="Base address of its API; a setting puts another in its place.")
    hosts: dict[str, str] = Field(
        default_factory=dict,
        description="More of its own addresses, by name; with another base address it has them all.",
    )
    key_hosts: tuple[str, ...] = Field(
        (), description="Hosts of its API that its answers name and that are shown the key too, as api.*.example.com."
    )
    refund_list: str = Field(
        "", description="How its record calls the list of what it gave back; where it has none, its charges say so."
    )
    weak: dict[str, str] = Field(
        default_factory=dict, description="What of this row stands in no document of the vendor's, and why it is taken."
    )
    answers: Literal["bytes", "polled", "callback"] = Field("polled", description="How a finished job is learned of.")
    can_list: bool = Field(False, description="Whether an order can be found again after its answer got lost.")
    can_cancel: bool = Field(False, description="Whether a running job can be stopped.")
    requests_per_minute: float | None = Field(None, gt=0, description="How many orders it takes a minute; None is any.")
    jobs_at_once: int | None = Field(
        None, gt=0, description="How many of our orders it works on at a time; None is any."
    )
    limits_source: str = Field("", description="Where these two are from, ...")
    limits_as_of: str = Field("", description="... and of which day.")
    rests_after: int = Field(5, ge=1, description="After so many failures in a row no order is sent to it, ...")
    rest_seconds: float = Field(30, gt=0, description="... for so long at first; then one order tries it.")
    ailing_after: int = Field(3, ge=1, description="How many orders in a row must go wrong for it to be passed over.")
    ailing_minutes: float = Field(10, gt=0, description="For how long these count, and it is passed over.")

    @property
    def is_limited(self) -> bool:
        return self.requests_per_minute is not None or self.jobs_at_once is not None


def metered_family(operation: str, makes: Kind) -> str:
    """Which monthly limit a bought node counts against: new images, videos, audio, or edits, as all else counts."""
    if makes is Kind.IMAGE:
        return "image" if operation == "generate_image" else "edit"
    return {Kind.VIDEO: "video", Kind.AUDIO: "audio"}.get(makes, "edit")
