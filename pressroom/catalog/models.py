"""Rows of the price book: models, subscription plans and credit packs."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeFloat, model_validator

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.money import micros

TIERS = ("free", "budget", "premium")
Unit = Literal["call", "image", "second", "megapixel", "1k_characters"]


def _micros(value: Any) -> Any:
    return None if value is None else micros(value)


Ratio = Annotated[str, Field(pattern=r"^[1-9]\d*(\.\d+)?:[1-9]\d*(\.\d+)?$")]
Price = Annotated[int | None, BeforeValidator(_micros)]


class Row(BaseModel):
    """Base of every row: unknown columns are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Row):
    """What a model can make. A missing value is no limit of that kind."""

    min_width: int | None = Field(None, gt=0)
    max_width: int | None = Field(None, gt=0)
    min_height: int | None = Field(None, gt=0)
    max_height: int | None = Field(None, gt=0)
    max_megapixels: float | None = Field(None, gt=0)
    max_input_megapixels: float | None = Field(None, gt=0)
    ratios: tuple[Ratio, ...] = ()
    min_duration_seconds: float | None = Field(None, gt=0)
    max_duration_seconds: float | None = Field(None, gt=0)
    max_prompt_characters: int | None = Field(None, gt=0)

    def violations(self, made: MediaInfo) -> list[str]:
        """What of an expected file this model cannot make, in words."""
        found = [
            f"{name} {value:g} is {word} {limit:g}"
            for name, value, limit, word, bad in (
                ("width", made.width, self.min_width, "below", _below),
                ("width", made.width, self.max_width, "above", _above),
                ("height", made.height, self.min_height, "below", _below),
                ("height", made.height, self.max_height, "above", _above),
                ("megapixels", made.megapixels or None, self.max_megapixels, "above", _above),
                ("duration", made.duration_seconds, self.min_duration_seconds, "below", _below),
                ("duration", made.duration_seconds, self.max_duration_seconds, "above", _above),
            )
            if value is not None and limit is not None and bad(value, limit)
        ]
        if self.ratios and made.width and made.height and not self._has_ratio(made.width, made.height):
            found.append(f"ratio {made.width}:{made.height} is none of {', '.join(self.ratios)}")
        return found

    def _has_ratio(self, width: int, height: int) -> bool:
        # Half a percent covers sizes rounded to whole or even pixels.
        return any(
            abs(width / height / (float(w) / float(h)) - 1) <= 0.005
            for w, _, h in (ratio.partition(":") for ratio in self.ratios)
        )


def _below(value: float, limit: float) -> bool:
    return value < limit


def _above(value: float, limit: float) -> bool:
    return value > limit


class Model(Row):
    """One way to buy or compute an operation.

    Prices are for one `unit`; None means that the price is not known, which refuses every run that needs it. `bound_*`
    is the most that one unit can turn out to cost where that differs (metered vendors). Units are rounded up to
    `billing_step`.
    """

    provider: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    model: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    operation: str
    tier: Literal["free", "budget", "premium"]
    quality: int = Field(ge=0, le=100, description="Rank among models of one operation; higher is better.")
    unit: Unit
    credits: Price
    usd: Price
    bound_credits: Price = None
    bound_usd: Price = None
    billing_step: float = Field(1, gt=0)
    latency_seconds: float = Field(ge=0, description="Rough time for one node, and ...")
    latency_seconds_per: dict[Unit, NonNegativeFloat] = Field(
        default_factory=dict, description="... what each image, second or megapixel of it adds, whatever is billed."
    )
    limits: Limits = Limits()
    generative: bool | None = Field(
        None, description="Whether a trained model makes pixels; unstated counts as yes where it is sold, else as no."
    )
    source: str = Field(min_length=1)
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    notes: str = ""

    @model_validator(mode="after")
    def _bound_is_a_bound(self) -> Model:
        for what, price, bound in (("credits", self.credits, self.bound_credits), ("usd", self.usd, self.bound_usd)):
            if price is not None and bound is not None and bound < price:
                raise ValueError(f"bound_{what} is below {what}")
        return self

    def __hash__(self) -> int:
        # Prices are looked up by model, tens of thousands of times a plan: two names do, twenty columns need not be hashed.
        return hash((self.provider, self.model))

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"

    def billed_units(self, quantity: float) -> Decimal:
        """The quantity rounded up to the billing step: 5.5 s at a step of 5 s is 10 s."""
        step = Decimal(str(self.billing_step))
        steps = (Decimal(str(round(quantity, 6))) / step).to_integral_value(rounding=ROUND_CEILING)
        return max(steps, Decimal(1)) * step

    def cost(self, quantity: float, price_micros: int) -> int:
        if price_micros == 0:
            return 0
        return int((self.billed_units(quantity) * price_micros).to_integral_value(rounding=ROUND_CEILING))


class SubscriptionPlan(Row):
    """What a subscription includes a month. None is unlimited, 0 is none."""

    name: str
    usd_per_month: Price
    usd_per_year: Price
    images: int | None = Field(ge=0)
    edits: int | None = Field(ge=0)
    videos: int | None = Field(ge=0)
    audio: int | None = Field(ge=0)
    usd_cap: Price
    max_video_height: int | None = Field(gt=0, description="Largest short side of a bought video, in pixels.")
    max_video_seconds: float | None = Field(gt=0)
    source: str
    as_of: str

    def monthly_limit(self, family: str) -> int | None:
        return {"image": self.images, "edit": self.edits, "video": self.videos, "audio": self.audio}[family]


class CreditPack(Row):
    """Credits sold together."""

    name: str
    credits: int = Field(gt=0)
    usd: Price
    source: str
    as_of: str


class ProviderRow(Row):
    """A provider that the catalog knows. Only what is bought counts against a subscription."""

    name: str
    title: str
    sells: bool
    needs_key: str = Field("", description="Setting that must hold a key; empty needs none.")


def metered_family(operation: str, makes: Kind) -> str:
    """Which monthly limit a bought node counts against: new images, edits of images, videos or audio."""
    if makes is Kind.IMAGE:
        return "image" if operation == "generate_image" else "edit"
    return "video" if makes is Kind.VIDEO else "audio"
