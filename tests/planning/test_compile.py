"""From steps to nodes: variants, joins, gathering, takes, conditions; and every problem with its place."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pressroom.domain.media import Kind, MediaInfo
from pressroom.planning.known_files import KnownFiles
from pressroom.planning.plan import Action, FileFacts
from tests.support.planning import PHOTO_INPUT, codes, loaded, plan_of

CUTOUT = 'cutout: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}'


def ids(text: str, **changes: object) -> list[str]:
    plan = plan_of(text, **changes)
    assert plan.problems == ()
    return [node.id for node in plan.nodes]


def campaign(*steps: str) -> str:
    return PHOTO_INPUT + "steps:\n" + "".join(f"  {step}\n" for step in steps)


def test_a_step_without_dimensions_is_one_node() -> None:
    assert ids(campaign(CUTOUT)) == ["cutout"]


def test_variants_are_named_after_their_values() -> None:
    found = ids(
        campaign(
            "scene: {uses: replace_background, for_each: {place: [A window seat, {name: Strand, n: 2}, {n: 3}]}, "
            'with: {image: "{{ inputs.photo }}"}}'
        )
    )

    assert found == ["scene[place=a-window-seat]", "scene[place=strand]", "scene[place=3]"]


def test_for_each_may_depend_on_the_dimension_before_it() -> None:
    found = ids(
        campaign(
            "scene: {uses: replace_background, for_each: {style: [{name: warm, of: [sunset, window]}, "
            "{name: cool, of: [studio]}], "
            'scene: "{{ each.style.of }}"}, with: {image: "{{ inputs.photo }}", scene: "{{ each.scene }}"}}'
        )
    )

    assert found == [
        "scene[style=warm,scene=sunset]",
        "scene[style=warm,scene=window]",
        "scene[style=cool,scene=studio]",
    ]


SCENE = (
    "scene: {uses: replace_background, for_each: {scene: [studio, podium]}, "
    'with: {image: "{{ inputs.photo }}", scene: "{{ each.scene }}"}}'
)
LARGE = 'large: {uses: upscale, for_each: {size: [2, 4]}, with: {image: "{{ steps.scene }}", scale: "{{ each.size }}"}}'


def test_a_step_inherits_the_dimensions_of_the_step_it_refers_to() -> None:
    found = ids(campaign(SCENE, LARGE))

    assert found[2:] == [
        "large[scene=studio,size=2]",
        "large[scene=studio,size=4]",
        "large[scene=podium,size=2]",
        "large[scene=podium,size=4]",
    ]


def test_two_references_join_on_the_dimension_they_share() -> None:
    joined = 'both: {uses: replace_background, with: {image: "{{ steps.large }}", background: "{{ steps.scene }}"}}'

    plan = plan_of(campaign(SCENE, LARGE, joined))

    found = [node for node in plan.nodes if node.step == "both"]
    assert len(found) == 4
    for node in found:
        variant = dict(node.variant)
        scene, size = variant["scene"], variant["size"]
        assert node.upstream == (f"large[scene={scene},size={size}]", f"scene[scene={scene}]")


def test_references_without_a_shared_dimension_give_every_combination() -> None:
    parameters = 'with: {image: photo.jpg, feather: "{{ each.feather }}"}'
    cut = f"cut: {{uses: remove_background, for_each: {{feather: [0, 1, 2]}}, {parameters}}}"
    both = 'both: {uses: replace_background, with: {image: "{{ steps.cut }}", background: "{{ steps.scene }}"}}'

    assert len(ids(campaign(SCENE, cut, both))) == 2 + 3 + 6


def test_gather_makes_one_node_of_all_variants() -> None:
    film = 'film: {uses: image_to_video, gather: true, with: {image: "{{ steps.large }}"}}'

    node = plan_of(campaign(SCENE, LARGE, film)).node("film")

    assert node.params["image"] == ["image[0]", "image[1]", "image[2]", "image[3]"]
    assert node.upstream == tuple(node_id for node_id in ids(campaign(SCENE, LARGE))[2:])


def test_gather_over_one_dimension_keeps_the_others() -> None:
    film = 'film: {uses: image_to_video, gather: [size], with: {image: "{{ steps.large }}"}}'

    plan = plan_of(campaign(SCENE, LARGE, film))

    films = [node for node in plan.nodes if node.step == "film"]
    assert [node.id for node in films] == ["film[scene=studio]", "film[scene=podium]"]
    assert films[0].upstream == ("large[scene=studio,size=2]", "large[scene=studio,size=4]")


def test_each_of_a_kept_dimension_is_there_after_gathering() -> None:
    film = (
        "film: {uses: image_to_video, gather: [size], "
        'with: {image: "{{ steps.large }}", duration: "{{ 5 if each.scene == \'studio\' else 7 }}"}}'
    )

    plan = plan_of(campaign(SCENE, LARGE, film))

    assert [node.units["second"] for node in plan.nodes if node.step == "film"] == [5, 7]


def test_takes_count_the_seed_up_from_the_first() -> None:
    takes = 'scene: {uses: replace_background, count: 3, with: {image: "{{ inputs.photo }}", scene: studio, seed: 7}}'

    nodes = plan_of(campaign(takes)).nodes

    assert [(node.id, node.params["seed"]) for node in nodes] == [
        ("scene[take=1]", 7),
        ("scene[take=2]", 8),
        ("scene[take=3]", 9),
    ]
    assert len({node.key for node in nodes}) == 3


def test_seed_0_is_a_seed_like_any_other() -> None:
    step = 'scene: {{uses: replace_background, count: 2, with: {{image: "{{{{ inputs.photo }}}}", scene: studio{}}}}}'

    given, default = (plan_of(campaign(step.format(seed))).nodes for seed in (", seed: 0", ""))

    assert [node.params.get("seed", 0) for node in given] == [0, 1]
    assert [node.key for node in given] == [node.key for node in default]


def test_the_last_seed_is_followed_by_the_first() -> None:
    last = 'scene: {uses: replace_background, count: 2, with: {image: "{{ inputs.photo }}", scene: studio, seed: 4294967294}}'

    assert [node.params.get("seed", 0) for node in plan_of(campaign(last)).nodes] == [4_294_967_294, 0]


def test_what_is_made_of_another_steps_takes_keeps_its_own_seed() -> None:
    takes = 'scene: {uses: replace_background, count: 2, with: {image: "{{ inputs.photo }}", scene: studio}}'
    after = 'again: {uses: replace_background, with: {image: "{{ steps.scene }}", scene: podium, seed: 5}}'

    plan = plan_of(campaign(takes, after))

    assert [node.params["seed"] for node in plan.nodes if node.step == "again"] == [5, 5]


def test_a_dimension_may_be_called_take_by_hand() -> None:
    step = (
        "scene: {uses: replace_background, for_each: {take: [first, second]}, with: {image: photo.jpg, scene: studio}}"
    )

    assert ids(campaign(step)) == ["scene[take=first]", "scene[take=second]"]


def test_when_keeps_the_variants_for_which_it_is_true() -> None:
    step = LARGE.replace("uses: upscale,", "uses: upscale, when: \"{{ each.scene == 'studio' and each.size > 2 }}\",")

    assert ids(campaign(SCENE, step)) == ["scene[scene=studio]", "scene[scene=podium]", "large[scene=studio,size=4]"]


def test_a_step_that_is_switched_off_takes_those_that_need_it_along() -> None:
    assert ids(campaign(SCENE.replace("uses:", "when: false, uses:"), LARGE)) == []


def test_the_last_step_of_a_chain_delivers_unless_told_otherwise() -> None:
    told = 'told: {uses: upscale, deliver: false, with: {image: "{{ steps.scene }}"}}'
    kept = SCENE.replace("uses:", "deliver: true, uses:")

    by_default = {node.step: node.deliver for node in plan_of(campaign(CUTOUT, SCENE, LARGE)).nodes}
    as_told = {node.step: node.deliver for node in plan_of(campaign(kept, told)).nodes}

    assert by_default == {"cutout": True, "scene": False, "large": True}
    assert as_told == {"scene": True, "told": False}


def test_steps_may_be_written_in_any_order() -> None:
    found = ids(campaign(LARGE, SCENE, CUTOUT))

    steps = [name.partition("[")[0] for name in found]
    assert steps == [*["scene"] * 2, *["large"] * 4, "cutout"]


def test_every_node_comes_after_all_it_needs() -> None:
    chain = [
        f'step{n}: {{uses: upscale, with: {{image: "{{{{ steps.step{n - 1} }}}}", mode: fast}}}}' for n in (3, 2, 1)
    ]
    base = 'step0: {uses: replace_background, with: {image: "{{ inputs.photo }}", width: 64, height: 64}}'

    plan = plan_of(campaign(*chain, base))

    place = {node.id: number for number, node in enumerate(plan.nodes)}
    assert all(place[up] < place[node.id] for node in plan.nodes for up in node.upstream)
    assert [node.id for node, _ in pairwise([*plan.nodes, None])] == ["step0", "step1", "step2", "step3"]


# refusals


def test_more_nodes_than_allowed_are_refused_without_making_them() -> None:
    huge = (
        "scene: {uses: replace_background, for_each: {a: [1, 2, 3, 4, 5, 6, 7, 8, 9], b: [1, 2, 3, 4, 5, 6, 7, 8, 9], "
        'c: [1, 2, 3, 4, 5, 6, 7, 8, 9]}, count: 90, with: {image: "{{ inputs.photo }}"}}'
    )

    plan = plan_of(campaign(huge, LARGE), max_nodes=100)

    (problem,) = plan.problems
    assert (problem.code, problem.message) == ("too_many_nodes", "the campaign expands to more than 100 nodes")
    assert problem.line == 4
    assert len(plan.nodes) == 100


def test_a_condition_over_too_many_variants_is_refused() -> None:
    step = (
        "scene: {uses: replace_background, when: \"{{ each.a == 'none' }}\", for_each: {a: [1, 2, 3, 4, 5, 6, 7, 8, 9], "
        'b: [1, 2, 3, 4, 5, 6, 7, 8, 9]}, count: 9, with: {image: "{{ inputs.photo }}"}}'
    )

    assert codes(plan_of(campaign(step), max_nodes=20).problems) == ["too_many_nodes"]


@pytest.mark.parametrize(
    ("step", "code", "column", "message"),
    [
        ('a: {uses: upscale, with: {image: "{{ inputs.photo }}", scale: "{{ 1 + 2 }}"}}', "parameter", 65, "scale"),
        ("a: {uses: upscale, with: {image: missing.jpg}}", "parameter", 36, "missing.jpg is not there"),
        ("a: {uses: upscale, with: {image: clip.mp4}}", "parameter", 36, "clip.mp4 is video, image takes image"),
        ("a: {uses: upscale, with: {image: broken.jpg}}", "parameter", 36, "broken.jpg is cut off"),
        ('a: {uses: upscale, count: "{{ 0 }}", with: {image: photo.jpg}}', "count", 29, "from 1 to 10000, got 0"),
        ('a: {uses: upscale, count: "{{ 1.5 }}", with: {image: photo.jpg}}', "count", 29, "got 1.5"),
        ('a: {uses: upscale, for_each: {x: "{{ inputs.photo }}"}, with: {image: photo.jpg}}', "for_each", 36, "a list"),
        ("a: {uses: upscale, model: simulated/cutout, with: {image: photo.jpg}}", "unknown_model", 29, "offers"),
    ],
)
def test_a_problem_says_line_and_column(step: str, code: str, column: int, message: str) -> None:
    (problem,) = plan_of(campaign(step)).problems

    assert (problem.code, problem.file, problem.line, problem.column) == (code, "campaign.yaml", 4, column)
    assert (problem.step, problem.fatal) == ("a", True)
    assert message in problem.message


def test_all_wrong_parameters_of_a_node_are_reported_at_once() -> None:
    step = (
        "a: {uses: replace_background, with: {image: nothing.jpg, background: clip.mp4, "
        'prompt: "{{ inputs.photo.size }}"}}'
    )

    assert [problem.column for problem in plan_of(campaign(step)).problems] == [47, 72, 90]


def test_one_mistake_in_many_variants_is_one_problem() -> None:
    step = 'a: {uses: upscale, for_each: {n: [1, 2, 3, 4]}, with: {image: photo.jpg, scale: "{{ 3 }}"}}'

    (problem,) = plan_of(campaign(step)).problems

    assert problem.message.startswith("a[n=1]: scale")


def test_what_needs_a_wrong_node_is_not_blamed_for_it() -> None:
    wrong = "a: {uses: upscale, with: {image: nothing.jpg}}"
    after = 'b: {uses: upscale, with: {image: "{{ steps.a }}"}}'

    plan = plan_of(campaign(wrong, after))

    assert len(plan.problems) == 1
    assert [(node.id, node.action) for node in plan.nodes] == [("a", Action.BLOCKED), ("b", Action.BLOCKED)]


def test_a_step_with_a_file_per_placement_cannot_be_an_input() -> None:
    posts = "posts: {uses: resize, with: {image: photo.jpg, placements: [instagram.feed_square]}}"
    after = 'b: {uses: upscale, with: {image: "{{ steps.posts }}"}}'

    (problem,) = plan_of(campaign(posts, after)).problems

    assert "one file per placement" in problem.message
    assert problem.hint == "refer to the step before it"


def test_two_feeds_of_one_name_are_refused() -> None:
    first = "a: {uses: upscale, feed: a.csv, with: {image: photo.jpg}}"
    second = "b: {uses: upscale, feed: b.csv, with: {image: photo.jpg}}"

    (problem,) = plan_of(campaign(first, second)).problems

    assert "is fed by a.csv already, not by b.csv" in problem.message
    assert problem.line == 5


def test_a_step_to_refresh_must_be_there() -> None:
    (problem,) = plan_of(campaign(CUTOUT), refresh=frozenset({"cutot"})).problems

    assert (problem.code, problem.hint) == ("unknown_step", "did you mean 'cutout'?")


def test_a_plan_without_a_problem_counts_every_node_once() -> None:
    plan = plan_of(campaign(SCENE, LARGE))

    assert (plan.totals.nodes, plan.totals.create, plan.totals.reuse) == (6, 6, 0)
    assert loaded(campaign(SCENE)).campaign.name == plan.campaign == "campaign"


def test_the_words_of_a_step_are_evaluated_for_each_variant() -> None:
    step = """scene:
    uses: upscale
    for_each: {place: [beach, attic]}
    with: {image: "{{ inputs.photo }}", scale: 2}
    alt_text: The product at the {{ each.place }}
    tags: [launch, "{{ each.place }}"]"""

    nodes = plan_of(campaign(step)).nodes

    assert [node.words["alt_text"] for node in nodes] == ["The product at the beach", "The product at the attic"]
    assert [node.words["tags"] for node in nodes] == [["launch", "beach"], ["launch", "attic"]]


def test_words_that_the_library_would_refuse_are_problems_of_the_plan() -> None:
    """Found when files are filed, they would have been bought by then. What a feed leaves empty is no word."""
    step = """scene:
    uses: upscale
    for_each: {place: [beach, nowhere, WORD]}
    with: {image: "{{ inputs.photo }}", scale: 2}
    collection: "  {{ each.place if each.place != 'nowhere' else '' }}"
    tags: [launch, "{{ each.place if each.place != 'nowhere' else '' }}"]"""

    plan = plan_of(campaign(step.replace("WORD", "w" * 201)))
    nodes = plan_of(campaign(step.replace("WORD", "w" * 100))).nodes

    assert {(problem.code, problem.line) for problem in plan.problems} == {("parameter", 8), ("parameter", 9)}
    assert [node.words["tags"] for node in nodes] == [["launch", "beach"], ["launch"], ["launch", "w" * 100]]
    assert [node.words.get("collection") for node in nodes] == ["beach", None, "w" * 100]


def test_what_a_file_holds_and_nobody_can_show_is_told_once_and_refuses_nothing() -> None:
    noted = FileFacts("d" * 64, MediaInfo(Kind.IMAGE, "image/svg+xml", 40, 20, notes=("its font is not used",)))
    text = """brand: {logo: mark.svg}
