"""The command line: parses, calls, prints. Results go to standard output, everything else to standard error.

Exit status: 0 done or allowed, 1 something broke, 2 invalid document or usage, 3 refused, 4 finished with failed nodes,
130 interrupted.
"""

from __future__ import annotations

import gc
import json
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom.domain.errors import Invalid, PressroomError, Problem, Refused
from pressroom.domain.states import RunState
from pressroom.settings import Settings, settings_for

if TYPE_CHECKING:
    from rich.console import Console

    from pressroom.bootstrap import Planned
    from pressroom.services.run_request import RunRequest

DONE, BROKEN, INVALID, REFUSED, FAILED_NODES = 0, 1, 2, 3, 4  # and pressroom.cli.flow_run.INTERRUPTED


def _show_version(wanted: bool) -> None:
    if wanted:
        from pressroom import __version__

        sys.stdout.write(f"pressroom {__version__}\n")
        raise typer.Exit


# What `run --json` has where nothing ran, so that a program reads every answer the same way.
NO_RUN: dict[str, Any] = {
    "run_id": None,
    "flow_run_id": None,
    "nodes": [],
    "credits": {"held": 0, "captured": 0, "released": 0, "balance": None},
    "report": None,
}

app = typer.Typer(
    name="pressroom",
    help="Plan, price and run media campaigns: product photos and prompts in, platform-ready files out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Plan, price and run media campaigns: product photos and prompts in, platform-ready files out."""


File = Annotated[Path, typer.Argument(help="Campaign file (YAML).", show_default=False)]
Inputs = Annotated[
    list[str] | None,
    typer.Option("-i", "--input", metavar="NAME=VALUE", help="Value of an input; repeat for several."),
]
Feed = Annotated[
    list[str] | None,
    typer.Option("--feed", metavar="[NAME=]FILE", help="CSV or JSON rows in place of the campaign's feed."),
]
Refresh = Annotated[
    list[str] | None, typer.Option("--refresh", metavar="STEP", help='Make this step again; "*" means all.')
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
Account = Annotated[str | None, typer.Option("--account", help="Account that pays.")]


@app.command()
def plan(
    file: File,
    inputs: Inputs = None,
    feed: Feed = None,
    refresh: Refresh = None,
    account: Account = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the plan here, to run exactly it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Price a campaign and say whether it may run. Makes no request and writes nothing."""
    with _border(as_json):
        settings = settings_for(file.parent, account=account)
        planned = _planned(settings, _request(file, inputs, feed, refresh))
        _show(planned, as_json)
        if output is not None:
            _write_contract(output, planned, _request(file, inputs, feed, refresh))
        raise typer.Exit(DONE if planned.verdict.allowed else REFUSED)


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="Campaign (YAML), or a plan written by plan -o.", show_default=False)],
    inputs: Inputs = None,
    feed: Feed = None,
    refresh: Refresh = None,
    account: Account = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Put CAMPAIGN/ with the deliverables in this folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Plan a campaign and run it: hold the credits, make what is missing, deliver, settle."""
    with _border(as_json):
        from pressroom.cli.flow_run import prefect_api, run_campaign

        request, settings, contract = _asked(file, inputs, feed, refresh, account)
        if out is not None:
            request = request.model_copy(update={"out": str(out.resolve())})
        _release_dead_runs(settings)
        planned = _planned(settings, request)
        if contract is not None:
            _refuse_drift(contract, planned)
        _show(planned, as_json=False)
        if not planned.verdict.allowed:
            _refuse(planned, as_json)
        api = prefect_api(settings)
        summary = run_campaign(settings, _named(request, planned), api, _console())
        _finish(summary, as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of campaign files, for editors."""
    from pressroom.campaign.schema import schema_text

    sys.stdout.write(schema_text())


@app.command()
def init(
    example: Annotated[str, typer.Argument(help="Which example; `pressroom init list` names them.")] = "product-launch",
    folder: Annotated[
        Path | None, typer.Option("--into", help="Folder to write it to; default: the current one.")
    ] = None,
) -> None:
    """Write an example campaign with its photo and brand kit, ready to run."""
    with _border():
        from pressroom.examples import examples, write_example

        if example == "list":
            for name, summary in examples().items():
                sys.stdout.write(f"{name:16} {summary}\n")
            return
        target = write_example(example, folder or Path.cwd())
        sys.stderr.write(f"wrote {target.parent}\nnow: pressroom run {_shown(target)}\n")


def _shown(path: Path) -> Path:
    """Relative to where the user stands, if that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


# planning


def _request(file: Path, inputs: list[str] | None, feed: list[str] | None, refresh: list[str] | None) -> RunRequest:
    from pressroom.services.run_request import RunRequest

    return RunRequest(
        file=str(file.resolve()),
        inputs=_pairs(inputs or [], "-i"),
        inputs_from=str(Path.cwd()),
        feeds={name: str(Path(path).resolve()) for name, path in _feeds(feed or []).items()},
        refresh=refresh or [],
    )


def _pairs(texts: list[str], option: str) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise Invalid.of(
                [Problem("usage", f"{option} {text!r} is not NAME=VALUE", f"e.g. {option} product=photo.jpg")]
            )
        pairs[name.strip()] = value
    return pairs


def _feeds(texts: list[str]) -> dict[str, str]:
    return {name or "row": path for name, _, path in (text.rpartition("=") for text in texts)}


def _planned(settings: Settings, request: RunRequest) -> Planned:
    from pressroom.bootstrap import make_plan

    return make_plan(settings, request)


def _asked(
    file: Path, inputs: list[str] | None, feed: list[str] | None, refresh: list[str] | None, account: str | None
) -> tuple[RunRequest, Settings, Any]:
    """The request of a campaign file, or the one that a plan file was made for, with that plan's contract."""
    if file.suffix != ".json":
        return _request(file, inputs, feed, refresh), settings_for(file.parent, account=account), None
    from pressroom.planning.plan_file import read_contract
    from pressroom.services.run_request import RunRequest

    if inputs or feed or refresh:
        raise Invalid.of([Problem("usage", "a plan file holds its own inputs", "make a new plan to change them")])
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise Invalid.of([Problem("plan_file", f"cannot be read: {exc}", file=str(file))]) from exc
    contract = read_contract(data, str(file))
    settings = settings_for(Path(contract.file).parent, account=account or contract.account)
    request = RunRequest(
        file=contract.file,
        inputs=contract.inputs,
        feeds=contract.feeds,
        refresh=contract.refresh,
        label=contract.campaign,
    )
    return request, settings, contract


def _release_dead_runs(settings: Settings) -> None:
    """Give back what a killed run still holds, so that running it again is not refused for want of those credits."""
    if settings.database_url.get_secret_value() or settings.sqlite_path.is_file():
        from pressroom.bootstrap import open_context
        from pressroom.services.recover_runs import release_abandoned

        release_abandoned(open_context(settings))


def _refuse_drift(contract: Any, planned: Planned) -> None:
    from pressroom.planning.plan_file import drift_of

    drift = drift_of(contract, planned.plan, planned.account)
    if drift:
        raise Refused("the plan no longer holds", problems=tuple(drift))


def _write_contract(output: Path, planned: Planned, request: RunRequest) -> None:
    from pressroom.planning.inputs import located_inputs
    from pressroom.planning.plan_file import contract_json

    contract = contract_json(
        planned.plan,
        planned.verdict,
        planned.account,
        inputs=located_inputs(planned.loaded.campaign, request.inputs, Path(request.inputs_from)),
        feeds=request.feeds,
        refresh=frozenset(request.refresh),
    )
    output.write_text(json.dumps(contract, indent=1) + "\n", encoding="utf-8")


def _named(request: RunRequest, planned: Planned) -> RunRequest:
    """The request pinned to the plan that was just shown, under a run id that progress can follow."""
    from pressroom.services.start_run import new_run_id

    return request.model_copy(update={"plan_hash": planned.plan.hash, "run_id": new_run_id()})


# printing


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _show(planned: Planned, as_json: bool) -> None:
    if as_json:
        from pressroom.planning.plan_file import plan_json

        _print_json(plan_json(planned.plan, planned.verdict))
        return
    from pressroom.cli.views.plan_view import show_plan
    from pressroom.planning.explain import alternatives_of, changes_of

    show_plan(
        _console(),
        planned.plan,
        planned.verdict,
        planned.account,
        alternatives=alternatives_of(planned.plan, planned.chooser),
        changes=changes_of(planned.plan, planned.last),
    )


def _refuse(planned: Planned, as_json: bool) -> None:
    if as_json:
        problems = [problem.as_dict() for problem in planned.verdict.problems]
        _print_json({**NO_RUN, "state": RunState.REFUSED, "problems": problems})
    raise typer.Exit(REFUSED)


def _finish(summary: dict[str, Any], as_json: bool) -> None:
    from pressroom.cli.views.run_view import show_run

    show_run(_console(), summary)
    if as_json:
        _print_json({name: value for name, value in summary.items() if name != "statement"})
    raise typer.Exit(DONE if summary["state"] == RunState.COMPLETED else FAILED_NODES)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def _border(as_json: bool = False) -> Iterator[None]:
    """Where errors become words and exit codes."""
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except BaseException as exc:
        if _interrupted(exc):
            from pressroom.cli.flow_run import leave_interrupted

            leave_interrupted()
        if not isinstance(exc, Exception):
            raise
        told = exc if isinstance(exc, PressroomError) else _unexpected(exc)
        _tell(told, as_json)
        code = INVALID if isinstance(told, Invalid) else REFUSED if isinstance(told, Refused) else BROKEN
        raise typer.Exit(code) from exc


def _unexpected(exc: Exception) -> PressroomError:
    """A defect, or a machine in trouble: its traceback is for those who ask for it."""
    if _debugging():
        traceback.print_exception(exc)
    where = traceback.extract_tb(exc.__traceback__)[-1]
    message = f"{type(exc).__name__}: {exc} ({Path(where.filename).name}:{where.lineno})"
    return PressroomError(message, hint="`pressroom doctor` checks this machine; PRESSROOM_DEBUG=1 shows the traceback")


def _debugging() -> bool:
    try:
        return settings_for().debug
    except PressroomError:
        return False


def _interrupted(exc: BaseException | None) -> bool:
    """Whether a Ctrl-C or a termination is behind it: libraries wrap them in errors of their own."""
    while exc is not None:
        if (
            isinstance(exc, KeyboardInterrupt)
            or type(exc).__name__ == "TerminationSignal"
            or "KeyboardInterrupt" in str(exc)
        ):
            return True
        exc = exc.__cause__ or exc.__context__
    return False


def _tell(exc: PressroomError, as_json: bool) -> None:
    from pressroom.cli.views.plan_view import show_problems

    problems = exc.fields.get("problems") or [Problem(type(exc).__name__.lower(), exc.message, exc.hint)]
    show_problems(_console(), problems)
    if as_json:
        state = (
            "invalid" if isinstance(exc, Invalid) else RunState.REFUSED if isinstance(exc, Refused) else RunState.FAILED
        )
        # The keys of a plan that came about are there as well, so that a program needs no second way to read this.
        empty: dict[str, Any] = {"plan_hash": None, "totals": {}, **NO_RUN}
        listed = [problem.as_dict() for problem in problems]
        _print_json({**empty, "allowed": False, "state": state, "problems": listed})


def main() -> None:
    # A command is short and what it makes mostly stays: collecting garbage on the way takes a fifth of its time.
    gc.disable()
    from pressroom.cli import commands

    commands.register(app)
    app()


if __name__ == "__main__":
    main()
