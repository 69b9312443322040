"""What is read out of a prompt besides its words."""

from __future__ import annotations

import pytest

from pressroom.art.brief import read_brief


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
        ("Get 20% off all jackets", "20% off", "All jackets"),
        ("100% cotton shirts from $19.99", "from $19.99", "100% cotton shirts"),
        ("Sofa nur €1.299,00 statt €1.599,00", "nur €1.299,00", "Sofa nur €1.299,00 statt €1.599,00"),
        ("Win a $100 voucher", "", "Win a $100 voucher"),
    ],
)
def test_an_offer_is_found_and_the_rest_stays_a_sentence(title: str, offer: str, rest: str) -> None:
    brief = read_brief("a picture", title)

    assert (brief.offer, brief.rest) == (offer, rest)


def test_a_quotation_brings_its_author() -> None:
    brief = read_brief('quote "Less, but better" - Dieter Rams', None)

    assert (brief.headline, brief.author) == ("Less, but better", "Dieter Rams")


def test_what_a_subtitle_cannot_hold_is_named_as_left_out() -> None:
    long = ", ".join(f"a fine sentence with the number {number} and many more words" for number in range(9))

    brief = read_brief(f"Our news, {long}", None)

    assert brief.headline == "Our news"
    assert len(brief.lines) + len(brief.left_out) == 9
    assert brief.left_out[-1].endswith("number 8 and many more words")


def test_the_users_own_title_and_subtitle_are_all_that_is_set() -> None:
    brief = read_brief("a sale on 5 May, free coffee for all", "Come in", "We are open")

    assert (brief.headline, brief.lines, brief.left_out) == ("Come in", ("We are open",), ())
    assert (brief.day, brief.month) == ("5", "May")


@pytest.mark.parametrize(
    ("prompt", "when", "beside"),
    [
        ("Jazz night, 14 June, 8 pm, free entry", "14 June · 8 pm", "Free entry"),
        ("Jazz night, live music", "", "Live music"),
        ("Jazz night with wine on Friday", "Fri", ""),
    ],
)
def test_when_is_said_as_the_prompt_says_it(prompt: str, when: str, beside: str) -> None:
    brief = read_brief(prompt, None)

    assert (brief.when, brief.beside_when) == (when, beside)
