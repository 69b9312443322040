"""What happens that somebody may want to hear of: each event's name and what it tells, for logs, metrics and automations."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from pressroom.domain.states import Decision, JobState, RunState


class Event(BaseModel):
    """One thing that happened to an account. Amounts are in credits and in US dollars, as a person reads them."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar[str]
    account: str
    run: str = ""
    campaign: str = ""

    @property
    def name(self) -> str:
        """`pressroom.` and the kind; some kinds say more by what they hold."""
        return f"pressroom.{self.kind}"

    @property
    def subject(self) -> str:
        """What it happened to, as a name that automations can match."""
        return f"pressroom.run.{self.run}" if self.run else f"pressroom.account.{self.account}"

    @property
    def text(self) -> str:
        """What happened, in one line."""
        raise NotImplementedError


class RunHeld(Event):
    """A run has its credits set aside and begins."""

    kind = "run.held"
    credits: float
    plan_hash: str
    nodes: int

    @property
    def text(self) -> str:
        return f"{self.campaign} holds {self.credits:g} credits for {self.nodes} nodes"


class RunEnded(Event):
    """A run has come to its end, or waits for somebody; `nodes` counts them by state."""

    kind = "run"
    state: RunState
    captured_credits: float
    released_credits: float
    usd: float
    seconds: float
    nodes: dict[str, int]
    reason: str = ""

    @property
    def name(self) -> str:
        done = RunState.COMPLETED if self.state is RunState.COMPLETED_WITH_FAILURES else self.state
        return f"pressroom.run.{done}"

    @property
    def text(self) -> str:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(self.nodes.items()))
        cost = f"{self.captured_credits:g} credits captured, {self.released_credits:g} released"
        return "; ".join(filter(None, (f"{self.campaign} {self.state}: {counts}", cost, self.reason)))


class NodeFailed(Event):
    """A node of a run will not be made, and what needs it neither."""

    kind = "node.failed"
    node: str
    reason: str

    @property
    def text(self) -> str:
        return f"{self.node} failed: {self.reason}"


class AssetStored(Event):
    """The files of a node are in the store and the library."""

    kind = "asset.stored"
    node: str
    operation: str
    assets: tuple[str, ...]
    vendor: str
    model: str
    credits: float
    usd: float
    seconds: float

    @property
    def text(self) -> str:
        return f"{self.node} made by {self.vendor}/{self.model} for {self.credits:g} credits in {self.seconds:.1f} s"


class OrderEnded(Event):
    """A vendor has delivered what was ordered, or has not; `seconds` are since the order left."""

    kind = "order"
    order: str
    node: str
    vendor: str
    model: str
    state: JobState
    seconds: float
    usd: float
    reason: str = ""

    @property
    def name(self) -> str:
        return f"pressroom.order.{self.state}"

    @property
    def text(self) -> str:
        told = f"{self.vendor}/{self.model} {self.state} {self.node} after {self.seconds:.1f} s for ${self.usd:.4f}"
        return "; ".join(filter(None, (told, self.reason)))


class ApprovalWanted(Event):
    """A run waits for a person to approve what it would cost."""

    kind = "approval.wanted"
    credits: float
    plan_hash: str
    reason: str

    @property
    def text(self) -> str:
        return f"{self.campaign} waits for approval of up to {self.credits:g} credits: {self.reason}"


class RunDecided(Event):
    """Somebody has decided what becomes of a run that waited; `credits` is what it holds from then on."""

    kind = "run.decided"
    decision: Decision
    by: str
    credits: float

    @property
    def text(self) -> str:
        return f"{self.campaign} was {self.decision} by {self.by}, and holds {self.credits:g} credits"


class BudgetReached(Event):
    """So many percent of a budget are spent: of a run's, of the month of a campaign's runs, or of the account's month (its own
    budget, or what its plan includes).
    """

    kind = "budget"
    percent: int
    scope: Literal["run", "month", "campaign"]
    of: str
    spent: float
    limit: float

    @property
    def name(self) -> str:
        return f"pressroom.budget.{self.percent}"

    @property
    def subject(self) -> str:
        return super().subject if self.scope == "run" else f"pressroom.account.{self.account}"

    @property
    def text(self) -> str:
        return f"{self.percent} % of the {self.scope}'s budget reached: {self.spent:g} of {self.limit:g} {self.of}"


class BalanceLow(Event):
    """An account has fewer credits left than its operator wants to be told of."""

    kind = "balance.low"
    available: float
    threshold: float

    @property
    def subject(self) -> str:
        return f"pressroom.account.{self.account}"

    @property
    def text(self) -> str:
        return f"account {self.account} has {self.available:g} credits left, less than {self.threshold:g}"


EVENTS: tuple[type[Event], ...] = (
    RunHeld,
    RunEnded,
    NodeFailed,
    AssetStored,
    OrderEnded,
    ApprovalWanted,
    RunDecided,
    BudgetReached,
    BalanceLow,
)
