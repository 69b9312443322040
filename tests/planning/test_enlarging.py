"""Where more pixels are wanted than a bought model makes, the plan adds an upscale, prices it and says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.catalog.limits import Limits
from pressroom.catalog.load import Catalog, load_catalog
from pressroom.database.engine import Database
from pressroom.domain.near_size import MOST_RESIZED
from pressroom.library.assets import assets_of_node
from pressroom.operations import OPERATIONS
from pressroom.operations.upscale import UpscaleParams
from pressroom.planning.enlarging import _fitting, _side
from pressroom.planning.explain import rows_of
from pressroom.planning.plan import Node, NodeSource, Plan
from tests.support.planning import chooser_of, loaded, plan_of, with_model
from tests.support.studio import open_studio

CATALOG = load_catalog()
REAL = frozenset({"local", "replicate", "fal", "stability"})


def planned(steps: str, policy: str = "tier: budget", catalog: Catalog = CATALOG) -> Plan:
    providers = ", ".join(sorted(REAL))
    campaign = loaded(f"policy: {{{policy}, providers: [{providers}]}}\nsteps:\n{steps}")
    return plan_of(campaign, catalog=catalog, chooser=chooser_of(campaign, catalog, configured=REAL))


def scene(size: str, more: str = "") -> str:
    return f"  scene: {{uses: generate_image, with: {{prompt: a barn, {size}}}{more}}}\n"


def crops(*placements: str, of: str = "{{ steps.scene }}", more: str = "") -> str:
    return f"  posts: {{uses: resize, with: {{image: '{of}', placements: [{', '.join(placements)}]{more}}}}}\n"


def size(node: Node) -> tuple[int | None, int | None]:
    made = node.outputs[0][1]
    return made.width, made.height


def test_a_placement_larger_than_the_model_makes_is_made_smaller_and_enlarged() -> None:
    small, scene_node = planned(scene("placement: instagram.story_image", ", tags: [barn]")).nodes

    assert (small.id, small.operation, size(small)) == ("scene.generate_image", "generate_image", (756, 1344))
    assert (scene_node.id, scene_node.operation, size(scene_node)) == ("scene", "upscale", (1080, 1920))
    assert isinstance(scene_node.inputs["image"], NodeSource)
    assert scene_node.inputs["image"].node_id == small.id
    assert (small.deliver, scene_node.deliver) == (False, True)
    assert (small.words, scene_node.words) == ({}, {"tags": ["barn"]})


def test_the_plan_prices_the_upscale_and_says_why_it_is_there() -> None:
    plan = planned(scene("placement: instagram.story_image"))
    made, larger = rows_of(plan)

    assert (made.step, made.operation, larger.step, larger.operation) == ("scene", "generate_image", "scene", "upscale")
    assert made.credits == larger.credits == 1_000_000
    assert plan.totals.credits_bound == 2_000_000
    assert "1080 x 1920 is more than stability/core makes, so 756 x 1344 is enlarged" in plan.node("scene").why


def test_what_no_model_of_the_tier_makes_as_large_is_not_left_to_the_drawings_of_the_free_tier() -> None:
    plan = planned(scene("width: 3840, height: 2160"))

    assert plan.node("scene.generate_image").provider == "stability"
    assert size(plan.node("scene")) == (3840, 2160)


def test_a_model_by_name_is_enlarged_too() -> None:
    plan = planned(scene("width: 3840, height: 2160", ", model: replicate/flux-schnell"))

    assert plan.node("scene.generate_image").model == "flux-schnell"
    assert plan.node("scene").operation == "upscale"


def test_a_rendition_of_a_bought_picture_is_made_of_an_enlarged_one() -> None:
    plan = planned(scene("ratio: '1:1'") + crops("instagram.story_image", "instagram.feed_square"))

    assert [node.id for node in plan.nodes] == ["scene", "posts.upscale", "posts"]
    assert size(plan.node("posts.upscale")) == (1920, 1920)
    assert "1080 x 1080 would be enlarged 1.78 times" in plan.node("posts.upscale").why
    assert plan.node("posts").upstream == ("posts.upscale",)


@pytest.mark.parametrize(
    "steps",
    [
        scene("ratio: '1:1'"),  # 1024 for 1080: resized, and said
        scene("ratio: '1:1'") + crops("instagram.feed_square"),
        scene("ratio: '1:1'") + crops("instagram.story_image", more=", mode: fit"),
        crops("instagram.story_image", of="logo.png"),  # a picture of one's own
    ],
)
def test_nothing_is_added_where_a_little_resizing_does_or_the_picture_is_the_users(steps: str) -> None:
    assert not any(node.operation == "upscale" for node in planned(steps).nodes)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            crops("instagram.story_image", of="logo.png"),
            "logo.png is 400 x 400 and is enlarged 4.8 times by resizing: an upscale step before this one does that better",
        ),
        (
            "  clip: {uses: text_to_video, model: replicate/wan-2.2-t2v-fast, "
            "with: {prompt: sea, resolution: 480p, ratio: '9:16'}}\n" + crops("instagram.reel", of="{{ steps.clip }}"),
            "the clip is 480 x 854 and is enlarged 2.25 times by resizing: no model enlarges clips, so take a larger one",
        ),
    ],
)
def test_what_nothing_is_added_for_is_said_to_be_resized(steps: str, said: str) -> None:
    plan = planned(steps)

    [warning] = [problem for problem in plan.problems if problem.code == "warning"]
    assert (warning.message, warning.fatal) == (said, False)
    assert not any(node.operation == "upscale" for node in plan.nodes)


def test_a_drawing_has_any_size() -> None:
    assert [node.operation for node in planned(scene("width: 3840, height: 2160"), "tier: free").nodes] == [
        "generate_image"
    ]


@pytest.mark.parametrize("where", ["policy", "step"])
def test_it_is_switched_off_and_what_is_resized_is_said(where: str) -> None:
    policy = "tier: budget, upscale: false" if where == "policy" else "tier: budget"
    more = "" if where == "policy" else ", upscale: false"

    plan = planned(scene("placement: instagram.story_image", f", model: stability/core{more}"), policy)

    assert [node.id for node in plan.nodes] == ["scene"]
    assert "768 x 1344 are made, and enlarged 1.43 times" in plan.node("scene").why


@pytest.mark.parametrize(
    "steps", [scene("placement: instagram.story_image"), scene("ratio: '1:1'") + crops("instagram.story_image")]
)
def test_where_nothing_enlarges_the_plan_says_that_it_is_resized_alone(steps: str) -> None:
    models = {name: row for name, row in CATALOG.models.items() if row.operation != "upscale"}

    plan = planned(steps, catalog=replace(CATALOG, models=models))

    assert not any(node.operation == "upscale" for node in plan.nodes)
    [warning] = [problem for problem in plan.problems if problem.code == "warning"]
    assert "by resizing alone: no budget model offers upscale" in warning.message
    assert not any(problem.fatal for problem in plan.problems)


def test_every_variant_has_its_own_and_a_plan_counts_them() -> None:
    steps = (
        "  scene:\n    uses: generate_image\n    for_each: {place: [beach, barn]}\n"
        "    with: {prompt: '{{ each.place }}', placement: instagram.story_image}\n"
    )
    plan = planned(steps)

    assert [node.id for node in plan.nodes] == [
        "scene.generate_image[place=beach]",
        "scene[place=beach]",
        "scene.generate_image[place=barn]",
        "scene[place=barn]",
    ]
    assert plan.totals.nodes == 4


def test_nothing_is_bought_for_a_node_that_is_refused() -> None:
    # A still of a picture is none: the resize is refused after its upscale was found.
    plan = planned(scene("ratio: '1:1'") + crops("instagram.story_image", more=", poster: true"))

    assert [node.id for node in plan.nodes] == ["scene", "posts"]
    assert any(problem.fatal for problem in plan.problems)


@given(
    wanted=st.tuples(st.integers(64, 4096), st.integers(64, 4096)),
    share=st.floats(0.2, 1 / MOST_RESIZED),
)
def test_whole_pixels_lead_to_the_wanted_size(wanted: tuple[int, int], share: float) -> None:
    most = (max(1, int(wanted[0] * share)), max(1, int(wanted[1] * share)))

    size = _fitting(wanted, most)

    if size is not None:
        assert max(size[0] / most[0], size[1] / most[1]) <= 1
        params = UpscaleParams.model_validate({"image": "image", **(_side(size, wanted) or {})})
        assert params.size(*size) == wanted


def test_the_run_makes_what_the_plan_shows(tmp_path: Path, database: Database, database_url: str) -> None:
    catalog = with_model(CATALOG, "simulated/sketch", limits=Limits(max_width=120, max_height=120))
    studio = open_studio(tmp_path / "home", database, database_url, operations=OPERATIONS, catalog=catalog)
    text = "name: large\npolicy: {tier: budget, providers: [simulated]}\nsteps:\n" + scene(
        "width: 240, height: 160", ", model: simulated/sketch"
    )

    results, settlement = studio.go(text)

    plan = studio.plan(text)
    assert [(node.operation, node.action) for node in plan.nodes] == [("generate_image", "reuse"), ("upscale", "reuse")]
    assert not any(isinstance(result, Exception) for result in results.values()), results
    assert settlement.captured_micros == 3_000_000
    with database.read() as conn:
        [asset] = assets_of_node(conn, studio.account_id, plan.node("scene").key)
    assert (asset.width, asset.height) == (240, 160)
