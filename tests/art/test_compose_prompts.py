"""A hundred prompts: what must and what must not stand on the picture, and that no fact is ever cut."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pressroom.art.choose import choose
from pressroom.art.compose import Asked, Composed, compose, doubts_of
from pressroom.art.facts import day_of, facts_of
from pressroom.art.gallery import family_of
from pressroom.art.wording import wording_of
from pressroom.media.typography.typefaces import fonts_for

ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "prompts.yaml").read_text(encoding="utf-8"))
SHAPES = ((1080, 1080), (1080, 1350), (1200, 628))
_NUMBER = re.compile(r"\d+(?:[.,:'’/]\d+)*")


def _picture(prompt: str, size: tuple[int, int], seed: int) -> tuple[Composed, tuple[str, ...], str]:
    template = choose("auto", prompt, size[0] / size[1], seed)
    asked = Asked(prompt)
    fonts = fonts_for(None, {}, template.fonts[seed % len(template.fonts)])
    composed = compose(template, asked, size, seed, {}, fonts)
    return composed, doubts_of(template, asked, composed), template.family


def _set(composed: Composed) -> str:
    """All that stands on the picture, each text on a line of its own."""
    return "\n".join(_joined(text.block.lines) for text in composed.canvas.texts)


def _joined(lines: tuple[str, ...]) -> str:
    return _plain(" ".join(lines))


def _plain(text: str) -> str:
    """In one case, without the spaces that line breaks may add between ideographs."""
    return re.sub(r"(?<=[\u3000-\u9fff]) (?=[\u3000-\u9fff])", "", " ".join(text.split())).casefold()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["prompt"][:40])
def test_the_words_for_readers_are_set_and_those_for_the_designer_are_not(row: dict[str, Any]) -> None:
    for size in SHAPES:
        composed, doubts, family = _picture(row["prompt"], size, seed=0)
        shown = _set(composed)

        for text in row.get("there", ()):
            assert _plain(text) in shown.replace("\n", " ") or _plain(text) in _plain(" ".join(composed.left_out)), (
                text,
                shown,
                composed.left_out,
            )
        for text in row.get("never", ()):
            assert not re.search(rf"\b{re.escape(_plain(text))}\b", shown), (text, shown)
        if "once" in row:
            assert shown.count(_plain(row["once"])) == 1, shown
        assert row.get("family") in (None, family)
        assert not (row.get("sure") and doubts)
        assert row.get("doubt", "") in " ".join(doubts)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["prompt"][:40])
def test_at_a_usual_size_nothing_that_must_be_there_is_left_out(row: dict[str, Any]) -> None:
    for seed in range(3):
        composed, _, _ = _picture(row["prompt"], (1080, 1350), seed)

        assert not composed.left_out


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["prompt"][:40])
def test_a_fact_is_whole_or_it_is_named_as_left_out(row: dict[str, Any]) -> None:
    prompt = row["prompt"]
    wording = wording_of(prompt)
    facts = [fact.text for text in (wording.headline, *wording.lines) for fact in facts_of(text)]
    whole = set(_NUMBER.findall(prompt))
    for size in (*SHAPES, (320, 100)):
        composed, _, family = _picture(prompt, size, seed=1)
        shown = _set(composed)

        if family not in ("flow", "database", "architecture", "wireframe"):
            assert set(_NUMBER.findall(shown)) <= whole | set(_NUMBER.findall(day_of(prompt).day))
        if composed.brief.explicit and not _is_drawing(prompt, size):
            for fact in facts:
                told = _plain(" ".join((shown.replace("\n", " "), *composed.left_out)))
                assert _plain(fact) in told, (fact, shown, composed.left_out)


def _is_drawing(prompt: str, size: tuple[int, int]) -> bool:
    return family_of(choose("auto", prompt, size[0] / size[1], 1)).drawing


@pytest.mark.parametrize("style", ["abstract", "gradient", "landscape", "pattern", "geometric", "product_stage"])
@pytest.mark.parametrize(
    "prompt",
    [
        "autumn leaves cut from paper, organic shapes",
        "warm evening light over a quiet city",
        "deep sea, soft waves, calm",
    ],
)
def test_a_scene_that_is_only_described_holds_no_words(style: str, prompt: str) -> None:
    for seed in range(4):
        template = choose(style, prompt, 0.8, seed)

        assert _set(compose(template, Asked(prompt), (540, 675), seed, {}, fonts_for(None, {}))) == ""
