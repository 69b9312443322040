"""The statement of a run as Markdown, for terminals and Prefect artifacts: sums, cost per step, files, failures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pressroom.domain.money import credits_text, usd_text
from pressroom.reporting.format import cost_text, count_text, dollars_text, seconds_text, words_of
from pressroom.reporting.model import RunReport
from pressroom.reporting.sheet import facts_of
from pressroom.reporting.steps import COST, steps_of

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~<>&])")
_MOST_FILES = 200  # Prefect shows artifacts whole; the contact sheet has every file


def render_statement(report: RunReport) -> str:
    """Markdown in which every text of a user is escaped."""
    took = f" in {seconds_text(report.seconds)}" if report.made else ", nothing made anew"
    parts = [
        f"# {escape(report.title or report.campaign)}",
        f"{escape(words_of(report.state))}{took} · run {escape(report.run_id)}",
        _sums(report),
        _steps(report),
        _failures(report),
        _notes(report),
        _files(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: object) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: frozenset[int] = frozenset()) -> str:
    """A Markdown table; `numbers` are the columns that align right."""
    rule = ["---:" if index in numbers else "---" for index in range(len(head))]
    lines = [head, rule, *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sums(report: RunReport) -> str:
    amounts = (report.held_micros, report.captured_micros, report.released_micros, report.balance_micros)
    row = [*(credits_text(amount) for amount in amounts), usd_text(report.usd_micros)]
    head = ("Held", "Captured", "Released", "Balance", COST)
    return table(head, [row], numbers=frozenset(range(len(head))))


def _steps(report: RunReport) -> str:
    rows = [
        (
            step.step,
            step.operation,
            ", ".join(step.models),
            len(step.nodes),
            step.actions,
            credits_text(step.credits_micros),
            dollars_text(step.usd_quoted_micros),
            dollars_text(step.usd_billed_micros),
            cost_text(step.usd_micros, step.usd_assumed_micros),
        )
        for step in steps_of(report)
    ]
    head = ("Step", "Operation", "Made by", "Nodes", "Action", "Credits", "USD quoted", "USD billed", COST)
    return table(head, rows, numbers=frozenset({3, 5, 6, 7, 8})) if rows else ""


def _failures(report: RunReport) -> str:
    lines = [f"- {escape(problem)}" for problem in report.problems]
    lines += [
        f"- **{escape(failure.name)}** {escape(failure.state)}: "
        f"{escape('; '.join(filter(None, (failure.error, failure.consequence))))}"
        for failure in report.failures
    ]
    return "## What went wrong\n\n" + "\n".join(lines) if lines else ""


def _notes(report: RunReport) -> str:
    return "## Worth a look\n\n" + "\n".join(f"- {escape(note)}" for note in report.notes) if report.notes else ""


def _files(report: RunReport) -> str:
    delivered = [(node, asset) for node in report.nodes for asset in node.assets if asset.delivered]
    rows = [
        (asset.href or asset.id, asset.placement or "–", node.variant_name or "–", ", ".join(facts_of(asset)))
        for node, asset in delivered[:_MOST_FILES]
    ]
    if not rows:
        return "No file was delivered."
    more = len(delivered) - len(rows)
    rest = f"\n\nand {count_text(more, 'more file')}" if more else ""
    return f"## Files\n\n{table(('File', 'Placement', 'Variant', 'Facts'), rows)}{rest}"
