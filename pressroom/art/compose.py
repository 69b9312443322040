"""A prompt on a canvas: as many of its words as can be read there, and what is left out said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pressroom.art.brief import TOLD_KINDS, Brief, read_brief
from pressroom.art.facts import facts_of
from pressroom.art.flow import steps_in
from pressroom.art.gallery import draw_picture, family_of
from pressroom.art.template import Template
from pressroom.art.wording import missing_things, words_of
from pressroom.media.geometry import Box
from pressroom.media.typography.text import clean_text
from pressroom.media.typography.typefaces import Fonts
from pressroom.media.vector.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of one picture, as the campaign gives them. `title` None: they are taken from the prompt."""

    prompt: str
    title: str | None = None
    subtitle: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A drawn canvas, what was read, and the words that are not on it."""

    canvas: Canvas
    brief: Brief
    left_out: tuple[str, ...]


def compose(
    template: Template,
    asked: Asked,
    size: tuple[int, int],
    seed: int,
    colors: Mapping[str, str],
    fonts: Fonts,
    safe: Box | None = None,
) -> Composed:
    """Draw; where what follows the headline cannot be legible, draw again with one line less."""
    most: int | None = None
    while True:
        brief = _read(asked, most)
        brief = _fitting(template, brief)
        canvas = draw_picture(template, brief, size, seed, colors, fonts, safe)
        lost = [text for text in canvas.omitted if text != asked.brand]
        if not lost or asked.subtitle or not brief.lines or family_of(template).drawing:
            return Composed(canvas, brief, tuple(dict.fromkeys((*lost, *brief.left_out))))
        most = len(brief.lines) - 1


def _fitting(template: Template, brief: Brief) -> Brief:
    """What of the brief belongs on this template: over hills, 'misty hills, $20' says '$20'."""
    if not family_of(template).scenic or brief.titled or brief.told or not brief.explicit:
        return brief
    if not (family_of(template).words | template.words) & set(words_of(brief.headline)):
        return brief
    lines = tuple(line for line in brief.lines if any(fact.kind in TOLD_KINDS for fact in facts_of(line)))
    return replace(brief, headline=lines[0] if lines else "", lines=lines[1:], explicit=bool(lines))


def _read(asked: Asked, most: int | None = None) -> Brief:
    """The brief of texts that may hold what cannot be drawn."""
    title = None if asked.title is None else clean_text(asked.title)
    prompt = clean_text(asked.prompt) or " "
    return read_brief(prompt, title, clean_text(asked.subtitle), clean_text(asked.brand), most)


def problem_of(template: Template, prompt: str) -> str:
    """What the prompt must say before this template can draw it; empty where nothing is missing."""
    if template.family == "flow" and len(steps_in(clean_text(prompt))) < 2:
        return "the flow names no steps: write them in the prompt, as in 'cart -> payment -> delivery'"
    return ""


def doubts_of(template: Template, asked: Asked, composed: Composed) -> tuple[str, ...]:
    """What a person should know of the picture: what is not on it though the prompt asks for it."""
    doubts = []
    if not family_of(template).drawing and (things := missing_things(clean_text(asked.prompt))):
        named = ", ".join(repr(thing) for thing in things[:3])
        doubts.append(f"the vector gallery draws no photographs, people, animals or objects: {named} will not be there")
    if template.family == "quote" and asked.title is None and not composed.brief.told:
        doubts.append("the prompt quotes nothing: put the words of a quote card between quotation marks")
    if composed.left_out:
        doubts.append(f"left out, since it cannot be read at this size: {'; '.join(composed.left_out)}")
    return tuple(doubts)
