"""The end of a run in the terminal: what was made, what it cost, where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from pressroom.cli.views.lines import LABEL_WIDTH, counted, say, say_path
from pressroom.cli.views.table import Column, lay_out
from pressroom.domain.bucket import SCHEME
from pressroom.domain.money import amount_text, usd_text
from pressroom.domain.operation import Asks
from pressroom.domain.states import NodeState, RunState
from pressroom.reporting.format import bytes_text
from pressroom.runs.questions import question_of

STATES = {
    RunState.COMPLETED: ("done", "bold green"),
    RunState.COMPLETED_WITH_FAILURES: ("finished with failures", "bold yellow"),
    RunState.CANCELLED: ("cancelled", "bold yellow"),
    RunState.FAILED: ("failed", "bold red"),
}
LISTED_ONE_BY_ONE = 12

Delivered = tuple[dict[str, Any], dict[str, Any]]  # a node and one of its assets, as in the run's JSON


def json_of(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What programs get of a run: all but the words for people."""
    return {name: value for name, value in summary.items() if name != "statement"}


def show_rehearsal(console: Console, vendors: Iterable[str]) -> None:
    """That what follows is not real."""
    say(console, "rehearsal", f"play money, simulated vendors ({', '.join(sorted(vendors))}); nothing is bought")


def show_run(console: Console, summary: dict[str, Any]) -> None:
    """State, failures, files, statement."""
    word, style = STATES[summary["state"]]
    made = sum(node["state"] == NodeState.DONE for node in summary["nodes"])
    there = sum(node["state"] == NodeState.REUSED for node in summary["nodes"])
    lost = len(summary["nodes"]) - made - there
    counts = ((made, "made"), (there, "there already"), (lost, "not made"))
    nodes = ", ".join(f"{counted(count, 'node')} {name}" for count, name in counts if count)
    console.print()
    say(console, "run", Text.assemble((word, style), f": {nodes}" if nodes else ""))
    for failure in summary["failures"]:
        if failure["error"]:
            told = "; ".join(filter(None, (failure["error"], failure["consequence"])))
            say(console, failure["state"], f"{failure['name']}: {told}", "red")
    for warning in summary.get("warnings", ()):
        say(console, "note", f"{warning['message']} ({warning['hint']})", "yellow")
    _files(console, summary)
    say(console, "credits", _paid(summary))
    if summary["rehearsal"]:
        say(console, "bill", _bill(summary))
    if locked := summary["locked_usd_micros"]:
        told = ", ".join(f"{name} {usd_text(usd)}" for name, usd in sorted(locked.items()))
        say(console, "locked", f"{told} an order, said by the vendor before anything was bought")
    for problem in summary["problems"] if not summary["delivered"] else ():
        say(console, problem["code"], f"{problem['message']} ({problem['hint']})", "red")
    if summary["report"]:
        say_path(console, "sheet", summary["report_url"] if summary["out"].startswith(SCHEME) else summary["report"])


def show_suspended(console: Console, summary: dict[str, Any]) -> None:
    """What a run waits for, what it has spent and held, and what a person may do."""
    waits = summary["waits_for"]
    console.print()
    say(console, "run", Text.assemble(("waits", "bold yellow"), f": {waits['why']}"))
    missing = f", {amount_text(waits['missing'])} missing" if waits["missing"] else ""
    spent, held = amount_text(waits["spent"]), amount_text(waits["held"])
    say(console, "credits", f"{spent} paid, {held} held{missing}, until {waits['until'][:16]} UTC")
    for lack in waits["lacks"]:
        say(
            console,
            lack["of"],
            f"{amount_text(lack['spent'])} spent, {amount_text(lack['held'])} held, {amount_text(lack['missing'])} missing",
        )
    if summary["changes"]:
        say(console, "changed", summary["changes"]["text"])
    for question in waits["asks"][:LISTED_ONE_BY_ONE]:
        _asked(console, question)
    if more := waits["asks"][LISTED_ONE_BY_ONE:]:
        say(console, "and", counted(len(more), "node") + " more: the run's page shows them")
    say(console, "next", waits["hint"])


def _asked(console: Console, question: Mapping[str, Any]) -> None:
    """What somebody is asked about a node: each take with its asset, its score and what that was taken from."""
    found = question_of(question)
    is_choice = found.asks is Asks.CHOICE
    keeps = f"  {found.keeps} of them" if found.keeps > 1 else ""
    say(console, "choose" if is_choice else "approve", f"{found.node_id}{keeps}")
    for position, take in enumerate(found.takes, 1):
        number = f"take {position}  " if is_choice else ""
        say(console, "", f"{number}asset:{take.asset_id}{f'  {take.why}' if take.why else ''}", "")


def _bill(summary: dict[str, Any]) -> str:
    """What the simulated vendors charged, against what was counted."""
    billed = summary["billed_usd_micros"]
    whole = sum(billed.values())
    each = ", ".join(f"{name} {usd_text(usd)}" for name, usd in sorted(billed.items()))
    counted_here = (
        "as counted here" if whole == summary["usd_micros"] else f"counted here {usd_text(summary['usd_micros'])}"
    )
    return f"{usd_text(whole)}, {counted_here}{f' ({each})' if len(billed) > 1 else ''}; nothing was paid"


def _paid(summary: dict[str, Any]) -> str:
    paid = summary["credits"]
    text = f"{amount_text(paid['captured'])} paid"
    if paid["released"]:
        text += f" of {amount_text(paid['held'])} held, {amount_text(paid['released'])} released"
    return f"{text}, {amount_text(paid['balance'])} left   {usd_text(summary['usd_micros'])}"


def _files(console: Console, summary: dict[str, Any]) -> None:
    found = {
        asset["path"]: (node, asset) for node in summary["nodes"] for asset in node["assets"] if asset["delivered"]
    }
    if not found:
        return
    say_path(console, "files", f"{len(found)} in {summary['out']}")
    rows = list(_each(found) if len(found) <= LISTED_ONE_BY_ONE else _by_placement(found.values()))
    shown = [at for at, column in enumerate(zip(*rows, strict=True)) if any(column)]
    columns = [Column("", right=at > 0) for at in shown]
    indent = Text(" " * (LABEL_WIDTH + 1))
    cells = [[row[at] if at == 0 else Text(row[at], style="dim") for at in shown] for row in rows]
    for line in lay_out(columns, cells, console.width - len(indent)):
        console.print(indent + line, soft_wrap=True)


def _each(found: Mapping[str, Delivered]) -> Iterator[tuple[str, ...]]:
    for path, (_, asset) in sorted(found.items()):
        yield Path(path).name, *_shape(asset), bytes_text(asset["bytes"])


def _by_placement(found: Iterable[Delivered]) -> Iterator[tuple[str, ...]]:
    """A line for every place and shape: how many files are ready for it."""
    groups = Counter((asset["placement"] or node["step"], *_shape(asset)) for node, asset in found)
    for (place, *shape), count in sorted(groups.items()):
        yield place, *shape, counted(count, "file")


def _shape(asset: dict[str, Any]) -> tuple[str, str]:
    """`1080 x 1350` and the seconds of what moves."""
    seconds = asset["duration_seconds"]
    size = f"{asset['width']} x {asset['height']}" if asset["width"] else ""
    return size, f"{seconds:.1f} s" if seconds else ""
