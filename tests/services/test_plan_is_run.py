"""What a plan shows is what the run does: the same nodes, keys, actions and prices, whatever the campaign."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.database.engine import Database
from pressroom.ledger.invariants import check_invariants
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Action
from pressroom.runs.nodes import nodes_of
from pressroom.services.run_node import NodeResult
from pressroom.services.settle_run import settle_run
from tests.support.studio import Studio, open_studio

MODELS = ("local/pencil", "simulated/ink", "simulated/oil")


@st.composite
def campaigns(draw: st.DrawFn) -> str:
    """One to three drawing steps with variants, takes and equal twins, and steps that work on some of them."""
    lines = ["name: any", "steps:"]
    for number in range(draw(st.integers(1, 3))):
        model = draw(st.sampled_from(MODELS))
        places = draw(st.lists(st.sampled_from(["sea", "wood", "hill"]), min_size=1, max_size=3))
        files = draw(st.integers(1, 3))
        lines += [
            f"  draw{number}:",
            "    uses: draw",
            f"    model: {model}",
            f"    for_each: {{place: [{', '.join(places)}]}}",
            f"    count: {draw(st.integers(1, 2))}",
            f'    with: {{prompt: "{{{{ each.place }}}}", files: {files}}}',
        ]
        if draw(st.booleans()):
            tint = draw(st.sampled_from(("local/dye", "simulated/brush")))
            image = f'"{{{{ steps.draw{number} }}}}"'
            lines += [f"  tint{number}:", "    uses: tint", f"    model: {tint}", f"    with: {{image: {image}}}"]
    return "\n".join(lines)


def compare(studio: Studio, text: str) -> int:
    """Plan and run; assert that both say the same; how much was captured."""
    plan = studio.plan(text)
    run = studio.begin(plan)
    results = studio.walk(run)
    settled = settle_run(studio.context, run.id)
    with studio.context.database.read() as conn:
        rows = nodes_of(conn, studio.account_id, run.id)
        made = {row.node_id: assets_of_node(conn, studio.account_id, row.key) for row in rows}
        assert check_invariants(conn) == []
    shown = [(node.id, node.step, node.operation, node.key, node.action.value) for node in plan.nodes]
    assert [(row.node_id, row.step, row.operation, row.key, row.action) for row in rows] == shown
    for node, row in zip(plan.nodes, rows, strict=True):
        result = results[node.id]
        assert isinstance(result, NodeResult)
        assert row.state == result.state == ("done" if node.action is Action.CREATE else "reused")
        assert (row.credits_micros, row.usd_micros) == (node.quote.credits_estimate, node.quote.usd_estimate)
        files = [(asset.label, asset.mime, asset.width, asset.height) for asset in made[node.id]]
        assert files == [(label, info.mime, info.width, info.height) for label, info in node.outputs]
    assert settled.held_micros == plan.totals.credits_bound
    assert settled.captured_micros == plan.totals.credits_estimate
    return settled.captured_micros


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=campaigns())
def test_a_run_does_what_its_plan_shows_and_a_second_run_does_nothing(text: str, migrated_file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pressroom.db"
        shutil.copy(migrated_file, file)
        url = f"sqlite:///{file}"
        with Database.open(url) as database:
            studio = open_studio(Path(folder) / "home", database, url)

            compare(studio, text)

            assert compare(studio, text) == 0