steps:
  a: {uses: convert, for_each: {f: [png, webp]}, with: {image: mark.svg, format: "{{ each.f }}"}}"""

    plan = plan_of(text, files=KnownFiles({"mark.svg": noted}))

    assert [(problem.code, problem.message, problem.fatal) for problem in plan.problems] == [
        ("file_note", "brand.logo: its font is not used", False),
        ("file_note", "mark.svg: its font is not used", False),
    ]
    assert (plan.problems[1].line, plan.totals.create) == (4, 2)


def test_a_warning_of_the_local_implementation_refuses_nothing_and_is_said_once() -> None:
    plan = plan_of(campaign("  dog: {uses: generate_image, count: 3, with: {prompt: a dog in a hat}}"))

    (problem,) = plan.problems
    assert (problem.code, problem.fatal, problem.step) == ("warning", False, "dog")
    assert problem.message.startswith("dog[take=1], dog[take=2], dog[take=3]: ")
    assert [node.action for node in plan.nodes] == [Action.CREATE] * 3


def test_a_warning_names_the_variants_that_it_is_about() -> None:
    plan = plan_of(
        campaign(
            "  art: {uses: generate_image, for_each: {of: [a dog in a hat, waves]}, with: {prompt: '{{ each.of }}'}}"
        )
    )

    (problem,) = plan.problems
    assert problem.message.startswith("art[of=a-dog-in-a-hat]: ")


def test_a_warning_of_a_step_with_one_node_names_no_variant() -> None:
    (problem,) = plan_of(campaign("  dog: {uses: generate_image, with: {prompt: a dog in a hat}}")).problems

    assert not problem.message.startswith("dog")
