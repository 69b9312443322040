"""Live progress of a run: a line a step, read from the run's own records, so it is true whoever does the work."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pressroom.cli.views.lines import counted
from pressroom.domain.errors import NOT_MADE
from pressroom.domain.money import in_credits
from pressroom.domain.states import NodeState

REFRESH_SECONDS = 0.25
STATE_STYLES = {
    NodeState.DONE: "green",
    NodeState.REUSED: "dim",
    NodeState.FAILED: "bold red",
    NodeState.CANCELLED: "yellow",
    NodeState.BLOCKED: "red",
}
UNUSUAL_STYLES = {state: style for state, style in STATE_STYLES.items() if state != NodeState.DONE}
RUNNING_SHOWN = 4


@dataclass(frozen=True, slots=True)
class NodeView:
    """What the display needs of a node."""

    id: str
    step: str
    state: str
    credits_micros: int = 0
    error: str = ""


@dataclass
class Board:
    """The steps of a run as they stand."""

    steps: dict[str, list[NodeView]] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[NodeView]) -> Board:
        board = cls()
        for node in nodes:
            board.steps.setdefault(node.step, []).append(node)
        return board

    def render(self, message: str = "") -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_column(no_wrap=True, justify="right")
        for step, nodes in self.steps.items():
            table.add_row(*_line(step, nodes))
        parts: list[RenderableType] = [table]
        if message:
            parts.append(Spinner("dots", Text(message, style="dim")))
        return Group(*parts)


def _line(step: str, nodes: Sequence[NodeView]) -> tuple[RenderableType, ...]:
    ended = [node for node in nodes if node.state in STATE_STYLES]
    running = [node for node in nodes if node.state == NodeState.RUNNING]
    failed = [node for node in nodes if node.state == NodeState.FAILED]
    spent = sum(node.credits_micros for node in nodes)
    mark: RenderableType = Text("·", style="dim")
    if running:
        mark = Spinner("dots", style="cyan")
    elif failed and len(ended) == len(nodes):
        mark = Text("✗", style="bold red")
    elif len(ended) == len(nodes):
        mark = Text("✓", style="green")
    return mark, Text(step, style="bold"), Text(f"{len(ended)}/{len(nodes)}"), _states(nodes, running), _cost(spent)


def _states(nodes: Sequence[NodeView], running: Sequence[NodeView]) -> Text:
    """What is not simply done, and the variants at work."""
    counts = Counter(node.state for node in nodes)
    parts = [Text(f"{counts[state]} {state}", style) for state, style in UNUSUAL_STYLES.items() if counts[state]]
    names = [name for node in running[:RUNNING_SHOWN] if (name := _variant(node))]
    if names:
        parts.append(Text(", ".join(names) + (", …" if len(running) > len(names) else ""), "cyan"))
    return Text("  ").join(parts)


def _variant(node: NodeView) -> str:
    """`scene[look=forest,shape=wide]` -> `forest wide`."""
    pairs = node.id.removeprefix(node.step).strip("[]")
    return " ".join(pair.partition("=")[2] for pair in pairs.split(",")) if pairs else ""


def _cost(spent: int) -> Text:
    return Text(in_credits(spent) if spent else "", style="dim")


@contextmanager
def live_progress(
    console: Console, read: Callable[[], Sequence[NodeView]], message: str
) -> Iterator[Callable[[str], None]]:
    """Show the board while the block runs; yields a function that changes the message.

    Without a terminal only each node's end is printed, one line each.
    """
    display = _Display(console, read, message)
    thread = threading.Thread(target=display.loop, name="progress", daemon=True)
    thread.start()
    try:
        yield display.say
    finally:
        display.stop.set()
        thread.join()


class _Display:
    def __init__(self, console: Console, read: Callable[[], Sequence[NodeView]], message: str) -> None:
        self._console = console
        self._read = read
        self._message = message
        self._seen: set[str] = set()
        self.stop = threading.Event()

    def say(self, message: str) -> None:
        self._message = message

    def loop(self) -> None:
        if not self._console.is_terminal:
            while not self.stop.wait(REFRESH_SECONDS * 4):
                self._print_ended()
            self._print_ended()
            return
        with Live(console=self._console, refresh_per_second=8, transient=False) as live:
            while not self.stop.wait(REFRESH_SECONDS):
                live.update(Board.of(self._read()).render(self._message))
            live.update(Board.of(self._read()).render())

    def _print_ended(self) -> None:
        ended = [node for node in self._read() if node.state in STATE_STYLES and node.id not in self._seen]
        self._seen |= {node.id for node in ended}
        for node in ended:
            if node.error != NOT_MADE:
                self._print(f"{node.id} {node.state}" + (f": {node.error}" if node.error else ""))
        # A failure is one line, and so is all that it keeps from being made.
        lost = [node for node in ended if node.error == NOT_MADE]
        if lost:
            steps = ", ".join(dict.fromkeys(node.step for node in lost))
            self._print(f"{counted(len(lost), 'node')} of {steps} {NOT_MADE}")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
