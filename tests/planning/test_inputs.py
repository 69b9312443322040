"""Inputs and brand: typed, checked, and blamed at their own line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pressroom.planning.inputs import located_inputs, resolve_inputs
from pressroom.planning.known_files import KnownFiles
from pressroom.planning.plan import FileFacts
from tests.support.planning import FILES, image, loaded, plan_of

STEP = "steps: {a: {uses: upscale, with: {image: photo.jpg}}}\n"
SPECS = """inputs:
  photo: {type: image, default: photo.jpg}
  clips: {type: list, of: video, default: [clip.mp4], max: 2}
  headline: {type: text, default: Hello, max_length: 10}
  price: {type: number, default: 5, min: 1, max: 9.5}
  mood: {type: choice, choices: [calm, loud], default: calm}
  tags: {type: list, default: [a, b], min: 1, max: 3}
  sizes: {type: list, of: number, default: [1]}
"""


def resolved(**given: Any) -> tuple[dict[str, Any], list[Any]]:
    return resolve_inputs(loaded(SPECS + STEP).campaign, given, FILES)


def test_defaults_stand_where_nothing_is_given() -> None:
    values, problems = resolved()

    assert problems == []
    assert values["price"] == 5
    assert values["tags"] == ["a", "b"]


def test_text_of_a_command_line_becomes_what_the_input_is() -> None:
    values, problems = resolved(price="2.5", tags="x, y", sizes="1,2.5", mood="loud", headline="12", clips="clip.mp4")

    assert problems == []
    assert (values["price"], values["tags"], values["sizes"]) == (2.5, ["x", "y"], [1, 2.5])
    assert (values["mood"], values["headline"], values["clips"]) == ("loud", "12", ["clip.mp4"])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("photo", "nothing.jpg", "nothing.jpg is not there"),
        ("photo", "clip.mp4", "clip.mp4 is video, must be image"),
        ("photo", "broken.jpg", "broken.jpg is cut off"),
        ("clips", "photo.jpg", "photo.jpg is image, must be video"),
        ("clips", "clip.mp4,clip.mp4,clip.mp4", "3 items is above 2"),
        ("headline", "far too long for this", "21 characters, at most 10"),
        ("price", "cheap", "must be a number, got 'cheap'"),
        ("price", ".inf", "must be a finite number"),
        ("price", "nan", "must be a number"),
        ("price", "1_000", "must be a number"),
        ("price", "5,50", "decimals follow a point"),
        ("headline", 24.9, "24.9 has lost how it was written"),
        ("tags", [24.9], "24.9 has lost how it was written"),
        ("tags", "[a, b", 'write a, b or [a, "b, with a comma"]'),
        ("tags", "[a, [b]]", "more than plain items"),
        ("tags", "[a, {b: c}]", "more than plain items"),
        ("price", True, "must be a number"),
        ("price", "0", "0 is below 1"),
        ("price", "9.6", "9.6 is above 9.5"),
        ("mood", "lout", "did you mean 'loud'?"),
        ("tags", 5, "must be a list"),
        ("sizes", "1,x", "must be a number, got 'x'"),
        ("headline", ["a"], "must be text"),
    ],
)
def test_a_wrong_value_names_its_input(name: str, value: Any, message: str) -> None:
    plan = plan_of(SPECS + STEP, inputs={name: value})

    (problem,) = plan.problems
    assert str(problem).startswith(f"-i {name}: ")
    assert message in problem.message
    assert (problem.path, problem.line) == (("inputs", name), None)
    assert plan.nodes == ()


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("podium", ["podium"]),
        ("[podium]", ["podium"]),
        (' [podium, "tall, round"] ', ["podium", "tall, round"]),
        ("[007, True, ~]", ["007", "True", "~"]),
        ("[ab]*.jpg, x", ["[ab]*.jpg", "x"]),
    ],
)
def test_a_list_is_passed_with_commas_or_as_yaml_writes_it(text: str, items: list[str]) -> None:
    values, problems = resolved(tags=text)

    assert (values["tags"], problems) == (items, [])


def test_numbers_and_objects_are_passed_in_brackets_too() -> None:
    values, problems = resolved(sizes="[1.50, 2]")
    assert (list(map(str, values["sizes"])), problems) == (["1.50", "2"], [])

    campaign = loaded("inputs: {rows: {type: list, of: object}}\n" + STEP).campaign
    values, problems = resolve_inputs(campaign, {"rows": "[{name: a, price: 1.10}]"}, FILES)
    assert ([{name: str(value) for name, value in row.items()} for row in values["rows"]], problems) == (
        [{"name": "a", "price": "1.10"}],
        [],
    )


def test_paths_of_a_list_in_brackets_start_where_the_caller_stands() -> None:
    campaign = loaded(SPECS + STEP).campaign

    assert located_inputs(campaign, {"clips": "[a.mp4, b.mp4]"}, Path("/here"))["clips"] == [
        "/here/a.mp4",
        "/here/b.mp4",
    ]


def test_an_unknown_input_has_a_suggestion() -> None:
    (problem,) = plan_of(SPECS + STEP, inputs={"foto": "x.jpg"}).problems

    assert (problem.code, problem.hint) == ("unknown_input", "did you mean 'photo'?")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("price", "24,90", "must be a number, got '24,90': decimals follow a point"),
        ("photo", "nothing.png", "nothing.png is not there"),
        ("foto", "x.jpg", "the campaign has no input 'foto'"),
    ],
)
def test_what_was_passed_is_blamed_and_not_the_campaign(name: str, value: str, said: str) -> None:
    (problem,) = plan_of(SPECS + STEP, inputs={name: value}).problems

    assert str(problem).startswith(f"-i {name}: {said}")
    assert (problem.path[0], problem.line) == ("inputs", None)


def test_an_input_without_a_default_is_required() -> None:
    (problem,) = plan_of("inputs: {photo: {type: image}}\n" + STEP).problems

    assert (problem.code, problem.hint, problem.line) == ("missing_input", "pass -i photo=VALUE", 2)


def test_all_wrong_inputs_are_reported_at_once() -> None:
    assert len(plan_of(SPECS + STEP, inputs={"photo": "x", "price": "x", "other": 1}).problems) == 3


def test_relative_media_paths_of_the_caller_start_where_the_caller_stands() -> None:
    campaign = loaded(SPECS + STEP).campaign

    found = located_inputs(campaign, {"photo": "x.jpg", "clips": "a.mp4,/b.mp4", "headline": "x.jpg"}, Path("/here"))

    assert found == {"photo": "/here/x.jpg", "clips": ["/here/a.mp4", "/b.mp4"], "headline": "x.jpg"}


@pytest.mark.parametrize(
    ("brand", "code", "message", "column"),
    [
        ("{logo: nothing.png}", "brand_logo", "nothing.png is not there", 15),
        ("{logo: clip.mp4}", "brand_logo", "clip.mp4 is video, must be an image", 15),
    ],
)
def test_a_wrong_brand_file_is_blamed_where_it_is_named(brand: str, code: str, message: str, column: int) -> None:
    (problem,) = plan_of(f"brand: {brand}\n{STEP}").problems

    assert (problem.code, problem.line, problem.column) == (code, 2, column)
    assert message in problem.message


def test_a_folder_and_a_pattern_are_lists_that_steps_open() -> None:
    step = 'steps: {a: {uses: upscale, for_each: {photo: "{{ inputs.photos }}"}, with: {image: "{{ each.photo }}"}}}\n'
    for spec in ("{type: folder, default: shots}", "{type: list, of: image, default: ['shots/*.jpg']}"):
        files = KnownFiles({"shots/b.jpg": image("b"), "shots/a.jpg": image("a"), "other.jpg": image("c")})

        plan = plan_of(f"inputs: {{photos: {spec}}}\n{step}", files=files)

        assert plan.problems == ()
        assert [node.id for node in plan.nodes] == ["a[photo=a]", "a[photo=b]"]


def test_an_empty_folder_is_a_problem_of_its_input() -> None:
    (problem,) = plan_of("inputs: {photos: {type: folder, default: none}}\n" + STEP).problems

    assert (problem.code, problem.line) == ("input", 2)
    assert "none finds 0 files" in problem.message


@pytest.mark.parametrize("count", [3, 25])
def test_every_file_of_a_folder_that_is_none_is_told_at_once(count: int) -> None:
    wrong = {f"shots/{number:02}.jpg": FileFacts(problem=f"{number:02}.jpg is damaged") for number in range(count)}
    files = KnownFiles({"shots/good.jpg": image("b"), **wrong})

    (problem,) = plan_of("inputs: {photos: {type: folder, default: shots}}\n" + STEP, files=files).problems

    assert problem.message.count("is damaged") == min(count, 20)
    assert ("and 5 more" in problem.message) == (count == 25)


def test_references_of_the_caller_stay_as_they_are() -> None:
    campaign = loaded(SPECS + STEP).campaign

    found = located_inputs(campaign, {"photo": "asset:i0123", "clips": "https://x.example/a.mp4,b.mp4"}, Path("/here"))

    assert found == {"photo": "asset:i0123", "clips": ["https://x.example/a.mp4", "/here/b.mp4"]}
