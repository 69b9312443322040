"""Packed campaigns need no folder: with their files in the library they plan as they did beside them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from pressroom.bootstrap import open_context, open_planning
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.operations import OPERATIONS
from pressroom.services.add_media import add_file
from pressroom.services.fetch_inputs import planned_with_inputs
from pressroom.services.pack_campaign import Packed, pack_campaign
from pressroom.services.plan_campaign import Planned, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.settings import Settings, settings_for
from tests.support.media import product

EXAMPLES = Path(__file__).parents[2] / "deployments" / "campaigns"
ME = Principal("default")
EVERYWHERE = """\
name: everywhere
inputs:
  photo: {type: image, default: photo.png}
  more: {type: list, of: image, default: ["shots/*.png", photo.png]}
  all: {type: folder, default: shots}
brand: kit/brand.yaml
deploy:
  inputs: {photo: shots/b.png}
  schedules: [{every: 1d, inputs: {photo: shots/a.png}}]
steps:
  given: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}
  named: {uses: resize, with: {image: photo.png, width: 40, height: 007}}
  each: {uses: resize, for_each: {shot: "{{ inputs.more }}"}, with: {image: "{{ each.shot }}", width: 30, height: 30}}
  rest: {uses: resize, for_each: {shot: "{{ inputs.all }}"}, with: {image: "{{ each.shot }}", width: 20, height: 20}}
  lettered:
    uses: overlay
    feed: rows.csv
    with: {image: photo.png, headline: "{{ each.row.words }}"}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, {}, home=str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shots").mkdir()
    (tmp_path / "kit").mkdir()
    for size, name in ((64, "photo.png"), (50, "shots/a.png"), (52, "shots/b.png"), (48, "kit/logo.png")):
        product(size, size).save(tmp_path / name)
    (tmp_path / "kit" / "brand.yaml").write_text("name: Kit\nlogo: logo.png\n")
    (tmp_path / "rows.csv").write_text("words\nfirst\nsecond\n")
    (tmp_path / "c.yaml").write_text(EVERYWHERE)
    return tmp_path


def packed(file: Path, settings: Settings) -> Packed:
    return pack_campaign(file, OPERATIONS, settings.limits, 100)


def planned(settings: Settings, **request: str) -> Planned:
    return plan_campaign(ME, open_planning(settings), RunRequest(**request))  # type: ignore[arg-type]


def test_every_file_of_a_campaign_is_found_and_what_is_left_names_none(folder: Path, settings: Settings) -> None:
    found = packed(folder / "c.yaml", settings)

    assert {path.relative_to(folder).as_posix() for path in found.files.values()} == {
        *("photo.png", "shots/a.png", "shots/b.png", "kit/logo.png", "rows.csv"),
    }
    assert not any(name in found.text for name in (".png", ".csv", ".yaml", "shots/", "folder"))
    assert packed(folder / "c.yaml", settings).text == found.text


def test_it_plans_without_its_folder_as_beside_it(folder: Path, settings: Settings) -> None:
    before = planned(settings, file=str(folder / "c.yaml"))
    found = packed(folder / "c.yaml", settings)
    for path in found.files.values():
        add_file(ME, open_context(settings), path)
    for name in ("photo.png", "shots", "kit", "rows.csv"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    after = planned(settings, yaml=found.text, label="everywhere")

    assert after.verdict.allowed, after.verdict.problems
    assert [node.key for node in after.plan.nodes] == [node.key for node in before.plan.nodes]
    assert after.loaded.campaign.deploy.inputs["photo"].startswith("asset:")


@pytest.mark.skipif("PRESSROOM_TEST_S3_ENDPOINT" not in os.environ, reason="NO S3 SERVER: run under tests/servers.py")
def test_its_feed_is_fetched_where_the_store_is_no_folder(folder: Path) -> None:
    given = {
        "store": f"s3://feeds-{uuid4().hex[:8]}",
        "store_endpoint": os.environ["PRESSROOM_TEST_S3_ENDPOINT"],
        "store_access_key": os.environ["PRESSROOM_TEST_S3_ACCESS_KEY"],
        "store_secret_key": os.environ["PRESSROOM_TEST_S3_SECRET_KEY"],
    }
    settings = settings_for(folder, {}, home=str(folder / "home"), **given)
    found = packed(folder / "c.yaml", settings)
    for path in found.files.values():
        add_file(ME, open_context(settings), path)

    def plan() -> Planned:
        return planned(settings, yaml=found.text)

    assert not plan().verdict.allowed
    after = planned_with_inputs(ME, lambda: open_context(settings), plan)

    assert after.verdict.allowed, after.verdict.problems
    assert {node.id for node in after.plan.nodes if node.step == "lettered"} == {
        "lettered[row=first]",
        "lettered[row=second]",
    }
    assert plan().verdict.allowed


@pytest.mark.parametrize("name", sorted(path.parent.name for path in EXAMPLES.glob("*/campaign.yaml")))
def test_every_example_packs(name: str, settings: Settings) -> None:
    found = packed(EXAMPLES / name / "campaign.yaml", settings)

    assert {path.parent for path in found.files.values()} <= {EXAMPLES / name}
    assert f"name: {name}" in found.text


def test_a_file_that_is_not_there_and_one_outside_are_refused(folder: Path, settings: Settings) -> None:
    (folder / "photo.png").unlink()
    with pytest.raises(Invalid, match=r"there is no file photo\.png"):
        packed(folder / "c.yaml", settings)

    (folder / "photo.png").symlink_to("/etc/hostname")
    with pytest.raises(Invalid, match="leads out of the campaign's folder"):
        packed(folder / "c.yaml", settings)
