"""Facts are found whole, in the spelling of any country."""

from __future__ import annotations

import pytest

from pressroom.art.facts import Day, day_of, facts_of


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("now $450,000 only", "$450,000"),
        ("€1.299,00 statt viel", "€1.299,00"),
        ("CHF 1'299.– netto", "CHF 1'299.–"),
        ("nur 1 299,00 € heute", "1 299,00 €"),
        ("12 500 kr i dag", "12 500 kr"),
        ("₹1,49,999 only", "₹1,49,999"),
        ("a $2.5M round", "$2.5M"),
        ("£9.99/month", "£9.99/month"),
        ("rooms 29€ per night", "29€ per night"),
        ("£45pp", "£45pp"),
        ("from 10–20% off", "10–20%"),
        ("call +44 20 7946 0958 now", "+44 20 7946 0958"),
        ("call 0800 123 456 now", "0800 123 456"),
        ("see annas.com/menu today", "annas.com/menu"),
        ("write to jobs@brew.com.", "jobs@brew.com"),
        ("open 24/7 for you", "24/7"),
        ("version 2.0.1 is out", "2.0.1"),
        ("use SAVE20 now", "SAVE20"),
        ("Wed 11:30 am - 2 pm here", "11:30 am - 2 pm"),
        ("9–17 Uhr", "9–17 Uhr"),
        ("19 Sept - 4 Oct in town", "19 Sept - 4 Oct"),
        ("am 12.10. um acht", "12.10."),
    ],
)
def test_a_fact_is_one_piece(text: str, fact: str) -> None:
    assert fact in [found.text for found in facts_of(text)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Open studio, 14 June, 7 pm", Day("14", "Jun")),
        ("on the 3rd of September", Day("3", "Sep")),
        ("May 5th in the park", Day("5", "May")),
        ("starts 2026-11-26", Day("26", "Nov")),
        ("am 24. Dezember", Day("24", "Dec")),
        ("le 14 juillet", Day("14", "Jul")),
        ("12–14 June", Day("12–14", "Jun")),
        ("12.10.2026", Day("12", "Oct")),
        ("03/15/2026", Day("15", "Mar")),
        ("12月24日", Day("24", "Dec")),
        ("every Saturday from 9", Day("Sat", "")),
        ("03/04/2026", Day()),  # the third of April or the fourth of March
        ("from Dec 24 to Jan 2", Day()),
        ("Mon & Wed at six", Day()),
        ("December 2026", Day()),
        ("20 decorations and 5 marble tops", Day()),
        ("we may 3:30 later", Day()),
    ],
)
def test_a_day_is_beyond_doubt_or_there_is_none(text: str, day: Day) -> None:
    assert day_of(text) == day
