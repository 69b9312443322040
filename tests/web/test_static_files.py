"""What was vendored is what was published, and browsers may keep every file for ever."""

from __future__ import annotations

import hashlib
import json

from pressroom.web.static_files import FOLDER
from tests.support.web_server import Served

MANIFEST = json.loads((FOLDER / "manifest.json").read_text())


def test_each_vendored_file_is_that_of_its_source() -> None:
    for row in MANIFEST:
        assert hashlib.sha256((FOLDER / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert row["version"] in row["file"]
        assert "hereby granted" in (FOLDER / row["licence"]).read_text()


def test_nothing_else_is_minified_or_asks_for_a_source_map() -> None:
    minified = {path.name for path in FOLDER.iterdir() if ".min." in path.name}

    assert minified == {row["file"] for row in MANIFEST}
    assert [path.name for path in FOLDER.iterdir() if b"sourceMappingURL" in path.read_bytes()] == []


def test_a_file_is_served_under_the_hash_of_its_bytes_for_ever(open_house: Served) -> None:
    with open_house.client() as client:
        html = client.get("/login").text
        address = html.split('rel="stylesheet" href="')[1].split('"')[0]
        style = client.get(address)
        other = client.get("/static/style.000000000000.css")

    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(style.content).hexdigest().startswith(address.split(".")[1])
    assert other.status_code == 404
