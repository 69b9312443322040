"""Lists come in pages with their count, all in one form; what is filed while somebody pages is neither lost nor repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from pressroom.api.lists import page, page_of
from pressroom.database.counting import MOST_COUNTED, Count, counted
from pressroom.database.engine import Database
from pressroom.database.schema import op
from pressroom.domain.errors import Invalid
from pressroom.ledger import ensure_account
from pressroom.ledger.statements import count_lines
from tests.api.conftest import Caller
from tests.api.test_asking import routes

# The same for all accounts, and told whole: documents of the catalog. A plan is one document too, and agents ask for so many.
WHOLE = {
    "/providers",
    "/operations",
    "/templates",
    "/models",
    "/placements",
    "/pricing",
    "/runs/{run_id}/plan",
    "/agents/search",
}
PAGED = {"items", "next_cursor", "count", "count_is_capped"}
Next = Callable[[list[str], str], dict[str, Any]]


def test_every_list_of_an_account_has_the_same_form_and_can_be_paged(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    whole, paged = set(), set()
    for method, path, told in routes(app):
        schema = told["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        found = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        if method == "GET" and found.get("type") == "array":
            whole.add(path.removeprefix("/api/v1"))
        if method == "GET" and "items" in found.get("properties", {}) and path != "/api/v1/usage":  # a report
            paged.add(path)
            assert found["properties"].keys() >= PAGED, path
            assert {*found["required"]} >= PAGED, path
            assert {"limit", "cursor"} <= {each["name"] for each in told["parameters"]}, path

    assert whole == WHOLE
    assert len(paged) > 20


def walked(items: list[str], limit: int, changes: Callable[[list[str]], object]) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        told = page_of(items, limit, cursor, str, str)
        found += told["items"]
        assert told["count"] == len(items)
        cursor = told["next_cursor"]
        changes(items)
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_a_list_that_is_read_whole_is_paged_without_loss(limit: int) -> None:
    assert walked([*"abcdefg"], limit, lambda items: None) == [*"abcdefg"]
    assert walked([], limit, lambda items: None) == []
    # The newest stand first: what is new comes before what was shown.
    assert walked([*"abcdefg"], limit, lambda items: items.insert(0, f"new{len(items)}")) == [*"abcdefg"]


def test_where_the_last_that_was_shown_is_gone_the_next_page_begins_at_its_place() -> None:
    first = page_of([*"abcdefg"], 3, "", str, str)

    assert page_of([*"abdefg"], 3, first["next_cursor"], str, str)["items"] == [*"efg"]
    assert page_of([], 3, first["next_cursor"], str, str)["items"] == []


@pytest.mark.parametrize("cursor", ["a", "3", "-1~c", "9999999999~c", "\u0663~c", "~"])
def test_what_no_page_gave_is_no_cursor(cursor: str) -> None:
    with pytest.raises(Invalid, match="is no cursor of this list"):
        page_of([*"abc"], 1, cursor, str, str)


def test_a_page_of_rows_is_cut_from_one_row_more() -> None:
    assert page([*"abc"], 2, Count(9), str, str) == {
        "items": ["a", "b"],
        "next_cursor": "b",
        "count": 9,
        "count_is_capped": False,
    }
    assert page([*"ab"], 2, Count(9, is_capped=True), str, str)["next_cursor"] is None


def test_counting_ends_somewhere(database: Database) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 1)
        lines = count_lines(conn, "acme")
        many = op.select().with_only_columns(op.c.id)
        assert lines == Count(1)
        row = dict(conn.execute(op.select()).mappings().first() or {})
        rows = [{**row, "id": row["id"] + number, "key": f"again:{number}"} for number in range(1, MOST_COUNTED + 5)]
        conn.execute(op.insert(), rows)
        assert counted(conn, many) == Count(MOST_COUNTED, is_capped=True)


def test_runs_collections_and_movements_are_counted(ask: Caller) -> None:
    ask("POST", "/collections", json={"name": "counted"})
    for path in (
        "/collections",
        "/credits/statement",
        "/runs",
        "/generations",
        "/campaigns",
        "/batches",
        "/webhooks/deliveries",
    ):
        found = ask("GET", f"{path}?limit=500")
        assert found["count"] == len(found["items"]), path
    assert ask("GET", "/collections")["count"] >= 1
    assert ask("GET", "/collections?cursor=nothing", status=422)["problems"][0]["path"] == ["cursor"]
