"""One node: made, reused or refused; checked before it counts; filed with its lineage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pressroom.database.engine import Database
from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Corrupt, Permanent, PressroomError, Refused, UpstreamFailed
from pressroom.domain.media import Made
from pressroom.domain.operation import Workspace
from pressroom.library.assets import assets_of_node, get_asset, input_id
from pressroom.runs.nodes import finish_node, node_of
from pressroom.services.run_node import NodeResult, fail_nodes, run_node, run_nodes
from pressroom.services.settle_run import settle_run
from pressroom.services.take_up_run import read_run
from tests.support.studio import OPERATIONS, Studio, TintParams, open_studio

FREE = """
name: free
steps:
  scene: {uses: draw, with: {prompt: sea}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""
TWINS = """
name: twins
steps:
  scene: {uses: draw, for_each: {row: [a, b]}, with: {prompt: the same}}
"""

SEVERAL = """
name: several
steps:
  fine: {uses: draw, for_each: {n: [1, 2, 3, 4]}, with: {prompt: "{{ each.n }}"}}
  wrong: {uses: draw, with: {fault: size}}
"""


def state_of(studio: Studio, run_id: str, node_id: str) -> str:
    with studio.context.database.read() as conn:
        return node_of(conn, studio.account_id, run_id, node_id).state


def drawn(**params: object) -> str:
    values = ", ".join(f"{name}: {value}" for name, value in params.items())
    return f"name: faulty\nsteps:\n  scene: {{uses: draw, with: {{{values}}}}}\n"


def filed(studio: Studio, key: str) -> int:
    with studio.context.database.read() as conn:
        return len(assets_of_node(conn, studio.account_id, key))


def objects(studio: Studio) -> list[Path]:
    return [path for path in (studio.home / "media").rglob("*") if path.is_file()]


def test_what_is_made_is_filed_with_its_bytes_measures_and_lineage(studio: Studio) -> None:
    results, _ = studio.go(FREE)

    with studio.context.database.read() as conn:
        scene = get_asset(conn, studio.account_id, results["scene"].asset_ids[0])
        dusk = get_asset(conn, studio.account_id, results["dusk"].asset_ids[0])
    path = studio.context.store.local_path(dusk.sha256)
    with Image.open(path) as image:
        assert (image.format, image.size) == ("PNG", (dusk.width, dusk.height))
    assert (file_digest(path), path.stat().st_size) == (dusk.sha256, dusk.size_bytes)
    assert dusk.parents == (scene.id,)
    assert (scene.prompt, scene.provider, scene.model, scene.operation) == ("sea", "local", "pencil", "draw")


def test_a_file_of_the_users_is_the_parent_of_what_is_made_from_it(studio: Studio) -> None:
    Image.new("RGB", (20, 10), "red").save(studio.home / "photo.png")
    results, _ = studio.go("name: own\nsteps:\n  dusk: {uses: tint, with: {image: photo.png}}\n")

    with studio.context.database.read() as conn:
        [parent] = get_asset(conn, studio.account_id, results["dusk"].asset_ids[0]).parents
        photo = get_asset(conn, studio.account_id, parent)
        filed_as = input_id(conn, studio.account_id, photo.sha256)
    sha256 = file_digest(studio.home / "photo.png")
    assert (photo.id, photo.sha256, photo.title, photo.source_module) == (
        filed_as,
        sha256,
        "photo.png",
        "input",
    )


def test_the_workspace_is_gone_afterwards_whatever_happened(studio: Studio) -> None:
    studio.go(FREE)
    run = studio.begin(studio.plan(drawn(fault="size")))
    with pytest.raises(Permanent):
        run_node(studio.principal, studio.context, run, "scene")

    assert [path for path in studio.context.work.rglob("*") if path.is_file()] == []


def test_a_second_run_reuses_everything_and_makes_nothing(studio: Studio) -> None:
    first, _ = studio.go(FREE)
    before = objects(studio)

    second, settled = studio.go(FREE)

    assert [result.state for result in second.values()] == ["reused", "reused"]
    assert [result.asset_ids for result in second.values()] == [result.asset_ids for result in first.values()]
    assert objects(studio) == before
    assert (settled.state, settled.held_micros) == ("completed", 0)


def test_a_node_that_another_run_has_made_since_the_plan_is_reused(studio: Studio) -> None:
    late = studio.begin(studio.plan(FREE))
    early, _ = studio.go(FREE)

    results = studio.walk(late)

    assert [result.state for result in results.values()] == ["reused", "reused"]
    assert results["dusk"].asset_ids == early["dusk"].asset_ids


def test_two_variants_that_are_the_same_are_made_once(studio: Studio) -> None:
    results, settled = studio.go(TWINS)

    first, second = results.values()
    assert (first.state, second.state) == ("done", "reused")
    assert first.asset_ids == second.asset_ids
    assert settled.state == "completed"


def test_a_twin_of_a_failed_node_fails_with_it_and_is_not_made_instead(studio: Studio) -> None:
    results, _ = studio.go(
        "name: twins\nsteps:\n  scene: {uses: draw, model: simulated/ink, for_each: {row: [a, b]}, "
        "with: {fault: damaged}}\n"
    )

    first, second = results.values()
    assert isinstance(first, Corrupt)
    assert isinstance(second, UpstreamFailed)
    assert len(studio.vendor.purchases()) == 1


def test_a_refreshed_step_and_what_depends_on_it_are_made_again(studio: Studio) -> None:
    first, _ = studio.go(FREE)

    again, _ = studio.go(FREE, refresh=["scene"])

    assert [result.state for result in again.values()] == ["done", "done"]
    assert again["dusk"].asset_ids != first["dusk"].asset_ids
    with studio.context.database.read() as conn:
        assert get_asset(conn, studio.account_id, again["dusk"].asset_ids[0]).parents == again["scene"].asset_ids


def test_a_node_asked_for_twice_in_one_run_answers_as_before(studio: Studio) -> None:
    """The answer may get lost between a worker and its flow, also when the step is made anew."""
    studio.go(FREE)
    run = studio.begin(studio.plan(FREE, refresh=["*"]))
    first = run_node(studio.principal, studio.context, run, "scene")

    assert run_node(studio.principal, studio.context, run, "scene") == first
    assert filed(studio, run.plan.node("scene").key) == 1


def test_any_process_can_take_up_a_run_by_its_id(studio: Studio) -> None:
    studio.go(drawn(prompt="sea"))
    begun = studio.begin(studio.plan(FREE))

    resumed = read_run(studio.context, begun.id, begun.lease)

    assert resumed == begun
    assert run_node(studio.principal, studio.context, resumed, "dusk").state == "done"


def test_a_node_whose_input_was_not_made_fails_without_work(studio: Studio) -> None:
    run = studio.begin(studio.plan(FREE))

    with pytest.raises(UpstreamFailed, match="scene has made nothing"):
        run_node(studio.principal, studio.context, run, "dusk")

    assert objects(studio) == []


def test_a_planned_reuse_that_has_gone_is_refused_and_never_bought(studio: Studio) -> None:
    """A reuse has no price; making it after all would be a purchase that nobody approved."""
    text = "name: gone\nsteps:\n  scene: {uses: draw, model: simulated/ink}\n"
    studio.go(text)
    run = studio.begin(studio.plan(text))
    with studio.context.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM asset")
        conn.exec_driver_sql("UPDATE run_node SET state = 'waiting'")

    with pytest.raises(Refused, match="the library no longer has scene: plan again"):
        run_node(studio.principal, studio.context, read_run(studio.context, run.id, run.lease), "scene")
    assert len(studio.vendor.purchases()) == 1


# nothing counts before it was opened and checked


@pytest.mark.parametrize(
    ("fault", "files", "error", "message"),
    [
        ("size", 1, Permanent, "25 x 16 instead of 24 x 16 pixels"),
        ("format", 1, PressroomError, ""),
        ("damaged", 1, Corrupt, ""),
        ("few", 3, Permanent, r"made 2 files \(main, 2\), the plan promises 3 \(main, 2, 3\)"),
        ("extra", 1, Permanent, r"made 2 files \(main, 2\), the plan promises 1 \(main\)"),
    ],
)
def test_what_is_not_as_promised_is_not_filed(
    studio: Studio, fault: str, files: int, error: type[Exception], message: str
) -> None:
    run = studio.begin(studio.plan(drawn(fault=fault, files=files)))

    with pytest.raises(error, match=message or None):
        run_node(studio.principal, studio.context, run, "scene")

    assert objects(studio) == []
    assert filed(studio, run.plan.node("scene").key) == 0


def test_several_nodes_are_made_together_and_none_suffers_for_another(studio: Studio) -> None:
    """One comes out wrong, another was cancelled before it began, a third was made before."""
    run = studio.begin(studio.plan(SEVERAL))
    before = run_node(studio.principal, studio.context, run, "fine[n=1]")
    with studio.context.database.write() as conn:
        finish_node(conn, studio.account_id, run.id, run.lease, "fine[n=2]", "cancelled")

    names = ["fine[n=1]", "fine[n=2]", "wrong", "fine[n=3]", "fine[n=4]"]
    outcomes = run_nodes(studio.principal, studio.context, run, names)

    assert set(outcomes) == set(names)
    assert outcomes["fine[n=1]"] == before
    assert "cancelled, it cannot become running" in str(outcomes["fine[n=2]"])
    assert "25 x 16 instead of 24 x 16 pixels" in str(outcomes["wrong"])
    assert [filed(studio, run.plan.node(f"fine[n={n}]").key) for n in (1, 2, 3, 4)] == [1, 0, 1, 1]
    assert {state_of(studio, run.id, name) for name in names[-2:]} == {"done"}


def test_what_was_stopped_is_begun_no_further(studio: Studio) -> None:
    run = studio.begin(studio.plan(SEVERAL))
    answers = iter([False, True, True, True, True, True])

    outcomes = run_nodes(
        studio.principal, studio.context, run, ["fine[n=1]", "fine[n=2]", "fine[n=3]"], lambda: next(answers)
    )

    assert isinstance(outcomes["fine[n=1]"], NodeResult)
    assert ["interrupted" in str(outcomes[f"fine[n={n}]"]) for n in (2, 3)] == [True, True]


def test_many_failures_are_recorded_and_none_that_has_ended_is_changed(studio: Studio) -> None:
    run = studio.begin(studio.plan(SEVERAL))
    run_node(studio.principal, studio.context, run, "fine[n=1]")

    fail_nodes(studio.context, run, {f"fine[n={n}]": f"reason {n}" for n in (1, 2, 3)})

    assert [state_of(studio, run.id, f"fine[n={n}]") for n in (1, 2, 3, 4)] == ["done", "failed", "failed", "waiting"]


def test_a_file_above_its_placements_byte_limit_is_not_filed(studio: Studio) -> None:
    placements = studio.context.catalog.placements
    tight = placements["wall.square"].model_copy(update={"max_bytes": 600})
    catalog = replace(studio.context.catalog, placements={**placements, "wall.square": tight})
    strict = replace(studio, context=replace(studio.context, catalog=catalog))

    results, settled = strict.go(
        'name: walls\nsteps:\n  scene: {uses: draw}\n  wall: {uses: press, with: {image: "{{ steps.scene }}", '
        "placements: [wall.square], noise: true, quality: 100}}\n"
    )

    assert isinstance(results["wall"], Permanent)
    assert "wall.square takes 600" in str(results["wall"])
    assert settled.state == "failed"
    assert len(objects(studio)) == 1


def test_files_for_placements_carry_them(studio: Studio) -> None:
    results, _ = studio.go(
        'name: walls\nsteps:\n  scene: {uses: draw}\n  wall: {uses: press, with: {image: "{{ steps.scene }}", '
        "placements: [wall.square, wall.banner]}}\n"
    )

    with studio.context.database.read() as conn:
        assets = [get_asset(conn, studio.account_id, name) for name in results["wall"].asset_ids]
    assert [(asset.placement, asset.width, asset.height, asset.mime) for asset in assets] == [
        ("wall.square", 32, 32, "image/jpeg"),
        ("wall.banner", 64, 16, "image/jpeg"),
    ]


def test_the_record_of_a_node_tells_how_it_ended(studio: Studio) -> None:
    run = studio.begin(studio.plan(FREE))
    with studio.context.database.read() as conn:
        assert node_of(conn, studio.account_id, run.id, "scene").state == "waiting"

    result = run_node(studio.principal, studio.context, run, "scene")

    assert isinstance(result, NodeResult)
    settle_run(studio.context, run.id)
    with studio.context.database.read() as conn:
        scene, dusk = (
            node_of(conn, studio.account_id, run.id, "scene"),
            node_of(conn, studio.account_id, run.id, "dusk"),
        )
    assert (scene.state, scene.asset_ids, scene.seconds) == ("done", result.asset_ids, result.seconds)
    assert (dusk.state, dusk.error) == ("cancelled", "the run ended before it")


# what messages call the files


def test_an_input_is_called_what_its_owner_calls_it(tmp_path: Path, sqlite_url: str) -> None:
    """An operation names its file in its errors: never by the digest under which the store keeps it."""
    names: list[str] = []

    def tell(params: TintParams, work: Workspace) -> Sequence[Made]:
        names.append(work.inputs[params.image].name)
        return tint.run(params, work) if tint.run else []

    tint = OPERATIONS["tint"]
    database = Database.open(sqlite_url)
    studio = open_studio(tmp_path, database, sqlite_url, operations={**OPERATIONS, "tint": replace(tint, run=tell)})
    Image.new("RGB", (20, 10), "red").save(tmp_path / "my-scan.png")
    text = """
name: names
steps:
  scene: {uses: draw, for_each: {row: [a, b]}, with: {prompt: "{{ each.row }}"}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
  scan: {uses: tint, with: {image: my-scan.png}}
"""

    results, _ = studio.go(text)
    database.close()

    assert not [result for result in results.values() if isinstance(result, Exception)]
    assert sorted(names) == ["my-scan.png", "scene[row=a]", "scene[row=b]"]


def test_what_was_measured_of_a_picture_adds_nothing_to_its_details(studio: Studio) -> None:
    run = studio.begin(studio.plan(FREE))
    studio.walk(run)

    with studio.context.database.read() as conn:
        (asset,) = assets_of_node(conn, studio.account_id, run.plan.node("scene").key)
    assert {"fps", "video_codec"}.isdisjoint(asset.details)
