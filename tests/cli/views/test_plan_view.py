"""The plan in the terminal: of many cheaper ways the three that save most."""

from __future__ import annotations

import io

from rich.console import Console

from pressroom.cli.views.plan_view import show_plan
from pressroom.planning.explain import Saving
from pressroom.planning.plan import Verdict
from tests.support.planning import account, plan_of


def test_of_many_cheaper_ways_the_first_are_shown_and_the_others_counted() -> None:
    savings = [Saving(name, "local/vector", "fal/flux-schnell", 1_000_000) for name in "abcde"]
    shown = io.StringIO()

    plan = plan_of("steps: {a: {uses: generate_image, with: {prompt: a sea}}}")
    show_plan(Console(file=shown, width=200), plan, Verdict(True, ()), account(), savings=savings)

    told = [line.strip() for line in shown.getvalue().splitlines()][-4:]
    assert told[0] == "cheaper  a: local/vector instead of fal/flux-schnell saves 1 credit"
    assert [line[9] for line in told[1:3]] == ["b", "c"]
    assert told[3] == "and 2 more"
