"""Drawings take their parts from the prompt."""

from __future__ import annotations

import pytest

from pressroom.art.architecture import layers_of
from pressroom.art.database import tables_of
from pressroom.art.diagram import steps_of, things_of
from pressroom.art.flow import steps_in
from pressroom.art.wireframe import widgets_of


def test_a_flow_takes_its_steps_from_arrows_commas_and_then() -> None:
    assert steps_of("Checkout: cart -> pay -> ship it", 9).items == ("Cart", "Pay", "Ship it")
    assert steps_of("Checkout: cart -> pay", 9).title == "Checkout"
    assert steps_of("wash, dry and then fold", 9).items == ("Wash", "Dry", "Fold")


def test_a_schema_takes_tables_columns_and_keys_from_the_prompt() -> None:
    title, tables = tables_of("Shop: customers(id, email), orders, order_items")

    assert title == "Shop"
    assert [table.name for table in tables] == ["customers", "orders", "order_items"]
    assert tables[0].columns == ("id pk", "email text")
    assert tables[1].columns[:2] == ("id pk", "customer_id fk")
    assert tables[2].refs == ("orders",)


def test_an_architecture_sorts_components_into_layers_by_what_they_are() -> None:
    named = things_of("web shop, warehouse service, courier gateway and a message queue", 9)

    assert layers_of(named.items) == {
        "Clients": ["Web shop"],
        "Edge": ["Courier gateway"],
        "Services": ["Warehouse service"],
        "Data": ["Message queue"],
    }


def test_a_wireframe_shows_the_widgets_that_are_named() -> None:
    assert widgets_of("a page with a map, a timeline and a help button") == ["map", "timeline", "button"]


def test_keys_point_from_what_belongs_to_its_owner_in_any_order_of_the_prompt() -> None:
    for prompt in ("schema: orders, customers", "schema: customers, orders", "customers place many orders"):
        tables = {table.name: table for table in tables_of(prompt)[1]}

        assert tables["orders"].refs == ("customers",), prompt
        assert tables["customers"].refs == (), prompt


def test_a_column_that_names_a_table_is_its_key() -> None:
    _, tables = tables_of("library: loans(id, book_id, due date), books(id, title)")

    assert tables[0].refs == ("books",)
    assert tables[0].columns == ("id pk", "book_id fk", "due date")


@pytest.mark.parametrize(
    ("prompt", "steps"),
    [
        ("checkout flow with payment and delivery", ("Payment", "Delivery")),
        ("customer journey from ad to purchase", ("Ad", "Purchase")),
        ("process: 1. wake up 2. stretch 3. coffee", ("Wake up", "Stretch", "Coffee")),
        ("onboarding process in five steps", ()),
        ("a flowchart", ()),
    ],
)
def test_steps_are_named_or_there_are_none(prompt: str, steps: tuple[str, ...]) -> None:
    assert steps_in(prompt) == steps
