"""Loading a campaign: everything that is wrong with it at once, each with its line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.domain.errors import Problem
from tests.campaign.loading import SOUND, load, only_problem, problems

ROOT = Path(__file__).parents[2]


def step_problem(lines: str, uses: str = "draw") -> Problem:
    """The one problem of a campaign with a sound step `other` (dimension `place`) and a step with these lines."""
    text = f"""\
name: c
inputs: {{product: {{type: image}}}}
steps:
  other: {{uses: draw, for_each: {{place: [a, b]}}, with: {{prompt: p}}}}
  it:
    uses: {uses}
"""
    return only_problem(text + "\n".join(f"    {line}" for line in lines.split("\n")))


def test_a_sound_campaign_loads_with_its_places() -> None:
    loaded = load(SOUND)

    assert loaded.campaign.name == "spring-launch"
    assert loaded.campaign.steps["scene"].count == 2
    assert loaded.campaign.steps["sheet"].gather == ("take",)
    assert loaded.file == "c.yaml"
    assert loaded.positions.at("steps", "scene", "with", "color") == (18, 14)


def test_five_mistakes_are_five_problems_with_their_lines() -> None:
    text = (
        SOUND.replace("type: number", "type: nummer")  # line 5
        .replace('"#ff0000"', "red")  # line 8
        .replace("uses: draw", "uses: drew")  # line 12
        .replace("steps.scene }}\"\n      pl", "steps.scen }}\"\n      pl")  # line 23
        .replace("gap: 10", "gap: wide")  # line 28
    )  # fmt: skip

    found = problems(text)

    assert [problem.line for problem in found] == [5, 8, 12, 23, 28]
    assert found[0].hint == "did you mean 'number'?"
    assert [problem.step for problem in found] == ["", "", "scene", "posts", "sheet"]
    assert "'nummer'" in found[0].message
    assert "text, number, choice" in found[0].message


def test_problems_of_yaml_and_of_meaning_come_together() -> None:
    found = problems(
        "name: c\nname: d\nstepz: {}\nsteps:\n  a: {uses: draw, with: {prompt: !x p, seed: -1}}\n  b: {uses: no}"
    )

    assert [(problem.line, problem.code) for problem in found] == [
        (2, "duplicate_key"),
        (3, "unknown_key"),
        (5, "yaml"),
        (6, "unknown_operation"),
    ]


@pytest.mark.parametrize("text", ["5", "- a", "just text", "[]"])
def test_a_document_that_is_no_mapping_is_refused(text: str) -> None:
    assert "must be a mapping" in only_problem(text).message


def test_what_is_missing_is_named() -> None:
    assert [problem.message for problem in problems("pressroom: 1")] == ["'name' is missing", "'steps' is missing"]
    assert "steps" in only_problem("name: c\nsteps: {}").message


def test_a_newer_format_is_refused() -> None:
    assert only_problem(SOUND.replace("pressroom: 1", "pressroom: 2")).line == 1


@pytest.mark.parametrize(
    ("change", "to", "line", "says"),
    [
        ("name: spring-launch", "name: Spring Launch", 2, "a name of small letters"),
        ("name: spring-launch", "name: true", 2, "must be text, got true"),
        ("type: number, default: 9", "type: choice", 5, "a choice needs `choices`"),
        ("type: number", "typ: number", 5, "did you mean 'type'?"),
        ("colors: {primary", "colors: {primry", 8, "did you mean 'primary'?"),
        ("colors: {primary", "colours: {primary", 8, "did you mean 'colors'?"),
        ("credits: 20", "credits: -1", 9, "budget.credits must be 0 or more, got -1"),
        ("credits: 20", "credits: lots", 9, "must be a number, got 'lots'"),
        ("budget:", "budged:", 9, "did you mean 'budget'?"),
        ("budget: {credits: 20}", "policy: {tier: gold}", 9, "free, budget, premium, auto"),
        ("budget: {credits: 20}", "policy: {prefer: [a, true]}", 9, "policy.prefer[1] must be text"),
        ("budget: {credits: 20}", "policy: {prefer: quick}", 9, "cheapest, best"),
        ("budget: {credits: 20}", "title: '{{ inputs.price }}'", 9, "not evaluated in title"),
        ("default: product.jpg", "default: '{{ inputs.price }}'", 4, "not evaluated in inputs"),
        ("      place: [", "      Place: [", 14, "small letters"),
        ("    when: \"{{", "    wenn: \"{{", 21, "did you mean 'when'?"),
        ("    uses: draw\n    for_each", "    uses: '{{ inputs.x }}'\n    for_each", 12, "not evaluated in uses"),
    ],
)  # fmt: skip
def test_wrong_values_and_keys_are_told_in_plain_words(change: str, to: str, line: int, says: str) -> None:
    assert change in SOUND

    found = problems(SOUND.replace(change, to))

    first = next(problem for problem in found if problem.line == line)
    assert says in str(first)
    assert not any(word in str(first) for word in ("pydantic", "Input should", "extra_forbidden", "validation"))


@pytest.mark.parametrize(
    ("lines", "line", "column", "says"),
    [
        ("with: {prompt: p, sed: 3}", 7, 23, "did you mean 'seed'?"),
        ("with: {prompt: p, seed: many}", 7, 29, "seed must be a whole number, got 'many'"),
        ("with: {prompt: p, seed: 1.5}", 7, 29, "seed must be a whole number, got 1.5"),
        ("with: {prompt: p, width: 9000}", 7, 30, "width must be 8192 or less, got 9000"),
        ("with: {prompt: p, color: blu}", 7, 30, "a colour such as #1a2b3c or one of brand, got 'blu'"),
        ("with: {seed: 3}", 7, 5, "'prompt' is missing"),
        ("with: [p]", 7, 5, "steps.it.with must be a mapping, got a list"),
        ("with: {prompt: '{{ inputs.prodct }}'}", 7, 20, "did you mean 'product'?"),
        ("with: {prompt: '{{ brand.colors.primary }}'}", 7, 20, "brand.colors has no 'primary'"),
        ("with: {prompt: '{{ brand.nam }}'}", 7, 20, "did you mean 'name'?"),
        ("with: {prompt: '{{ each.place }}'}", 7, 20, "no dimension 'place' is open here"),
        ("for_each: {city: [a]}\nwith: {prompt: '{{ each.cty }}'}", 8, 20, "did you mean 'city'?"),
        ("with: {prompt: '{{ each.take }}'}", 7, 20, "no dimension 'take'"),
        ("with: {prompt: 'see {{ steps.other }}'}", 7, 20, "may only be used whole"),
        ("with: {prompt: '{{ inputs.product'}", 7, 20, "bad expression"),
        ("with: {prompt: '{% if x %}'}", 7, 20, "statements"),
        ("with: {prompt: p}\nwhen: '{{ steps.other }}'", 8, 11, "may only be used in with"),
        ("with: {prompt: p}\nwhen: sometimes", 8, 11, "when must be true, false or an expression"),
        ("with: {prompt: p}\ncount: 0", 8, 12, "count must be a whole number from 1 up"),
        ("with: {prompt: p}\ncount: many", 8, 12, "count must be a whole number from 1 up"),
        ("with: {prompt: p}\ncount: '{{ each.city }}'\nfor_each: {city: [a]}", 8, 12, "no dimension 'city'"),
        ("with: {prompt: p}\nfor_each: {city: beach}", 8, 22, "must be a list of values"),
        ("with: {prompt: p}\nfor_each: {city: []}", 8, 16, "an empty list"),
        ("with: {prompt: p}\nfor_each: {city: 'x {{ inputs.product }}'}", 8, 22, "one expression that gives a list"),
        ("with: {prompt: p}\nfor_each: {a: ['{{ each.b }}'], b: [1]}", 8, 20, "no dimension 'b'"),
        ("with: {prompt: p}\nfor_each: {take: [1]}\ncount: 2", 9, 12, "'take' is already open"),
        ("with: {prompt: p}\nfeed: {a: x.csv, b: y.csv}", 8, 5, "a step opens one feed"),
        ("with: {prompt: p}\nfeed: '{{ inputs.product }}'", 8, 11, "not evaluated in feed"),
        ("with: {prompt: p}\nalt_text: '{{ each.x }}'", 8, 15, "no dimension 'x'"),
    ],
)
def test_mistakes_in_a_step_have_their_place(lines: str, line: int, column: int, says: str) -> None:
    problem = step_problem(lines)

    assert says in str(problem)
    assert (problem.line, problem.column) == (line, column)
    assert problem.step == "it"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("with: {image: '{{ steps.othr }}', width: 5, height: 5}", "did you mean 'other'?"),
        ("with: {image: '{{ steps.it }}', width: 5, height: 5}", "refers to itself"),
        ("with: {image: 5, width: 5, height: 5}", "image must be a media file, got 5"),
        ("with: {image: {a: b}, width: 5, height: 5}", "image must be a media file, got a mapping"),
        ("with: {image: [a.png], width: 5}", "image must be text, got a list"),
        ("with: {image: a.png}", "nothing to make"),
        ("with: {image: a.png, placements: [instagram.rel]}", "did you mean 'instagram.reel'?"),
        ("with: {image: a.png, placements: ['tiktok.*']}", "no placement matches 'tiktok.*'"),
        ("with: {image: a.png, width: 5, focal_point: {x: 2, y: 0}}", "focal_point.x must be 1 or less, got 2"),
        ("with: {image: a.png, width: 5, focal_point: {x: 0, z: 0, y: 0}}", "unknown key 'z'"),
        ("gather: [plce]\nwith: {image: '{{ steps.other }}', width: 5}", "their dimensions: place"),
        ("gather: true\nwith: {image: '{{ steps.other }}', width: 5}\nalt_text: '{{ each.place }}'", "gather collects"),
        ("for_each: {place: [c]}\nwith: {image: '{{ steps.other }}', width: 5}", "'place' is already open"),
    ],
)
def test_mistakes_in_assets_and_dimensions_are_found(lines: str, says: str) -> None:
    assert says in str(step_problem(lines, uses="resize"))


@pytest.mark.parametrize(
    "lines",
    [
        "with: {image: '{{ steps.other }}', width: 5}\nalt_text: 'A {{ each.place }}'",
        "with: {image: '{{ steps.other }}', placements: '{{ inputs.product }}'}",
        "with: {image: '{{ steps.other }}'}",  # whether there is something to make is known while planning
        "with: {image: a.png, width: '{{ each.row.w | int }}'}\nfeed: x.csv",
        "with: {image: a.png, width: '{{ each.size.w }}'}\nfeed: {size: x.csv}",
        "with: {image: a.png, width: '{{ each.take }}'}\ncount: '{{ inputs.product }}'",
        "with: {image: a.png, width: '{{ each.maybe | default(5) }}'}",
        "gather: true\nwith: {image: '{{ steps.other }}', width: 5}",
        "for_each: {a: [1], b: ['{{ each.a }}']}\nwith: {image: a.png, width: '{{ each.b }}'}",
    ],
)
def test_what_is_only_known_later_is_left_to_planning(lines: str) -> None:
    text = "name: c\ninputs: {product: {type: image}}\nsteps:\n  it:\n    uses: resize\n"
    other = "\n  other: {uses: draw, for_each: {place: [a, b]}, with: {prompt: p}}\n"

    loaded = load(text + "\n".join(f"    {line}" for line in lines.split("\n")) + other)

    assert list(loaded.campaign.steps) == ["it", "other"]


STEP = "name: x\nsteps:\n  a:\n    uses: {uses}\n"


@pytest.mark.parametrize(
    ("text", "place", "name"),
    [
        (
            STEP.format(uses="draw") + "    with: {prompt: x}\n    for_each: {b: [c, null]}",
            (6, 23),
            "steps.a.for_each.b[1]",
        ),
        (STEP.format(uses="draw") + "    with: {prompt: x}\n    tags: ['']", (6, 12), "steps.a.tags[0]"),
        (
            STEP.format(uses="resize")
            + "    with:\n      image: a.jpg\n      placements:\n        - instagram.reel\n        -\n",
            (9, 10),
            "steps.a.with.placements[1]",
        ),
        (
            STEP.format(uses="resize") + "    with: {image: a.jpg, placements: [' ']}",
            (5, 39),
            "steps.a.with.placements[0]",
        ),
        (STEP.format(uses="collage") + "    with: {images: [a.jpg, ~]}", (5, 28), "steps.a.with.images[1]"),
        (
            "policy: {providers: [null]}\n" + STEP.format(uses="draw") + "    with: {prompt: x}",
            (1, 22),
            "policy.providers[0]",
        ),
        (
            "inputs: {b: {type: list, default: [[c, '']]}}\n" + STEP.format(uses="draw") + "    with: {prompt: x}",
            (1, 40),
            "inputs.b.default[0][1]",
        ),
    ],
)
def test_an_empty_item_of_any_list_is_told_once_with_its_place(text: str, place: tuple[int, int], name: str) -> None:
    (problem,) = problems(text)

    assert (problem.line, problem.column) == place
    assert (problem.code, problem.message) == ("empty_item", f"{name} is empty")


def test_a_colour_without_quotes_gets_a_hint_on_quotes() -> None:
    found = problems("name: x\nbrand:\n  colors:\n    primary: #1f3b2d\nsteps:\n  a: {uses: draw, with: {prompt: x}}\n")

    assert [(problem.line, problem.hint) for problem in found] == [(4, 'put quotes around it: "#1f3b2d"')]


def test_steps_in_a_circle_are_one_problem_that_names_them() -> None:
    text = "name: c\nsteps:\n" + "".join(
        f"  {name}: {{uses: resize, with: {{image: '{{{{ steps.{other} }}}}', width: 5}}}}\n"
        for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("after", "c"), ("x", "y"), ("y", "x"))
    )

    found = problems(text)

    assert [problem.message.partition(": ")[2] for problem in found] == ["a -> b -> c -> a", "x -> y -> x"]
    assert [problem.line for problem in found] == [3, 7]


def test_steps_may_refer_to_steps_written_below_them() -> None:
    loaded = load(
        "name: c\nsteps:\n  b: {uses: resize, with: {image: '{{ steps.a }}', width: 5}, alt_text: '{{ each.p }}'}\n"
        "  a: {uses: draw, for_each: {p: [x]}, with: {prompt: p}}\n"
    )

    assert list(loaded.campaign.steps) == ["b", "a"]


def test_a_chain_of_thousands_of_steps_is_checked() -> None:
    steps = "".join(
        f"  s{n}: {{uses: resize, with: {{image: '{{{{ steps.s{n - 1} }}}}', width: 5}}}}\n" for n in range(1, 3_000)
    )

    loaded = load("name: c\nsteps:\n  s0: {uses: draw, with: {prompt: p}}\n" + steps)

    assert len(loaded.campaign.steps) == 3_000


def test_too_many_dimensions_are_one_problem() -> None:
    values = ", ".join(f"d{n}: [1]" for n in range(17))

    assert "17 dimensions" in step_problem(f"for_each: {{{values}}}\nwith: {{prompt: p}}").message


def test_at_most_a_hundred_problems_are_listed() -> None:
    text = "name: c\nsteps:\n" + "".join(f"  s{n}: {{uses: nothing}}\n" for n in range(500))

    assert len(problems(text)) == 100


def test_a_document_full_of_mistakes_stays_readable_and_quick() -> None:
    names = "".join(f"  input_{n}: {{type: text}}\n" for n in range(5_000))
    steps = "".join(
        f"  s{n}: {{uses: draw, with: {{prompt: '{{{{ inputs.inptu_{n} }}}}', sed: 1}}}}\n" for n in range(5_000)
    )

    assert len(problems(f"name: c\ninputs:\n{names}steps:\n{steps}")) == 100


def test_loading_imports_neither_jinja_nor_imaging_libraries() -> None:
    program = """\
import sys
from pressroom.campaign.load import parse_campaign
from pressroom.domain.errors import Invalid
text = "name: c\\nsteps: {a: {uses: none, with: {prompt: 'A {{ brand.name }}'}}}"
try:
    parse_campaign(text, "c.yaml", operations={}, placements=())
except Invalid as exc:
    print(len(exc.problems))
print({name.partition(".")[0] for name in sys.modules} & {"jinja2", "PIL", "numpy", "cv2", "pyvips", "prefect"})
"""

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert ran.stdout.split() == ["1", "set()"]
