"""A run's files as objects of a real MinIO: whole, with addresses that open, one folder for each run."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import secrets
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from minio import Minio

from pressroom.bootstrap import open_files, open_folder, open_store
from pressroom.database.engine import Database
from pressroom.delivery.place import BucketPlace
from pressroom.reporting.model import RunReport
from pressroom.reporting.summary import summary_of
from pressroom.services.deliver_run import CONTACT_SHEET, deliver_run, publish
from pressroom.services.settle_run import settle_run
from tests.support.desks import Desk
from tests.support.studio import Studio, open_studio

ENDPOINT = os.environ.get("PRESSROOM_TEST_S3_ENDPOINT", "")
ACCESS_KEY = os.environ.get("PRESSROOM_TEST_S3_ACCESS_KEY", "")
SECRET_KEY = os.environ.get("PRESSROOM_TEST_S3_SECRET_KEY", "")
pytestmark = pytest.mark.skipif(
    not ENDPOINT,
    reason="NO S3 SERVER: PRESSROOM_TEST_S3_ENDPOINT is not set; run the tests under `python tests/servers.py`",
)
WALLS = """
name: walls
steps:
  scene: {uses: draw, for_each: {place: [beach, forest]}, with: {prompt: "{{ each.place }}", width: 48, height: 32}}
  posts: {uses: press, with: {image: "{{ steps.scene }}", placements: [wall.square]}}
"""
FILES = {"posts-beach.wall.square.jpg", "posts-forest.wall.square.jpg"}


@pytest.fixture
def bucket() -> Iterator[str]:
    """A bucket of this test's own."""
    name, client = f"pressroom-{secrets.token_hex(8)}", client_of()
    client.make_bucket(name)
    yield name
    for each in client.list_objects(name, recursive=True):
        client.remove_object(name, str(each.object_name))
    client.remove_bucket(name)


@pytest.fixture(params=["folder", "bucket"])
def studio(request: pytest.FixtureRequest, bucket: str, sqlite_url: str, tmp_path: Path) -> Iterator[Studio]:
    """A studio whose media are in a folder, or in the bucket that its deliveries go to."""
    variables = {"store_endpoint": ENDPOINT, "store_access_key": ACCESS_KEY, "store_secret_key": SECRET_KEY}
    if request.param == "bucket":
        variables["store"] = f"s3://{bucket}"
    with Database.open(sqlite_url) as database:
        opened = open_studio(tmp_path / "home", database, sqlite_url, **variables)
        store = open_store(opened.context.settings) if request.param == "bucket" else open_folder(tmp_path / "media")
        yield replace(opened, context=replace(opened.context, store=store))


def client_of() -> Minio:
    return Minio(ENDPOINT.split("//")[1], ACCESS_KEY, SECRET_KEY, secure=False)


def published(studio: Studio, bucket: str, text: str = WALLS) -> RunReport:
    plan = studio.plan(text)
    run = studio.begin(plan, out_dir=f"s3://{bucket}/shop/{plan.campaign}")
    studio.walk(run)
    return publish(studio.context, plan, settle_run(studio.context, run.id))


def keys(bucket: str, prefix: str) -> set[str]:
    found = client_of().list_objects(bucket, prefix=f"{prefix}/", recursive=True)
    return {str(each.object_name).removeprefix(f"{prefix}/") for each in found}


