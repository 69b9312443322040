"""A brand in a file of its own, and paths that lead out of the campaign's folder."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.campaign.load import Loaded, parse_campaign
from pressroom.campaign.paths import leaves_folder
from pressroom.domain.errors import Invalid
from tests.campaign.loading import only_problem
from tests.campaign.small_operations import PLACEMENTS, SMALL_OPERATIONS

BRAND = 'name: Acme\ncolors: {primary: "#123456"}\nfonts: {heading: Inter, body: fonts/own.ttf}\nlogo: logo.svg\n'
BRANDED = "name: c\nbrand: kit/brand.yaml\nsteps:\n  a: {uses: draw, with: {prompt: '{{ brand.colors.primary }}'}}\n"


def branded(kit: str, text: str = BRANDED) -> Loaded:
    """The campaign with a brand file of this text beside it."""
    return parse_campaign(
        text, "c.yaml", operations=SMALL_OPERATIONS, placements=PLACEMENTS, beside={"kit/brand.yaml": kit}.__getitem__
    )


def test_a_brand_may_be_a_file_whose_paths_start_from_it() -> None:
    brand = branded(BRAND).campaign.brand

    assert brand.logo == "kit/logo.svg"
    assert brand.fonts == {"heading": "Inter", "body": "kit/fonts/own.ttf"}
    assert brand.colors == {"primary": "#123456"}


def test_a_brand_file_may_name_an_asset() -> None:
    assert branded('colors: {primary: "#123"}\nlogo: asset:i0123').campaign.brand.logo == "asset:i0123"


def test_mistakes_in_a_brand_file_carry_its_name_and_lines() -> None:
    with pytest.raises(Invalid) as caught:
        branded(BRAND.replace("logo:", "lgo:").replace('"#123456"', "navy"))

    assert all(problem.path[0] == "brand" for problem in caught.value.problems if problem.file == "kit/brand.yaml")
    found = [problem.line for problem in caught.value.problems if problem.file == "kit/brand.yaml"]
    assert found == [2, 4]


@pytest.mark.parametrize(
    ("lines", "place", "name"),
    [
        ("feed: ../x.csv", (5, 11), "steps.a.feed: ../x.csv"),
        ("feed: /etc/passwd", (5, 11), "steps.a.feed: /etc/passwd"),
        ("feed: ~/x.csv", (5, 11), "steps.a.feed: ~/x.csv"),
        ("feed: {rows: a/../../x.csv}", (5, 18), "steps.a.feed.rows: a/../../x.csv"),
    ],
)
def test_a_feed_out_of_the_folder_is_refused_where_it_is_named(lines: str, place: tuple[int, int], name: str) -> None:
    problem = only_problem(f"name: c\nsteps:\n  a:\n    uses: draw\n    {lines}\n    with: {{prompt: p}}\n")

    assert (problem.code, problem.line, problem.column) == ("outside", *place)
    assert problem.message == f"{name} leads out of the campaign's folder"


@pytest.mark.parametrize(
    ("brand", "place"),
    [
        ("{logo: ../logo.svg}", (2, 15)),
        ("{logo: /logo.svg}", (2, 15)),
        ("{fonts: {heading: /usr/share/fonts/x.ttf}}", (2, 26)),
        ("../brand.yaml", (2, 8)),
        ("/etc/brand.yaml", (2, 8)),
    ],
)
def test_a_brand_out_of_the_folder_is_refused_where_it_is_named(brand: str, place: tuple[int, int]) -> None:
    problem = only_problem(f"name: c\nbrand: {brand}\nsteps:\n  a: {{uses: draw, with: {{prompt: p}}}}\n")

    assert (problem.code, problem.line, problem.column) == ("outside", *place)


def test_a_brand_file_reaches_no_further_than_its_campaign() -> None:
    assert branded('colors: {primary: "#123"}\nlogo: ../logo.svg').campaign.brand.logo == "logo.svg"
    with pytest.raises(Invalid, match="leads out"):
        branded('colors: {primary: "#123"}\nlogo: ../../logo.svg')


@given(st.lists(st.sampled_from(["..", ".", "a", "", "~", "b c"]), min_size=1, max_size=6).map("/".join))
def test_a_path_that_leads_out_is_always_seen(path: str) -> None:
    joined = posixpath.normpath(posixpath.join("/top/folder", posixpath.expanduser(path)))

    assert leaves_folder(path) or joined == "/top/folder" or joined.startswith("/top/folder/")


def test_a_brand_file_beside_nothing_is_a_problem_of_the_line_that_names_it() -> None:
    problem = only_problem("name: c\nbrand: none.yaml\nsteps:\n  a: {uses: draw, with: {prompt: p}}\n")

    assert (problem.line, problem.hint) == (2, "write the brand kit here")


def test_a_brand_that_is_no_file_is_a_problem_of_its_line() -> None:
    problem = only_problem("name: c\nbrand: logo.png\nsteps:\n  a: {uses: draw, with: {prompt: p}}\n")

    assert "no brand file" in problem.message
    assert problem.line == 2
