"""What is read out of a prompt."""

from __future__ import annotations

import pytest

from pressroom.art.brief import date_of, headline_of, read_brief


@pytest.mark.parametrize(
    ("prompt", "headline"),
    [
        ("Summer sale poster for running shoes, every road is yours", "Summer sale: running shoes"),
        ("create a bold minimalist poster for a jazz night", "Jazz night"),
        ('Flyer that says "Open all night" in neon', "Open all night"),
        ("wireframe of a parcel tracking page", "Parcel tracking page"),
        ("Go further. Much further.", "Go further"),
    ],
)
def test_a_headline_is_taken_from_the_prompt(prompt: str, headline: str) -> None:
    assert headline_of(prompt) == headline


@pytest.mark.parametrize(
    ("title", "offer", "rest"),
    [
        ("Summer sale: 50% off", "50% off", "Summer sale"),
        ("50 % off everything", "50 % off", "Everything"),
        ("Up to 70% off winter coats", "Up to 70% off", "Winter coats"),
        ("Two days only: $20 off", "$20 off", "Two days only"),
        ("3 for 2 on all books", "3 for 2", "On all books"),
        ("Free shipping this weekend", "Free shipping", "This weekend"),
        ("-30 % auf alles", "-30 %", "Auf alles"),
        ("Everything must go", "", "Everything must go"),
    ],
)
def test_an_offer_is_found_and_the_rest_stays_a_sentence(title: str, offer: str, rest: str) -> None:
    brief = read_brief("a sale", title)

    assert (brief.offer, brief.rest) == (offer, rest)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Open studio, 14 June, 7 pm", ("14", "Jun")),
        ("on the 3rd of September", ("3", "Sep")),
        ("May 5th in the park", ("5", "May")),
        ("starts 2026-11-26", ("26", "Nov")),
        ("every Saturday from 9", ("Sat", "")),
        ("20 decorations and 5 marble tops", ("", "")),
        ("we may 3:30 later", ("", "")),
    ],
)
def test_a_date_is_a_day_and_a_month_or_a_weekday(text: str, found: tuple[str, str]) -> None:
    assert date_of(text) == found


def test_a_quotation_brings_its_author() -> None:
    brief = read_brief('quote "Less, but better" - Dieter Rams', None)

    assert (brief.headline, brief.author) == ("Less, but better", "Dieter Rams")
