"""One operation over HTTP: priced, made, paid by what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from pressroom.services.list_generations import Wanted, list_generations
from pressroom.services.list_runs import list_account_runs
from tests.api.conftest import Caller

ME = Principal("default")
PICTURE = {"media_type": "image", "prompt": "a {{ steel }} kettle", "width": 96, "height": 64}


def test_a_picture_is_made_while_the_caller_waits(ask: Caller) -> None:
    done = ask("POST", "/generations?wait=60", status=200, json=PICTURE)

    assert (done["state"], done["operation"], len(done["assets"])) == ("completed", "generate_image", 2)
    made = ask("GET", f"/assets/{done['assets'][0]}")
    assert (made["width"], made["height"], made["prompt"]) == (96, 64, PICTURE["prompt"])
    assert ask("GET", f"/generations/{done['id']}") == done


def test_asking_again_makes_another_one_unless_a_seed_says_which(ask: Caller) -> None:
    one, other = (ask("POST", "/generations?wait=60", json=PICTURE)["assets"] for _ in range(2))
    same, again = (ask("POST", "/generations?wait=60", json={**PICTURE, "seed": 7})["assets"] for _ in range(2))

    assert not set(one) & set(other)
    assert same == again


def test_an_estimate_says_what_the_button_costs_and_writes_nothing(ask: Caller, photo: Path) -> None:
    image = add_file(Principal("default"), ask.context, photo).id
    wanted = {
        "operation": "upscale",
        "model": "simulated/enlarge",
        "image": image,
        "parameters": {"scale": 2},
        "count": 3,
    }
    runs = ask("GET", "/runs")

    found = ask("POST", "/estimates", json={"generation": wanted})
    poor = ask("POST", "/estimates", json={"generation": {**wanted, "max_credits": 5}})

    assert (found["allowed"], found["credits_bound"], found["made"]) == (True, 6, 3)
    assert found["balance_after"] == found["balance"] - 6
    assert {node["model"] for node in found["nodes"]} == {"enlarge"}
    assert (poor["allowed"], [problem["code"] for problem in poor["problems"]]) == (False, ["budget_credits"])
    assert ask("GET", "/runs") == runs
    assert ask("POST", "/generations", status=402, json={**wanted, "max_credits": 5})["code"] == "budget_credits"


def test_a_seed_that_nobody_asked_for_keeps_no_model_from_making_it(ask: Caller, photo: Path) -> None:
    """The free models of these take none."""
    photo_id = add_file(Principal("default"), ask.context, photo).id
    for wanted in ({"operation": "upscale"}, {"operation": "image_to_video", "duration": 1}):
        asked = {**wanted, "image": photo_id}

        free = ask("POST", "/estimates", json={"generation": asked})
        seeded = ask("POST", "/estimates", json={"generation": {**asked, "seed": 7}})

        assert (free["allowed"], free["credits_bound"]) == (True, 0), free["problems"]
        assert "takes no seed" in seeded["problems"][0]["message"]
        assert ask("POST", "/generations", status=422, json={**asked, "seed": 7})["detail"].count("make") == 1


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"operation": "upscale", "image": "photo.png/.."}, ["image"]),
        ({"operation": "upscale", "image": "/etc/passwd"}, ["image"]),
        ({"operation": "upscail"}, ["operation"]),
        ({"template": "blog-visuals", "prompt": "x"}, ["prompt"]),
        ({"template": "poster_rings", "parameters": {"style": "poster"}}, ["style"]),
        ({"media_type": "image", "prompt": "x", "collection": "{{ inputs.x }}"}, ["collection"]),
        ({"operation": "resize", "image": "x", "quality": 101, "width": 9, "height": 9}, ["quality"]),
        ({"operation": "generate_image", "prompt": "x", "width": 10**9}, ["width"]),
        ({"operation": "generate_image", "prompt": "x", "parameters": {"widht": 3}}, ["widht"]),
        ({"operation": "generate_image", "prompt": "x", "parameters": {"prompt": "y"}}, ["prompt"]),
    ],
)
def test_what_is_wrong_is_told_at_its_field(ask: Caller, wrong: dict[str, object], path: list[str]) -> None:
    for route, body in (("/generations", wrong), ("/estimates", {"generation": wrong})):
        answer = ask("POST", route, status=422, json=body)
        assert answer["problems"][0]["path"] == path, answer
        assert "generate_image.yaml" not in answer["problems"][0]["file"]


def test_a_design_draws_and_a_campaign_runs_with_what_is_given(ask: Caller) -> None:
    known = {each["name"]: each for each in ask("GET", "/templates")}
    design = next(each for each in known.values() if each["kind"] == "design" and each["group"] == "gradient")
    takes = ask("GET", "/templates/social-post")["parameters"]["properties"]

    drawn = ask(
        "POST", "/generations?wait=60", json={"template": design["name"], "prompt": "x", "width": 64, "height": 64}
    )
    planned = ask(
        "POST",
        "/estimates",
        json={"generation": {"template": "social-post", "parameters": {"headline": "We are open", "takes": 1}}},
    )

    assert ask("GET", f"/assets/{drawn['assets'][0]}")["details"]["template"] == design["name"]
    assert (takes["takes"]["maximum"], known["social-post"]["kind"]) == (8, "campaign")
    assert (planned["allowed"], planned["made"], planned["credits_bound"]) == (True, 6, 0)
    assert "catalogue" not in known  # it takes a feed and a brand file of its folder
    assert ask("GET", "/templates/social-pots", status=404)["hint"] == "did you mean 'social-post'?"
    assert ask("POST", "/generations", status=404, json={"template": "none"})["code"] == "not_found"
    wrong = {"template": "social-post", "parameters": {"headlin": "x"}}
    assert ask("POST", "/generations", status=422, json=wrong)["problems"][0]["code"] == "unknown_input"


def test_what_is_made_lies_where_it_was_asked_for_in_the_brands_colours(ask: Caller, photo: Path) -> None:
    logo = add_file(Principal("default"), ask.context, photo).id
    brand = {"name": "Kettle & Co", "colors": {"primary": "#102030"}, "logo": logo}
    wanted = {**PICTURE, "seed": 3, "brand": brand, "collection": "Kettles", "tags": ["launch", 7]}

    done = [ask("POST", "/generations?wait=60", status=200, json=wanted) for _ in range(2)]

    shelf = [each["id"] for each in ask("GET", "/collections/Kettles")["items"]]
    assert sorted(shelf) == sorted(done[0]["assets"]) == sorted(done[1]["assets"])
    assert {"launch", "7"} <= set(ask("GET", f"/assets/{shelf[0]}")["tags"])


def test_what_the_library_had_is_tagged_and_put_where_it_was_asked_for(ask: Caller) -> None:
    plain = ask("POST", "/generations?wait=60", json={**PICTURE, "seed": 11})

    again = ask("POST", "/generations?wait=60", json={**PICTURE, "seed": 11, "tags": ["later"], "collection": "Later"})

    assert again["assets"] == plain["assets"]
    assert "later" in ask("GET", f"/assets/{plain['assets'][0]}")["tags"]
    assert len(ask("GET", "/collections/Later")["items"]) == len(plain["assets"])


def test_generations_are_filtered_before_they_are_counted_off(ask: Caller, ask_as_bob: Caller, photo: Path) -> None:
    image = add_file(Principal("default"), ask.context, photo).id
    small = {"operation": "resize", "image": image, "height": 20}
    resized = [ask("POST", "/generations?wait=60", json={**small, "width": width})["id"] for width in (30, 31, 32)]
    ask("POST", "/generations?wait=60", json={**PICTURE, "seed": 1})
    who = ask.secret()[:12]

    first = ask("GET", "/generations?operation=resize&limit=2")
    rest = ask("GET", f"/generations?operation=resize&limit=2&cursor={first['next_cursor']}")

    assert [each["id"] for each in (*first["items"], *rest["items"])] == resized[::-1]
    assert rest["next_cursor"] is None
    for filters, count in {
        "state=completed": 3,
        "state=queued": 0,
        "state=failed": 0,
        f"user={who}": 3,
        "user=nobody": 0,
        "model=local/renditions": 3,
        "model=local/other": 0,
        "from=2026-01-01": 3,
        "to=2026-01-01": 0,
    }.items():
        found = ask("GET", f"/generations?operation=resize&{filters}")["items"]
        assert len(found) == count, filters
    assert ask_as_bob("GET", "/generations")["items"] == []
    assert ask("GET", "/generations?state=done", status=422)["problems"][0]["path"] == ["state"]
    assert {each["operation"] for each in ask("GET", "/generations")["items"]} == {"generate_image", "resize"}
    one, all_of_them = (statements(lambda n=n: list_generations(ME, ask.context, Wanted(), limit=n)) for n in (1, 100))
    assert one == all_of_them, "each item is read with the others"
    one, all_of_them = (statements(lambda n=n: list_account_runs(ME, ask.context, limit=n)) for n in (1, 100))
    assert one == all_of_them


def statements(work: Callable[[], object]) -> int:
    """How many this thread sends to the database meanwhile."""
    sent, here = [], threading.get_ident()

    def noted(*given: Any) -> None:
        if threading.get_ident() == here:
            sent.append(given[2])

    event.listen(Engine, "before_cursor_execute", noted)
    try:
        assert work()
    finally:
        event.remove(Engine, "before_cursor_execute", noted)
    return len(sent)
