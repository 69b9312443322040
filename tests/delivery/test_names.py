"""What delivered files are called: readable, all different, and never longer than a file system takes."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.delivery.names import MOST_NAME_BYTES, delivery_name, delivery_names, distinct, fitted, planned_names
from pressroom.domain.media import Asset, Kind, MediaInfo
from pressroom.planning.plan import FREE, Action, Node, Plan
from pressroom.planning.totals import totals_of
from tests.support.planning import plan_of


def node(step: str, *names: str) -> Node:
    variant = tuple((f"d{number}", name) for number, name in enumerate(names))
    return Node(step, step, variant, "draw", 1, "image", Kind.IMAGE, "", "", {}, {}, "", Action.CREATE, FREE, (), {})


def asset(mime: str = "image/png", label: str = "", placement: str | None = None) -> Asset:
    return Asset("a1", "0" * 64, Kind.IMAGE, mime, 1, label=label, placement=placement)


@pytest.mark.parametrize(
    ("made_by", "file", "name"),
    [
        (node("scene"), asset(), "scene.png"),
        (node("scene", "beach", "2"), asset("image/jpeg"), "scene-beach-2.jpg"),
        (node("scene"), asset("image/svg+xml", "svg"), "scene.svg"),
        (node("posts", "a"), asset("image/jpeg", "x.post", "x.post"), "posts-a.x.post.jpg"),
        (node("clip"), asset("video/mp4"), "clip.mp4"),
        (node("clip"), asset("video/quicktime"), "clip.mov"),
        (node("scene"), asset("image/png", "2"), "scene.2.png"),
        (node("scene"), asset("image/x-new"), "scene.new"),
    ],
)
def test_a_file_is_named_by_its_step_variant_and_placement(made_by: Node, file: Asset, name: str) -> None:
    assert delivery_name(made_by, file) == name


def test_a_name_that_is_too_long_is_cut_and_keeps_placement_and_suffix() -> None:
    made_by = node("posts", *(f"variant-{number}-of-a-long-name" for number in range(12)))

    (name,) = delivery_names([(made_by, asset("image/jpeg", "x.post", "x.post"))]).values()

    assert len(name.encode()) == MOST_NAME_BYTES
    assert name.startswith("posts-variant-0-of-a-long-name-variant-1")
    assert name.endswith(".x.post.jpg")


def test_no_character_is_cut_in_two() -> None:
    name = fitted("Ü" * 200 + ".png")

    assert len(name.encode()) <= MOST_NAME_BYTES
    assert name.startswith("ÜÜÜ")
    assert "�" not in name


def test_long_names_that_differ_at_their_end_stay_different() -> None:
    files = [(node("s" * 250, f"{number}"), replace(asset(), id=f"a{number}")) for number in range(3)]

    assert len(set(delivery_names(files).values())) == 3


@pytest.mark.parametrize(("one", "other"), [("Beach", "beach"), ("Straße", "STRASSE"), ("é", "e\u0301")])
def test_names_that_some_file_systems_take_for_one_are_told_apart(one: str, other: str) -> None:
    files = [(node("scene", name), replace(asset(), id=f"a{number}")) for number, name in enumerate((one, other))]

    names = list(delivery_names(files).values())

    assert len({folded(name) for name in names}) == 2
    assert all(name.startswith(f"scene-{given}-") for name, given in zip(names, (one, other), strict=True))


def test_equal_files_of_one_name_stay_one_file() -> None:
    files = [(node("scene"), asset()), (replace(node("scene"), id="twin"), asset())]

    assert set(delivery_names(files).values()) == {"scene.png"}


texts = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=300)


@given(st.lists(st.tuples(texts, st.sampled_from("abc")), max_size=30))
def test_names_fit_and_are_different_wherever_files_are(wanted: list[tuple[str, str]]) -> None:
    files = [((str(number), ""), f"{text}.png", content) for number, (text, content) in enumerate(wanted)]

    names = distinct(files)

    assert all(len(name.encode()) <= MOST_NAME_BYTES and name.endswith(".png") for name in names.values())
    for key, name, content in files:
        for other_key, other, other_content in files:
            if (name, content) != (other, other_content):
                assert folded(names[key]) != folded(names[other_key])


def test_the_plan_knows_the_names_before_anything_is_made() -> None:
    picture, posts = MediaInfo(Kind.IMAGE, "image/png", 8, 8), MediaInfo(Kind.IMAGE, "image/jpeg", 8, 8)
    nodes = (
        replace(node("scene"), outputs=(("", picture), ("svg", MediaInfo(Kind.IMAGE, "image/svg+xml")))),
        replace(node("posts", "a"), outputs=(("wall.square", posts),)),
        replace(node("between"), outputs=(("", picture),), deliver=False),
        replace(node("refused"), outputs=(("", picture),), action=Action.BLOCKED),
    )
    plan = Plan("launch", "", "", nodes, totals_of(nodes), (), "", "", {})

    assert planned_names(plan) == {
        ("scene", ""): "scene.png",
        ("scene", "svg"): "scene.svg",
        ("posts", "wall.square"): "posts-a.wall.square.jpg",
    }


def test_a_clip_for_a_placement_is_planned_under_the_name_that_it_is_delivered_under() -> None:
    text = "steps: {film: {uses: image_to_video, with: {image: photo.jpg, duration: 5, placement: instagram.reel}}}"
    plan = plan_of(text)
    made = asset("video/mp4", placement="instagram.reel")

    (planned,) = planned_names(plan).values()

    assert planned == delivery_name(plan.nodes[0], made) == "film.instagram.reel.mp4"


def folded(name: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
