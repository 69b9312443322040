"""What Prefect's pages show of a run that has ended, as Markdown: what was not made and what to do, and where each file is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pressroom.domain.few import few_of
from pressroom.domain.money import amount_text, in_credits, usd_text
from pressroom.reporting.format import count_text
from pressroom.reporting.statement import escape
from pressroom.runs.approvals import Approval

MOST_FILES: Final = 500  # Prefect shows artifacts whole


def failures_markdown(summary: Mapping[str, Any]) -> str:
    """Every failure with what it kept from being made, then what to do; empty where nothing went wrong."""
    failures, problems = summary["failures"], summary["problems"]
    if not failures and not problems:
        return ""
    lines = [_line(each["name"], each["state"], each["error"], each["consequence"]) for each in failures]
    lines += [_line(each["step"] or each["code"], "", each["message"], each["hint"]) for each in problems]
    paid = f"{amount_text(summary['credits']['captured'])} credits"
    advice = (
        f"- Mend what is named above and run it again: what was made (for {paid}) is taken from the library, the rest is made.",
        f"- `pressroom jobs list --account {summary['account']}` shows what is still open at vendors and what nobody knows of.",
        f"- `pressroom runs deliver {summary['run_id']}` puts what was made into its folder once more.",
    )
    return "\n".join([*lines, "", "**What to do**", "", *advice])


def all_well_markdown(summary: Mapping[str, Any]) -> str:
    """What stands in the place of an earlier run's failures."""
    return f"Nothing is wrong: run `{summary['run_id']}` has made and delivered what it was to make."


def decided_markdown(run_id: str, made: Sequence[Approval]) -> str:
    """Who has decided what about a run that waited, a line each."""
    lines = [f"Run `{run_id}` no longer waits.", ""]
    for each in made:
        price = f", for {in_credits(each.credits_micros)}" if each.credits_micros else ""
        price += f" and {usd_text(each.usd_micros)} at vendors" if each.usd_micros else ""
        taken = "".join(f"; {name} is take {take}" for name, take in each.chosen.items())
        without = f"; without {few_of(each.dropped)}" if each.dropped else ""
        who = f"by {escape(each.decided_by)} from {each.decided_from}" if each.decided_by else "by nobody"
        said = escape(f"{taken}{without}")
        lines.append(f"- **{each.decision}** {who}, {each.decided_at:%Y-%m-%d %H:%M} UTC{price}{said}")
    return "\n".join(lines)


def _line(name: str, state: str, *why: str) -> str:
    """One thing that went wrong. No table: Prefect's pages cut off what is wide."""
    return f"- **{escape(name)}** {escape(state)}: {escape('; '.join(filter(None, why)))}".replace("** :", "**:")


def files_markdown(summary: Mapping[str, Any], links: Mapping[str, str]) -> str:
    """A row for each file, delivered ones first; `links` are addresses by asset id. Empty where there are no files."""
    found = [(node, asset) for node in summary["nodes"] for asset in node["assets"]]
    found.sort(key=lambda pair: not pair[1]["delivered"])
    lines = ["| node | file | size | placement | made by | credits |", "| --- | --- | --- | --- | --- | ---: |"]
    for node, asset in found[:MOST_FILES]:
        size = f"{asset['width']} × {asset['height']}" if asset["width"] and asset["height"] else asset["mime"]
        maker, credits = f"{node['provider']}/{node['model']}", f"{amount_text(node['credits'])}"
        cells = [
            escape(node["id"]),
            _linked(asset["id"], links),
            *map(escape, (size, asset["placement"] or "", maker, credits)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if len(found) > MOST_FILES:
        lines += ["", f"and {count_text(len(found) - MOST_FILES, 'file')} more: the contact sheet has all of them"]
    return "\n".join(lines) if found else ""


def _linked(asset_id: str, links: Mapping[str, str]) -> str:
    name = f"asset:{asset_id}"
    return f"[{name}]({links[asset_id]})" if asset_id in links else f"`{name}`"
