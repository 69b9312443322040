"""The campaign as typed models: what the YAML holds, and what a Python user builds by hand.

Nothing here reads a file. Values that may hold `{{ }}` expressions stay as written until the planner resolves them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pressroom.campaign.deployment import DeploySpec
from pressroom.campaign.strict import Identifier, Name, Strict
from pressroom.domain.operation import HexColor
from pressroom.domain.shelving import MAX_COLLECTION_LENGTH

Tier = Literal["free", "budget", "premium", "auto"]
InputType = Literal["image", "video", "audio", "text", "number", "choice", "list", "folder"]


class InputSpec(Strict):
    """One thing that the caller may pass in with `-i name=value`. An input without a default is required."""

    type: InputType
    default: Any = None
    description: str = ""
    choices: tuple[str, ...] = Field((), description="Allowed values of a choice.")
    min: float | None = Field(None, description="Smallest number, or fewest items of a list.")
    max: float | None = Field(None, description="Largest number, or most items of a list.")
    max_length: int = Field(2_000, gt=0, le=10_000, description="Longest text, in characters.")
    of: Literal["text", "number", "image", "video", "audio", "object"] = Field(
        "text", description="What a list or a folder holds; a folder without it holds images."
    )

    @model_validator(mode="after")
    def _choice_has_choices(self) -> InputSpec:
        if self.type == "choice" and not self.choices:
            raise ValueError("a choice needs `choices`")
        if self.type == "folder" and "of" in self.model_fields_set and self.of not in ("image", "video", "audio"):
            raise ValueError(f"a folder holds image, video or audio, not {self.of}")
        return self


class BrandSpec(Strict):
    """The brand kit: colours, fonts (bundled names or font files) and a logo file, relative to the campaign."""

    name: str = ""
    colors: dict[Literal["primary", "secondary", "accent", "background", "text"], HexColor] = Field(
        default_factory=dict
    )
    fonts: dict[Literal["heading", "body"], str] = Field(default_factory=dict)
    logo: str | None = None


class Budget(Strict):
    """The most that runs may hold. A missing line is no limit of that kind."""

    credits: float | None = Field(None, ge=0, description="Most credits for one run.")
    usd: float | None = Field(None, ge=0, description="Most provider USD for one run.")
    month: float | None = Field(None, ge=0, description="Most credits for all runs of the campaign in a month (UTC).")
    when_reached: Literal["refuse", "suspend"] = Field(
        "refuse",
        description="A run that may take more than its budgets, the month's, the subscription or the balance leave: refuse "
        "it, or hold what they leave and wait for more when that is spent.",
    )


class Policy(Strict):
    """How models are chosen and which prompts are allowed."""

    tier: Tier = Field(
        "free",
        description="The tier to use; where it has no model that fits, the next lower one. auto: budget, premium, free.",
    )
    prefer: Literal["cheapest", "best", "fastest"] | tuple[str, ...] = Field(
        "cheapest",
        description="Which model of the tier wins where several fit: cheapest, best quality, fastest by your orders, or a list.",
    )
    fallback: bool | tuple[str, ...] = Field(
        False,
        description="What makes a node whose model has failed: true means the next ones of its tier and of those below.",
    )
    upscale: bool = Field(
        True,
        description="Where more pixels are wanted than a bought model makes: a step of the plan enlarges the picture. "
        "false: it is only resized.",
    )
    providers: tuple[str, ...] = Field((), description="Only these providers; empty means every configured one.")
    blocked_words: tuple[str, ...] = Field((), description="Prompts with one of these words are refused.")
    uncertain: Literal["warn", "fail", "ask"] = Field(
        "warn",
        description="A node whose operation is not sure of its result: say so, fail it, or fail it unless the run said --yes.",
    )


class AboveCredits(Strict):
    """Runs that may cost more than so many credits."""

    above: float = Field(ge=0, description="Credits.")


Approval = Literal["never", "always", "changed"] | AboveCredits


def _feeds(value: Any) -> Any:
    return {"row": value} if isinstance(value, str) else value


def _only_one(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > 1:
        raise ValueError("a step opens one feed; put the second one on another step")
    return value


class Step(Strict):
    """One line of the campaign: an operation with its parameters, opened over dimensions."""

    uses: str = Field(description="The operation, e.g. remove_background.")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", description="The operation's parameters.")
    for_each: dict[Identifier, str | list[Any]] = Field(
        default_factory=dict, description="Dimensions: name -> list of values, or an expression that gives one."
    )
    feed: Annotated[dict[Identifier, str], BeforeValidator(_feeds), AfterValidator(_only_one)] = Field(
        default_factory=dict, description="CSV or JSON file whose rows open a dimension (`row` unless named)."
    )
    count: int | str = Field(1, description="How many takes; opens the dimension `take` when above 1.")
    gather: bool | tuple[Identifier, ...] = Field(
        False, description="Collect the variants of the steps referred to into one list: all, or over these dimensions."
    )
    when: str | bool = Field(True, description="Make this step's nodes only where the expression is true.")
    model: str | None = Field(None, description="Exactly this model, as provider/model.")
    tier: Tier | None = Field(None, description="Overrides the policy's tier for this step.")
    fallback: bool | tuple[str, ...] | None = Field(None, description="Overrides the policy's fallback for this step.")
    upscale: bool | None = Field(None, description="Overrides the policy's upscale for this step.")
    deliver: bool | None = Field(None, description="Deliver this step's files; default: when no step uses them.")
    title: str = ""
    description: str = ""
    alt_text: str = Field("", max_length=1_000, description="Alternative text, kept with every asset.")
    tags: tuple[str, ...] = ()
    collection: str = Field(
        "",
        max_length=MAX_COLLECTION_LENGTH,
        description="Put what the step delivers on this collection, which is made where there is none.",
    )


class Campaign(Strict):
    """The whole document."""

    pressroom: Literal[1] = Field(1, description="Version of this format.")
    name: Name
    title: str = ""
    description: str = ""
    inputs: dict[Identifier, InputSpec] = Field(default_factory=dict)
    brand: BrandSpec = BrandSpec()
    budget: Budget = Budget()
    policy: Policy = Policy()
    deploy: DeploySpec = DeploySpec()
    approval: Approval = Field(
        "never",
        description="Which runs wait for a person before anything is bought: always, changed (the first run of a changed plan), "
        "or {above: CREDITS}.",
    )
    steps: dict[Name, Step] = Field(min_length=1)