def opened(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return bytes(answer.read())


def test_files_and_sheet_are_objects_whose_addresses_open(studio: Studio, bucket: str) -> None:
    report = published(studio, bucket)
    summary = summary_of(report)

    assert summary["out"] == f"s3://{bucket}/shop/walls/{report.run_id}"
    assert keys(bucket, f"shop/walls/{report.run_id}") == {*FILES, CONTACT_SHEET, ".pressroom.json"}
    files = [asset for node in summary["nodes"] for asset in node["assets"] if asset["delivered"]]
    assert {asset["path"].rpartition("/")[2] for asset in files} == FILES
    for asset in files:
        assert hashlib.sha256(opened(asset["url"])).hexdigest() == asset["sha256"]
    assert client_of().stat_object(bucket, f"shop/walls/{report.run_id}/{min(FILES)}").content_type == "image/jpeg"
    page = opened(summary["report_url"]).decode()
    assert page.startswith("<!doctype html")
    shown = {html.unescape(link) for link in re.findall(r'data-full="([^"]+)"', page)}
    assert shown == {asset["url"] for asset in files}
    assert f"img-src data: 'self' file: {ENDPOINT};" in html.unescape(page)
    assert str(studio.home) not in json.dumps(summary["out"]) + summary["report"]


def test_each_run_has_its_own_folder_and_the_newest_is_told(studio: Studio, bucket: str) -> None:
    first = published(studio, bucket)
    second = published(studio, bucket, WALLS.replace("[beach, forest]", "[beach]"))

    assert keys(bucket, f"shop/walls/{first.run_id}") >= FILES
    latest = json.loads(opened(latest_link(studio, bucket)))
    assert latest["run"] == second.run_id
    assert opened(first.delivery.link) != opened(second.delivery.link)


def latest_link(studio: Studio, bucket: str) -> str:
    return studio.context.open_files(bucket).link("shop/walls/latest.json", 60)


def test_a_run_that_is_delivered_again_leaves_nothing_else_in_its_folder(studio: Studio, bucket: str) -> None:
    report = published(studio, bucket)
    prefix = f"shop/walls/{report.run_id}"
    client_of().remove_object(bucket, f"{prefix}/{min(FILES)}")
    files = open_files(studio.context.settings, bucket)
    manifest = json.loads(files.read(f"{prefix}/.pressroom.json") or b"")
    manifest["files"]["older.jpg"] = "0" * 64
    files.put(f"{prefix}/.pressroom.json", json.dumps(manifest).encode(), "application/json")
    files.put(f"{prefix}/older.jpg", b"of an older version", "image/jpeg")

    again = deliver_run(studio.principal, studio.context, report.run_id)
    elsewhere = deliver_run(studio.principal, studio.context, report.run_id, BucketPlace(bucket, "other"))

    assert keys(bucket, prefix) == {*FILES, CONTACT_SHEET, ".pressroom.json"}
    assert again.delivery.folder == report.delivery.folder
    assert elsewhere.delivery.folder == f"s3://{bucket}/other/walls/{report.run_id}"
    assert keys(bucket, f"other/walls/{report.run_id}") >= FILES


def test_a_bucket_that_is_not_there_is_told_after_the_run_and_mended_later(studio: Studio, bucket: str) -> None:
    report = published(studio, f"{bucket}-none")
    summary = summary_of(report)

    assert (summary["delivered"], summary["report_url"], report.state) == (False, None, "completed")
    assert "NoSuchBucket" in summary["problems"][0]["message"]
    mended = deliver_run(studio.principal, studio.context, report.run_id, BucketPlace(bucket, "shop"))
    assert keys(bucket, f"shop/walls/{mended.run_id}") >= FILES


def test_a_public_address_takes_the_place_of_signed_links(studio: Studio, bucket: str) -> None:
    settings = studio.context.settings.model_copy(update={"public_media_url": "https://cdn.example.com/media"})
    public = replace(studio, context=replace(studio.context, settings=settings))

    report = published(public, bucket)

    assert report.delivery.link == f"https://cdn.example.com/media/shop/walls/{report.run_id}/{CONTACT_SHEET}"
    assert all(link.startswith("https://cdn.example.com/media/shop/walls/") for link in report.delivery.links.values())


def test_a_run_of_the_flow_delivers_into_a_bucket_and_shows_its_sheet(desk: Desk, bucket: str) -> None:
    variables: dict[str, Any] = {
        "PRESSROOM_STORE_ENDPOINT": ENDPOINT,
        "PRESSROOM_STORE_ACCESS_KEY": ACCESS_KEY,
        "PRESSROOM_STORE_SECRET_KEY": SECRET_KEY,
    }
    refused = desk.pressroom("run", desk.campaign, "--out", f"s3://{bucket}/shop", "--json")

    done = desk.pressroom("run", desk.campaign, "--out", f"s3://{bucket}/shop", "--json", **variables)

    assert (refused.code, refused.json["problems"][0]["code"]) == (3, "delivery")
    assert done.code == 0, done.err
    assert opened(done.json["report_url"]).startswith(b"<!doctype html")
    assert done.json["report_url"] in done.err
    assert not (desk.folder / "out").exists()
