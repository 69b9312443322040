"""What Python takes for JSON and nobody else does is refused at its place, whatever route it is sent to."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.api.sound import unsound
from pressroom.domain.identity import Principal
from pressroom.services.add_media import add_file
from tests.api.conftest import Caller
from tests.api.test_asking import example, routes


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("\ud83d\ude00 are two halves, and not one", [()]),
        ("😀", []),
        ("half \ud83d", [()]),
        ({"a": ["x", "\udc00"], "b": float("nan")}, [("a", 1), ("b",)]),
        ({"\ud800": 1, "c": float("-inf")}, [(), ("c",)]),
        ([1.5, 2**70, None, True, ""], []),
        (["a\0b", {"\0": 1}], [(0,), (1,)]),
    ],
)
def test_each_place_is_found(value: Any, places: list[tuple[str | int, ...]]) -> None:
    assert sorted(map(str, (place for place, _ in unsound(value)))) == sorted(map(str, places))


def test_a_body_that_is_nested_deeply_is_looked_at_too() -> None:
    value: Any = "\ud800"
    for _ in range(50_000):
        value = [value]

    assert len(list(unsound(value))) == 1


@pytest.mark.parametrize(
    ("field", "sent", "path"),
    [
        ("title", '"half \\ud83d"', ["body", "title"]),
        ("seo_keywords", '["ok", "\\udfff"]', ["body", "seo_keywords", 1]),
        ("alt_text", '"\\u0000"', ["body", "alt_text"]),
        ("metadata", '{"a": [NaN]}', ["body", "metadata", "a", 0]),
        ("metadata", '{"a": 1e999}', ["body", "metadata", "a"]),
        ("metadata", '{"\\ud800": 1}', ["body", "metadata"]),
    ],
)
def test_words_that_nothing_can_store_are_refused_where_they_stand(
    ask: Caller, client: TestClient, photo: Any, field: str, sent: str, path: list[str | int]
) -> None:
    asset = add_file(Principal("default"), ask.context, photo).id
    headers = {**ask.headers, "Content-Type": "application/json"}

    body = f'{{"ids": ["{asset}"], "{field}": {sent}}}'
    answer = client.post("/api/v1/assets/edit", content=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "request"), answer.text
    assert [problem["path"] for problem in answer.json()["problems"]] == [path]


def test_a_number_as_a_tag_is_text(ask: Caller, photo: Any) -> None:
    asset = add_file(Principal("default"), ask.context, photo).id

    ask("POST", "/assets/tag", json={"ids": [asset], "tags": [2026, "spring"]})

    assert {"2026", "spring"} <= set(ask("GET", f"/assets/{asset}")["tags"])


@pytest.mark.parametrize(
    ("kind", "body"), [("application/json", b""), ("text/json", b"{"), ("application/json", b"[" * 9_000)]
)
def test_what_is_no_json_at_all_is_told_by_the_route(ask: Caller, client: TestClient, kind: str, body: bytes) -> None:
    answer = client.post("/api/v1/assets/edit", content=body, headers={**ask.headers, "Content-Type": kind})

    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "where"),
    [
        ("GET", "/assets?collection=a%00b", ["query", "collection"]),
        ("GET", "/assets/%00", ["path", "asset_id"]),
        ("POST", "/runs/%00/cancel", ["path", "run_id"]),
    ],
)
def test_an_address_that_no_database_can_look_for_is_refused(
    ask: Caller, method: str, path: str, where: list[str]
) -> None:
    assert [problem["path"] for problem in ask(method, path, status=422)["problems"]] == [where]


def test_a_page_says_so_too(client: TestClient) -> None:
    asked = client.get("/library?q=a%00b", headers={"Accept": "text/html"})
    sent = client.post("/login", data={"email": "a\0", "password": "x"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert (asked.status_code, sent.status_code) == (422, 422)


def test_no_number_is_a_flag_wherever_one_is_asked_for(app: FastAPI, ask: Caller) -> None:
    schemas = app.openapi()["components"]["schemas"]
    tried = 0
    for method, path, told in routes(app):
        schema = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        fields = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
        for name, field in fields.items():
            if "boolean" in {field.get("type"), *(each.get("type") for each in field.get("anyOf", ()))}:
                answer = ask(method, example(path).removeprefix("/api/v1"), status=422, json={name: 0})
                assert [name, "write true or false"] in [
                    [each["path"][-1], each["message"].rpartition(": ")[2]] for each in answer["problems"]
                ], (method, path)
                tried += 1

    assert tried > 10


def test_one_value_that_is_given_as_several_is_refused_wherever_it_is_one(ask: Caller, client: TestClient) -> None:
    """As lists of the document may be: an address that says which of two limits is meant says it by chance."""
    document = client.get("/api/v1/openapi.json").json()
    tried = []
    for path, methods in document["paths"].items():
        for each in methods.get("get", {}).get("parameters", ()):
            if each["in"] == "query" and "{" not in path:
                tried.append((path, each["name"], each["schema"].get("type") == "array"))
                twice = client.get(path, params={each["name"]: ["1", "1"]}, headers=ask.headers)
                refused = twice.status_code == 422 and "more than once" in twice.text
                assert refused is not tried[-1][2], (tried[-1], twice.text)
    assert {is_list for _, _, is_list in tried} == {True, False}
