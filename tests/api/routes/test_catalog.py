"""The catalog over HTTP."""

from __future__ import annotations

from tests.api.conftest import Caller


def test_the_catalog_tells_what_can_be_made(ask: Caller) -> None:
    operations = {row["name"]: row for row in ask("GET", "/operations")}

    assert operations["resize"]["parameters"]["properties"]["width"]
    assert ask("GET", "/operations/resize") == operations["resize"]
    assert "did you mean 'resize'" in ask("GET", "/operations/resise", status=404)["hint"]
    assert {row["operation"] for row in ask("GET", "/models?q=upscale")} == {"upscale"}
    assert all("instagram" in row["name"] for row in ask("GET", "/placements?q=instagram"))
