"""One operation over HTTP: priced, made, paid by what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from tests.api.conftest import Caller

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


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"operation": "upscale", "image": "photo.png/.."}, ["image"]),
        ({"operation": "upscale", "image": "/etc/passwd"}, ["image"]),
        ({"operation": "upscail"}, ["operation"]),
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
