"""A run's row keeps its plan so that any process can run any of its nodes."""

from __future__ import annotations

import json

from PIL import Image

from pressroom.planning.plan import Plan
from pressroom.planning.stored_plan import dump_plan, load_plan
from tests.support.studio import Studio

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

    stored = load_plan(dump_plan(plan))

    assert stored == plan
    assert [node.upstream for node in stored.nodes] == [node.upstream for node in plan.nodes]
    assert len({node.twin_of for node in plan.nodes}) == 2


def test_what_is_made_again_is_still_made_again(studio: Studio) -> None:
    studio.walk(studio.begin(everything(studio)))

    plan = everything(studio, refresh=["dusk"])

    assert [node.id for node in load_plan(dump_plan(plan)).nodes if node.renew] == ["dusk"]


def test_dumping_what_was_loaded_gives_the_same_text(studio: Studio) -> None:
    plan = everything(studio)

    text = dump_plan(plan)

    assert json.loads(text)["nodes"][0]["id"] == plan.nodes[0].id
    assert dump_plan(everything(studio)) == text


def test_nodes_that_cannot_be_made_come_back_blocked(studio: Studio) -> None:
    (studio.home / "rows.csv").write_text("width\n12\n-1\n")
    text = 'name: rows\nsteps:\n  scene: {uses: draw, feed: rows.csv, with: {width: "{{ each.row.width }}"}}\n'
    plan = studio.plan(text, feeds={"row": "rows.csv"})

    stored = load_plan(dump_plan(plan))

    assert stored == plan
    assert [node.action.value for node in stored.nodes] == ["create", "blocked"]
    assert stored.problems == plan.problems != ()


def test_a_row_of_an_earlier_version_that_kept_less_is_read(studio: Studio) -> None:
    plan = everything(studio)
    kept = json.loads(dump_plan(plan))
    for name in ("file", "catalog_version", "files", "budget_credits", "budget_usd", "places"):
        del kept[name]

    stored = load_plan(json.dumps(kept))

    assert (stored.nodes, stored.totals, stored.hash) == (plan.nodes, plan.totals, plan.hash)
