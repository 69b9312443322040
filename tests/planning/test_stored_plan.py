"""A run's row keeps its plan so that any process can run any of its nodes."""

from __future__ import annotations

import json
from dataclasses import fields, replace

from PIL import Image

from pressroom.domain.errors import Problem
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.meter import Meter
from pressroom.planning.plan import Action, Alternative, FileSource, Node, NodeSource, Plan, Quote
from pressroom.planning.stored_plan import dump_plan, keep_plan, load_plan, read_plan
from tests.support.studio import Studio

EARLIER = {
    "code": "feed",
    "message": "row 2 is wrong",
    "hint": "",
    "file": "rows.csv",
    "line": 3,
    "column": 1,
    "step": "",
    "fatal": False,
}
EVERYTHING = """
name: everything
title: All of it
brand: {name: Acme, colors: {primary: "#ff0000"}, logo: logo.png}
steps:
  scene:
    uses: draw
    model: simulated/metered
    for_each: {place: [beach, "Übersee"]}
    count: 2
    title: A scene
    tags: [sea, summer]
    with: {prompt: "{{ each.place }} {{ each.take }}", files: 2}
  twin: {uses: draw, for_each: {row: [a, b]}}
  dusk: {uses: tint, deliver: true, with: {image: photo.png}}
  posts: {uses: press, with: {image: "{{ steps.scene }}", placements: [wall.square, wall.banner]}}
"""


def everything(studio: Studio, **options: object) -> Plan:
    for name in ("logo.png", "photo.png"):
        Image.new("RGB", (20, 10), "red").save(studio.home / name)
    return studio.plan(EVERYTHING, **options)  # type: ignore[arg-type]


def test_a_plan_comes_back_node_for_node(studio: Studio) -> None:
    plan = everything(studio)

    stored = read_plan(dump_plan(plan))

    assert stored == plan
    assert [node.upstream for node in stored.nodes] == [node.upstream for node in plan.nodes]
    assert len({node.twin_of for node in plan.nodes}) == 2


def test_what_is_made_again_is_still_made_again(studio: Studio) -> None:
    studio.walk(studio.begin(everything(studio)))

    plan = everything(studio, refresh=["dusk"])

    assert [node.id for node in read_plan(dump_plan(plan)).nodes if node.renew] == ["dusk"]


def test_dumping_what_was_loaded_gives_the_same_text(studio: Studio) -> None:
    plan = everything(studio)

    text = dump_plan(plan)

    assert json.loads(text)["nodes"][0]["id"] == plan.nodes[0].id
    assert dump_plan(everything(studio)) == text


def test_nodes_that_cannot_be_made_come_back_blocked(studio: Studio) -> None:
    (studio.home / "rows.csv").write_text("width\n12\n-1\n")
    text = 'name: rows\nsteps:\n  scene: {uses: draw, feed: rows.csv, with: {width: "{{ each.row.width }}"}}\n'
    plan = studio.plan(text, feeds={"row": "rows.csv"})

    stored = read_plan(dump_plan(plan))

    assert stored == plan
    assert [node.action.value for node in stored.nodes] == ["create", "blocked"]
    assert stored.problems == plan.problems != ()


QUOTE = Quote(1, 2, 3, 4, 5.5, Meter("second", 10, 20, 30, 40, 0.5))
PICTURE = MediaInfo(Kind.IMAGE, "image/png", 20, 10, has_alpha=True)
FULL = Node(
    id="scene[place=beach]",
    step="scene",
    variant=(("place", "beach"),),
    operation="draw",
    version=3,
    family="image",
    makes=Kind.IMAGE,
    provider="simulated",
    model="metered",
    params={"prompt": "a beach", "files": 2},
    inputs={"image": FileSource("a.png", "0" * 64, PICTURE, "asset-1"), "mask": NodeSource("cut", "k", PICTURE)},
    key="1" * 64,
    action=Action.ADOPT,
    quote=QUOTE,
    outputs=(("", PICTURE), ("wall.square", MediaInfo(Kind.VIDEO, "video/mp4", 20, 10, 2.5))),
    units={"image": 2.0},
    prompt="a beach",
    words={"title": "A beach", "tags": ["sea"]},
    deliver=False,
    renew=True,
    twin_of="scene[place=sea]",
    line=7,
    alternatives=(Alternative("local", "draw", QUOTE),),
    why="the best of its tier",
    facts={"resolution": "720p"},
    placement="wall.square",
    asks="choice",
)


def test_every_field_of_a_node_is_kept(studio: Studio) -> None:
    as_they_start = {
        field.name
        for field in fields(Node)
        if field.default == (value := getattr(FULL, field.name)) or value in ({}, ())
    }

    (stored,) = read_plan(dump_plan(replace(everything(studio), nodes=(FULL,)))).nodes

    assert as_they_start == set(), "give these a value, so that losing them is seen"
    assert stored == FULL
    assert [type(getattr(stored, field.name)) for field in fields(Node)] == [
        type(getattr(FULL, field.name)) for field in fields(Node)
    ]


def test_problems_keep_their_paths(studio: Studio) -> None:
    lost = Problem("x", "wrong", path=("steps", "posts", "with", "placements", 0), on_key=True)
    plan = replace(everything(studio), problems=(lost,))

    assert read_plan(dump_plan(plan)) == plan


def test_a_row_of_an_earlier_version_that_kept_less_is_read(studio: Studio) -> None:
    plan = everything(studio)
    kept = json.loads(dump_plan(plan)) | {"places": {"scene": [4, 3]}, "problems": [EARLIER]}
    for node in kept["nodes"]:
        del node["why"], node["facts"], node["alternatives"]
    for name in ("file", "catalog_version", "files", "budget_credits", "budget_usd"):
        del kept[name]

    stored = read_plan(json.dumps(kept))

    nodes = tuple(replace(node, why="", facts={}, alternatives=()) for node in plan.nodes)
    assert (stored.nodes, stored.totals, stored.hash) == (nodes, plan.totals, plan.hash)
    assert stored.problems == (Problem("feed", "row 2 is wrong", "", "rows.csv", 3, 1, "", fatal=False),)


def test_a_plan_that_was_kept_is_not_read_again(studio: Studio) -> None:
    plan = everything(studio)

    text = keep_plan(plan)

    assert text == dump_plan(plan)
    assert load_plan(text) is plan
    assert load_plan(text + " ") == plan  # another text is read
