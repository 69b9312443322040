"""The statement is Markdown that says what was held, spent and made, whatever the texts are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.errors import Problem
from pressroom.reporting.model import RunReport
from pressroom.reporting.statement import escape, render_statement, table


def test_it_shows_the_sums_the_steps_the_files_and_the_failures(run: RunReport) -> None:
    text = render_statement(run)

    assert "| 4 | 2.5 | 1.5 | 7.5 | $0.05 |" in text
    assert re.search(r"\| film \| .* \| 2\.5 \| \$0\.04 \| \$0\.05 \| \$0\.05 \|", text)
    assert re.search(r"\| formats \| resize \|  \| 2 \| 2 reuse \| 0 \| \$0\.00 \| – \| \$0\.00 \|", text)
    assert "linen/instagram.feed\\_square.jpg" in text
    assert "**poster** failed: headline does not fit: 90 of 40 characters" in text


def test_the_costs_of_the_steps_sum_to_the_runs_and_say_what_is_assumed(run: RunReport) -> None:
    film = run.nodes[-2]
    silent = replace(film, id="silent", usd_micros=40_000, usd_billed_micros=None)

    text = render_statement(replace(run, nodes=(*run.nodes, silent), usd_micros=90_000))

    assert "| 4 | 2.5 | 1.5 | 7.5 | $0.09 |" in text
    assert "| 5 | $0.08 | $0.05 | $0.09, $0.04 assumed |" in text
    costs = [
        row.split("|")[-2].split()[0].strip("$,") for row in text.splitlines() if " create " in row or " reuse " in row
    ]
    assert sum(map(float, costs)) == pytest.approx(0.09)


def test_notes_stand_apart_from_what_went_wrong(run: RunReport) -> None:
    note = Problem("variety", "2 of 3 pictures look nearly the same", "vary the seed", fatal=False)
    fine = replace(run, nodes=run.nodes[:-1], plan_problems=(), notes=(note,))

    text = render_statement(fine)

    assert "## Worth a look\n\n- 2 of 3 pictures look nearly the same \\(vary the seed\\)\n" in text
    assert "What went wrong" not in text


def test_a_run_without_files_says_so(run: RunReport) -> None:
    assert "No file was delivered." in render_statement(replace(run, nodes=()))


def test_a_pipe_or_a_line_break_does_not_open_a_new_cell() -> None:
    rows = table(("a", "b"), [("x | y\nz", "<b>*bold*</b>")]).splitlines()

    assert rows[2] == r"| x \| y z | \<b\>\*bold\*\</b\> |"


@given(st.text())
def test_every_sign_of_markdown_is_escaped_and_nothing_else_is_lost(text: str) -> None:
    shown = escape(text)

    assert "\n" not in shown
    assert re.sub(r"\\(.)", r"\1", shown) == " ".join(text.split())
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*_<>\[\]]", shown.replace("\\\\", ""))
