"""A campaign that is built in Python: operations are called in a `with` block, then planned, gated and run as one.

The same models, plan, library and ledger as those of a YAML file: equal campaigns have equal keys, whoever wrote them.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import BaseModel

from pressroom.campaign.document import Document, Place, Positions
from pressroom.campaign.models import BrandSpec, Budget, Policy
from pressroom.domain.errors import Invalid
from pressroom.project import put_on_path
from pressroom.services.run_request import RunRequest

if TYPE_CHECKING:
    from pressroom.services.plan_campaign import Planned
    from tasks.context import HomeRef

_BUILDING: Final[ContextVar[CampaignRun]] = ContextVar("_BUILDING")


class StepHandle:
    """Stands for what a step will make: give it to the operations that need it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"{{{{ steps['{self.name}'] }}}}"

    def __repr__(self) -> str:
        return f"StepHandle({self.name!r})"


Media = StepHandle | str | os.PathLike[str]  # a step, a path, `asset:ID` or an https URL


def each(path: str) -> Any:
    """The value of a dimension that a step opens or inherits: `each("place")`, `each("row.title")`."""
    return f"{{{{ each.{path} }}}}"


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """A run that has ended. `summary` is what `pressroom run --json` prints."""

    summary: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        return str(self.summary["run_id"])

    @property
    def state(self) -> str:
        """One of `RunState`."""
        return str(self.summary["state"])

    @property
    def failures(self) -> Sequence[Mapping[str, Any]]:
        """What was not made, and why."""
        return list(self.summary["failures"])

    def assets(self, step: StepHandle) -> list[Mapping[str, Any]]:
        """The files of a step, of all its variants."""
        return [asset for node in self.summary["nodes"] if node["step"] == step.name for asset in node["assets"]]

    def files(self, step: StepHandle) -> list[Path]:
        """Where they lie: delivered ones in their folder, others in the store where that is a folder."""
        return [Path(asset["path"]) for asset in self.assets(step) if asset["path"]]


class CampaignRun:
    """Collects steps while its block is open; `plan` prices them, `run` makes them. `campaign_run` opens one."""

    def __init__(self, values: Mapping[str, Any], request: RunRequest, place: Place) -> None:
        self._values = values
        self._request = request
        self._steps: dict[str, dict[str, Any]] = {}
        self._places: dict[tuple[str | int, ...], Place] = {(): place}
        self._token: Token[CampaignRun] | None = None

    def __enter__(self) -> Self:
        self._token = _BUILDING.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._token is not None
        _BUILDING.reset(self._token)

    def add(self, operation: str, given: Mapping[str, Any], options: Mapping[str, Any]) -> StepHandle:
        """A step more. Raises Invalid for a name that another step has."""
        step = dict(options)
        name = step.pop("name", "") or self._unused(operation)
        if name in self._steps:
            raise Invalid(f"there is a step {name!r} already", hint="give this one another name")
        self._steps[name] = {"uses": operation, "with": plain(given), **plain(step)}
        line = _line_in(self._request.file, sys._getframe(1))
        if line is not None:
            self._places["steps", name] = (line, 1)
        return StepHandle(name)

    def _unused(self, operation: str) -> str:
        number, name = 1, operation
        while name in self._steps:
            number += 1
            name = f"{operation}_{number}"
        return name

    def plan(self) -> Planned:
        """Every node with its price, and whether it may run. Requests, buys and writes nothing.

        Raises Invalid with all that is wrong with the campaign, each with the line that it was built in.
        """
        from pressroom.bootstrap import open_planning
        from pressroom.services.plan_campaign import plan_campaign

        home = self._home()
        settings = home.settings()
        built = Document({**self._values, "steps": self._steps}, Positions(values=self._places))
        principal = self._request.principal(settings.account)
        return plan_campaign(principal, open_planning(settings, home.vendor_keys()), self._request, built)

    def run(self) -> CampaignResult:
        """Make what is planned, as a flow run of Prefect's: of its own, or one in that of the flow that calls this.

        Raises Refused with every reason before anything is held or bought.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.arun())
        raise Invalid("run() would stop the event loop that it is called in", hint="await arun() instead")

    async def arun(self) -> CampaignResult:
        """The same in an async flow."""
        from pressroom.services.fetch_inputs import planned_with_inputs
        from pressroom.services.launch_run import let_go
        from pressroom.services.run_lease import alive
        from pressroom.services.start_run import new_run_id, start_run

        home = self._home()
        from flows.campaign import campaign  # on the path by now
        from tasks.engine import summary_in

        context = home.open()
        principal = self._request.principal(context.settings.account)
        planned = planned_with_inputs(principal, home.open, self.plan)
        run = start_run(principal, context, planned, run_id=new_run_id())
        with alive(context, run):
            try:
                state: Any = await campaign(self._request.model_copy(update={"run_id": run.id}), return_state=True)
                return CampaignResult(await summary_in(state))
            except BaseException as exc:
                let_go(context, run, exc)
                raise

    def _home(self) -> HomeRef:
        put_on_path()
        from tasks.context import HomeRef

        return HomeRef(folder=str(self._request.folder), home=self._request.home, block=self._request.home_block)


def campaign_run(
    name: str,
    *,
    budget: Budget | float | None = None,
    policy: Policy | None = None,
    brand: BrandSpec | str | None = None,
    title: str = "",
    description: str = "",
    folder: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] = "",
    account: str = "",
    home: str | os.PathLike[str] = "",
    home_block: str = "",
) -> CampaignRun:
    """A campaign to build: `with campaign_run("autumn", budget=20) as autumn:`.

    `budget` are credits, or a `Budget`. Relative paths, settings and `out/` are those of `folder`, by default of the folder of
    the file that calls this. `account`, `home` and `home_block` are as for a run of a YAML file.
    """
    caller = sys._getframe(1)
    written = caller.f_code.co_filename
    if folder is None:
        folder = Path(written).parent if Path(written).is_file() else Path.cwd()
    request = RunRequest(
        file=os.path.realpath(Path(folder) / Path(written).name),
        label=name,
        out=os.path.realpath(out) if out else "",
        account=account,
        home=os.fspath(home),
        home_block=home_block,
    )
    limits = Budget(credits=budget) if isinstance(budget, int | float) else budget
    given = {"title": title, "description": description, "budget": limits, "policy": policy, "brand": brand}
    values = {"name": name, **{key: plain(value) for key, value in given.items() if value not in (None, "")}}
    return CampaignRun(values, request, (caller.f_lineno, 1))


def building() -> CampaignRun:
    """The campaign whose block is open here. Raises Invalid outside of one."""
    try:
        return _BUILDING.get()
    except LookupError:
        hint = 'call it inside of `with campaign_run("NAME") as campaign:`; it is priced and bought with the rest'
        raise Invalid("this operation belongs to no campaign", hint=hint) from None


def plain(value: Any) -> Any:
    """The value as YAML would hold it; what is already plain stays as it is."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, StepHandle):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def _line_in(file: str, frame: FrameType | None) -> int | None:
    """The line of this file that is being run, however deep below it the frame is."""
    while frame is not None:
        if os.path.realpath(frame.f_code.co_filename) == file:
            return frame.f_lineno
        frame = frame.f_back
    return None
