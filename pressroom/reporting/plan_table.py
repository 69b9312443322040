"""The plan as Markdown, for Prefect's artifacts and for files."""

from __future__ import annotations

from pressroom.planning.explain import amounts_text, credits_phrase, dollars_text, rows_of, seconds_text
from pressroom.planning.plan import Plan


def plan_markdown(plan: Plan) -> str:
    """A table of the plan by step, its totals, and every problem."""
    lines = [
        "| step | operation | model | nodes | action | credits | USD | time |",
        "| --- | --- | --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for row in rows_of(plan):
        cells = (
            row.step,
            row.operation,
            row.model,
            str(row.nodes),
            row.action_text,
            amounts_text(row.credits, row.credits_bound),
            dollars_text(row.usd),
            seconds_text(row.seconds),
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    totals = plan.totals
    price = credits_phrase(totals.credits_estimate, totals.credits_bound)
    lines += ["", f"**{totals.nodes} nodes, {price}, {dollars_text(totals.usd_estimate)}**"]
    if plan.problems:
        lines += ["", *(f"- {_cell(str(problem))}" for problem in plan.problems)]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
