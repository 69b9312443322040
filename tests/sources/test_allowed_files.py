"""Paths of the server that callers may name: none, unless a folder was opened for it, and then nothing outside of that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pressroom.api.backend import open_backend
from pressroom.domain.identity import Principal
from pressroom.services.accounts import open_account
from pressroom.services.tokens import create_token
from pressroom.serving.app import create_app
from tests.support.desks import set_up
from tests.support.media import product

CAMPAIGN = """\
pressroom: 1
name: small
inputs:
  photo: {type: image}
steps:
  thumb:
    uses: resize
    with: {image: "{{ inputs.photo }}", width: 20, height: 20}
"""
Estimate = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a photo, one in a folder of it, and links: inside, outside, and to a folder outside."""
    root = tmp_path_factory.mktemp("paths")
    (root / "open" / "more").mkdir(parents=True)
    (root / "shut").mkdir()
    for path in ("open/a.png", "open/more/b.png", "shut/c.png"):
        product(40, 30).save(root / path)
    (root / "open" / "in.png").symlink_to("a.png")
    (root / "open" / "out.png").symlink_to(root / "shut" / "c.png")
    (root / "open" / "way").symlink_to(root / "shut")
    return root / "open"


@pytest.fixture(scope="module")
def estimates(opened: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Estimate]:
    """With the folder open, and with none."""
    settings = set_up(tmp_path_factory.mktemp("home")).settings
    backends = {allowed: open_backend(settings, (opened.resolve(),) if allowed else ()) for allowed in (True, False)}
    context = backends[True].context
    open_account(Principal("default"), context)
    secret = create_token(Principal("default"), context, "t", scopes=("runs:read", "runs:write", "assets:read")).secret

    def estimate(client: TestClient) -> Estimate:
        headers = {"Authorization": f"Bearer {secret}"}
        return lambda body: client.post("/api/v1/estimates", json=body, headers=headers)

    return {allowed: estimate(TestClient(create_app(each))) for allowed, each in backends.items()}


def resized(path: str) -> dict[str, Any]:
    return {"generation": {"operation": "resize", "image": path, "width": 20, "height": 20}}


@pytest.mark.parametrize("name", ["a.png", "more/b.png", "in.png", "{open}/a.png", "{open}/more/b.png"])
def test_a_file_in_an_open_folder_may_be_named(estimates: dict[bool, Estimate], opened: Path, name: str) -> None:
    path = name.replace("{open}", str(opened))
    campaign = {"campaign": {"yaml": CAMPAIGN, "inputs": {"photo": path}}}

    for body in (resized(path), campaign):
        found = estimates[True](body).json()
        assert (found["allowed"], found["problems"]) == (True, [])


@pytest.mark.parametrize(
    "name",
    [
        "out.png",
        "way/c.png",
        "../shut/c.png",
        "more/../../shut/c.png",
        "{open}/../shut/c.png",
        "{open}/more/../a.png",
        "{shut}/c.png",
        "/etc/hostname",
        "~/a.png",
        "none.png",
        "more",
    ],
)
def test_nothing_outside_of_it_may_be_named_and_nothing_without_it(
    estimates: dict[bool, Estimate], opened: Path, name: str
) -> None:
    path = name.replace("{open}", str(opened)).replace("{shut}", str(opened.parent / "shut"))

    for body in (resized(path), {"campaign": {"yaml": CAMPAIGN, "inputs": {"photo": path}}}):
        for allowed in (True, False):
            answer = estimates[allowed](body)
            told = answer.json()
            assert answer.status_code == 422 or not told["allowed"], (allowed, body)
            assert told["problems"], (allowed, body)
            assert str(opened.parent / "shut") not in str(told).replace(path, "")


def test_a_run_takes_the_file_into_the_library(opened: Path, tmp_path: Path) -> None:
    settings = set_up(tmp_path).settings
    backend = open_backend(settings, (opened.resolve(),))
    open_account(Principal("default"), backend.context)
    secret = create_token(Principal("default"), backend.context, "t", scopes=("runs:write", "assets:read")).secret
    with TestClient(create_app(backend)) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        wanted = resized("a.png")["generation"]
        done = client.post("/api/v1/generations?wait=60", json=wanted, headers=headers).json()
        refused = client.post("/api/v1/generations", json={**wanted, "image": "out.png"}, headers=headers)
        lineage = client.get(f"/api/v1/assets/{done['assets'][0]}/lineage", headers=headers).json()

    assert (done["state"], [each["filename"] for each in lineage["made_from"]]) == ("completed", ["a.png"])
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, ["image"])
