"""write_text: one file of words, its price bounded by what the model may write."""

from __future__ import annotations

from datetime import date

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.write_text import OPERATION, WriteTextParams
from tests.support.planning import chooser_of, plan_of


@pytest.mark.parametrize(("kind", "mime"), [("text", "text/plain"), ("json", "application/json")])
def test_words_come_as_text_or_as_a_list(kind: str, mime: str) -> None:
    found = OPERATION.expect(WriteTextParams(prompt="spring", format=kind), {}, {})  # type: ignore[arg-type]

    assert found.outputs == (("", MediaInfo(Kind.TEXT, mime)),)


def test_a_picture_that_goes_with_it_is_read_and_paid() -> None:
    def tokens(image: str | None) -> float:
        params = WriteTextParams(prompt="spring", image=image)
        return OPERATION.expect(params, {"image": MediaInfo(Kind.IMAGE)}, {}).units["1k_tokens"]

    assert tokens("image") > tokens(None) + 1


def test_a_blocked_word_is_refused_in_what_is_asked_of_a_writer_too() -> None:
    text = "policy: {blocked_words: [cheap]}\nsteps: {t: {uses: write_text, tier: budget, with: {prompt: cheap shoes}}}"

    (problem,) = plan_of(text).problems

    assert problem.code == "blocked_word"


@pytest.mark.parametrize(("today", "price"), [(date(2026, 12, 31), 1_000), (date(2027, 1, 1), 2_000)])
def test_words_cost_what_they_cost_on_the_day(today: date, price: int) -> None:
    text = "steps: {t: {uses: write_text, model: gemini/gemini-3.8-flash-write, with: {prompt: shoes}}}"

    (node,) = plan_of(text, chooser=chooser_of(text, today=today, configured=frozenset({"gemini"}))).nodes

    units = node.quote.usd_estimate / price
    assert node.quote.usd_bound == 3.75 * node.quote.usd_estimate
    assert units == 10
    assert load_catalog().models[f"gemini/{node.model}"].on(today).usd_per_million_tokens == {
        "in": 0.00075 * price,
        "text_out": 0.00375 * price,
    }
