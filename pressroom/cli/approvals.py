"""`pressroom approve`, `reject` and `resume`: runs that wait for a person."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom.cli.console import border, note, print_json, stderr_console
from pressroom.cli.options import Account, Json, inhabited
from pressroom.domain.states import ENDED_RUNS, Decision, Runner
from pressroom.runs.questions import takes_in

if TYPE_CHECKING:
    from pressroom.domain.identity import Principal
    from pressroom.runs.records import RunRecord
    from pressroom.services.context import Context
    from pressroom.services.suspend_run import Suspension
    from pressroom.settings import Settings

DOOR = "the command line"

Run = Annotated[str, typer.Argument(help="Id of the run, as `pressroom runs` shows it.", show_default=False)]
Cap = Annotated[
    float | None,
    typer.Option("--cap", min=0, help="The most credits that the run may cost in all.", show_default=False),
]


def approve(
    run: Run,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="STEP|NODE", help="Do not make it, nor what needs it.")
    ] = None,
    choose: Annotated[
        list[str] | None,
        typer.Option("--choose", metavar="STEP|NODE=TAKE,…", help="The take that it is to be, or those, from 1."),
    ] = None,
    cap: Cap = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Approve a run that waits for it, all of it or without some steps, and choose among takes; what it holds changes at once."""
    with border(as_json):
        principal, context = _acting(account)
        found = _decided(principal, context, run, Decision.APPROVED, cap, drop or (), takes_in(choose or ()))
        _tell(found, "approved", as_json)


def reject(run: Run, account: Account = None, as_json: Json = False) -> None:
    """Reject a run that waits: it is cancelled, and what it held is given back."""
    with border(as_json):
        principal, context = _acting(account)
        _decided(principal, context, run, Decision.REJECTED, None, ())
        note(f"run {run} is rejected; what it held has been given back\n")
        if as_json:
            print_json({"run_id": run, "decision": Decision.REJECTED})


def resume(
    run: Run,
    cap: Cap = None,
    usd: Annotated[
        float | None,
        typer.Option("--usd", min=0, help="The most US dollars that its orders may cost in all.", show_default=False),
    ] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that has waited, has failed or was cancelled: nothing is bought twice.

    A run of a deployment is taken up by its workers, any other runs here.
    """
    from pressroom.cli.flow_run import go_through, prefect_api
    from pressroom.cli.run import finish
    from pressroom.domain.errors import Invalid
    from pressroom.services.run_request import RunRequest
    from pressroom.services.show_run import show_run
    from pressroom.services.suspend_run import waits_for_a_word
    from pressroom.services.take_up_run import take_up

    with border(as_json):
        settings = inhabited(account)
        principal, context = _acting(account)
        if cap is not None or usd is not None or waits_for_a_word(principal, context, run):
            _decided(principal, context, run, Decision.RESUMED, cap, (), usd=usd)
        record = show_run(principal, context, run).line.run
        if record.runner != Runner.CALLER:
            _left_to_its_runner(settings, record)
            return
        found = take_up(principal, context, run)
        if found is None:
            raise Invalid(f"there is no run {run!r}", hint="pressroom runs")
        request = RunRequest(
            file=found.plan.file,
            account=principal.account,
            home=str(settings.home),
            label=found.plan.campaign,
            run_id=found.id,
        )
        api = None if found.suspended else prefect_api(settings)
        finish(go_through(settings, context, request, found, api, stderr_console()), as_json)


def _left_to_its_runner(settings: Settings, record: RunRecord) -> None:
    """Whoever works on the run looks for those that may go on; what has ended there has to be begun once more."""
    from pressroom.cli.flow_run import configured_prefect
    from pressroom.domain.errors import Refused
    from pressroom.prefect_server.api import PrefectServer
    from pressroom.prefect_server.flow_runs import retry

    if record.state not in ENDED_RUNS:
        note(f"run {record.id}: it is taken up within a minute where it runs\n")
        return
    if record.runner != Runner.DEPLOYMENT:
        raise Refused(f"run {record.id} was made by a server and is {record.state}", hint="start it there once more")
    retry(PrefectServer(*configured_prefect(settings)), record.flow_run_id)
    note(f"run {record.id}: a worker makes what is missing of it\n")


def _acting(account: str | None) -> tuple[Principal, Context]:
    """The account, and who decides for it: whoever is logged in on this machine. What has waited for too long has ended."""
    from pressroom.domain.identity import Principal
    from pressroom.prefect_server.events import open_watched
    from pressroom.services.recover_runs import give_up

    settings, user = inhabited(account), ""
    with suppress(OSError, KeyError, ImportError):
        user = getpass.getuser()
    context = open_watched(settings)
    give_up(context)
    return Principal(settings.account, user), context


def _decided(
    principal: Principal,
    context: Context,
    run: str,
    decision: Decision,
    cap: float | None,
    drop: Sequence[str],
    chosen: Mapping[str, Sequence[int]] = MappingProxyType({}),
    usd: float | None = None,
) -> Suspension | None:
    from pressroom.domain.money import micros
    from pressroom.services.suspend_run import Verdict, decide

    cap_micros, usd_micros = (None if given is None else micros(given) for given in (cap, usd))
    verdict = Verdict(decision, DOOR, cap_micros, tuple(drop), chosen=chosen, usd_micros=usd_micros)
    return decide(principal, context, run, verdict)


def _tell(found: Suspension | None, word: str, as_json: bool) -> None:
    assert found is not None, "only a rejection leaves nothing"
    from pressroom.domain.money import in_credits

    held = in_credits(found.held_micros)
    note(f"run {found.run_id} is {word}; it holds {held}. Go on: pressroom resume {found.run_id}\n")
    if as_json:
        print_json({"run_id": found.run_id, "decision": Decision.APPROVED, "waits_for": found.as_dict()})
