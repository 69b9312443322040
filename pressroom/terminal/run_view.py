"""The end of a run in the terminal: what was made, what it cost, where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from pressroom.money import usd_text

STATES = {
    "completed": ("done", "bold green"),
    "completed_with_failures": ("finished with failures", "bold yellow"),
    "cancelled": ("cancelled", "bold yellow"),
    "failed": ("failed", "bold red"),
}
FILES_SHOWN = 40


def show_run(console: Console, summary: dict[str, Any]) -> None:
    """State, failures, files, statement."""
    word, style = STATES[summary["state"]]
    made = sum(node["state"] == "done" for node in summary["nodes"])
    there = sum(node["state"] == "reused" for node in summary["nodes"])
    console.print(Text.assemble((word, style), f"   {made} nodes made, {there} were there"), soft_wrap=True)
    for node in summary["nodes"]:
        if node["error"]:
            console.print(
                Text.assemble((f"{node['state']:9}", "red"), f"{node['id']}: {node['error']}"), soft_wrap=True
            )
    _files(console, summary)
    paid = summary["credits"]
    console.print(
        Text.assemble(
            ("credits  ", "bold"),
            f"{paid['captured']} paid of {paid['held']} held, {paid['released']} released, {paid['balance']} left   ",
            f"{usd_text(summary['usd_micros'])}",
        )
    )
    console.print(Text.assemble(("sheet    ", "bold"), summary["report"]), soft_wrap=True)


def _files(console: Console, summary: dict[str, Any]) -> None:
    paths = [asset["path"] for node in summary["nodes"] for asset in node["assets"] if asset["path"]]
    if not paths:
        return
    console.print(Text.assemble(("files    ", "bold"), f"{len(set(paths))} in {summary['out']}"), soft_wrap=True)
    for path in sorted(set(paths))[:FILES_SHOWN]:
        console.print(Text(f"         {Path(path).name}"), soft_wrap=True)
    if len(set(paths)) > FILES_SHOWN:
        console.print(f"         … and {len(set(paths)) - FILES_SHOWN} more")
