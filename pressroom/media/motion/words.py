"""Titles and captions over a clip: drawn once, with the frames that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.media.files.captions import Caption
from pressroom.media.geometry import Box
from pressroom.media.lettering.stack import Words
from pressroom.media.motion.frame_source import Reel, Showing
from pressroom.media.motion.overlays import cover_of
from pressroom.media.motion.titles import (
    Style,
    above_captions,
    caption_blocks,
    draw_caption,
    draw_title,
    inks_of,
    known_words,
)
from pressroom.media.typography.typefaces import Fonts

_FADE_SECONDS = 0.4  # of a title; captions come and go at once


@dataclass(frozen=True, slots=True)
class Title:
    """What is written from second `start` to second `end`. `card` is the colour of what hides the picture, None shows it."""

    words: Words
    start: float
    end: float
    position: str
    color: str | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What words are set with: the zone they may stand in, fonts, the brand's colours, templates of panels."""

    zone: Box
    fonts: Fonts
    colors: Mapping[str, str]
    templates: Path


def showings_of(
    titles: Sequence[Title], captions: Sequence[Caption], reel: Reel, fps: int, setting: Setting
) -> list[Showing]:
    """Raises Permanent where a caption does not fit."""
    blocks = caption_blocks([one.text for one in captions], setting.fonts.strong, setting.zone, min(reel.target))
    free = above_captions(setting.zone, blocks)
    drawn = [(_title(title, reel, fps, free, setting), title.start, title.end, _FADE_SECONDS) for title in titles]
    for caption, block in zip(captions, blocks, strict=True):
        if block is None:
            raise Permanent(f"the caption {caption.text[:40]!r} is too long for three lines", hint="divide it")
        picture = draw_caption(block, setting.zone, reel.target, setting.templates)
        drawn.append((picture, caption.start, caption.end, 0.0))
    showings = []
    for drawing, start, end, fade in drawn:
        first, behind = round(start * fps), min(round(end * fps), reel.count)
        cover = cover_of(drawing)
        if cover is not None and behind > first:
            showings.append(Showing(cover, first, behind, min(round(fade * fps), (behind - first) // 3)))
    return showings


def _title(title: Title, reel: Reel, fps: int, zone: Box, setting: Setting) -> Image.Image:
    colors = setting.colors
    accent = colors.get("accent") or colors.get("primary")
    style = Style(title.position, title.color, title.card, accent, inks_of(dict(colors)))
    words = known_words(title.words, setting.fonts)
    first, last = round(title.start * fps), min(round(title.end * fps), reel.count) - 1
    # What it must be readable on: the picture as it comes, in the middle, and as it goes.
    samples = reel.pictures(sorted({first, (first + last) // 2, max(first, last)}))
    return draw_title(words, setting.fonts, zone, samples, style, setting.templates)
