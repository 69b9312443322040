"""Shape lines of any script with HarfBuzz: which font draws what, in which order, how wide, and the outlines themselves.

Everything is in units of the type size (1 is one em) and y grows downwards, as in SVG. What is measured here is what is
drawn: letters leave as outlines, so no renderer chooses fonts or spaces letters again. Only emoji, whose colours are no
outlines, leave as text in the bundled emoji font.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.media.typography.bidi import levels, visual_order
from pressroom.media.typography.breaks import EMOJI_STYLE, JOINER, KEYCAP, TEXT_STYLE, graphemes
from pressroom.media.typography.fonts import FontFile, fallback_fonts

if TYPE_CHECKING:
    import uharfbuzz

EMOJI = "Zsye"
# An emoji font fills its em and more; at this share it stands between the tops of capitals and the descenders.
EMOJI_SIZE = 0.86
BOLD = 600
# Scripts whose letters may be spaced; joined and stacked ones break when they are.
_SPACED = frozenset({"Latn", "Grek", "Cyrl", "Zyyy"})
_ALPHABETS = frozenset({"Latn", "Grek", "Cyrl"})
# Below U+1F000 these are shown in colour unless the author asks for text (Unicode emoji data, Emoji_Presentation).
_EMOJI_BELOW_1F000 = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
_INVISIBLE = frozenset({JOINER, EMOJI_STYLE, TEXT_STYLE, *"\u200b\u200c\u200e\u200f\u061c\u00ad\u2060"})
# No country has this code, so its glyph is the flag with the question mark.
_NO_FLAG = "\U0001f1fd\U0001f1fd"
_LANGUAGES = (("Hira", "ja"), ("Kana", "ja"), ("Hang", "ko"))

Command = tuple[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph at its place in the line."""

    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours in one font, from left to right. `text` is in reading order."""

    text: str
    font: FontFile
    x: float
    glyphs: tuple[Glyph, ...]

    @property
    def is_emoji(self) -> bool:
        return EMOJI in self.font.scripts


@dataclass(frozen=True, slots=True)
class Line:
    """A line at size 1: its advance, and the ink's left, right, ascent above and descent below the baseline."""

    runs: tuple[Run, ...]
    advance: float
    left: float
    right: float
    ascent: float
    descent: float


@lru_cache(maxsize=16_384)
def shape(line: str, font: FontFile, right_to_left: bool = False, tracking: float = 0.0) -> Line:
    """The line as it will be drawn; `tracking` spaces letters of alphabets out by that share of the size."""
    runs: list[Run] = []
    boxes: list[tuple[float, float, float, float]] = []
    x = 0.0
    for text, level, script, face in _in_visual_order(line, font, right_to_left):
        glyphs, advance, ink = _shaped(text, face, script, level % 2 == 1, _language(line), tracking)
        moved = tuple(Glyph(glyph.index, glyph.x + x, glyph.y) for glyph in glyphs)
        runs.append(Run(text, face, x, moved))
        boxes.extend((box[0] + x, box[1], box[2] + x, box[3]) for box in ink)
        x += advance
    if not boxes:
        return Line(tuple(runs), x, 0.0, x, 0.0, 0.0)
    left, top, right, bottom = (
        pick(side) for pick, side in zip((min, min, max, max), zip(*boxes, strict=True), strict=True)
    )
    return Line(tuple(runs), x, left, right, -top, bottom)


def covering(text: str, font: FontFile) -> FontFile:
    """The font for a text: `font`, or its stand-in where it lacks letters of an alphabet.

    A word must not change fonts at an accent, so one missing letter moves the whole text.
    """
    letters = {char for char in text if char.isalpha() and script_of(char) in _ALPHABETS}
    if all(_has(font.path, char) for char in letters):
        return font
    stand_ins = [face for face in _by_weight(font.weight) if _ALPHABETS & set(face.scripts)]
    return next((face for face in stand_ins if all(_has(face.path, char) for char in letters)), font)


def can_draw(cluster: str, font: FontFile) -> bool:
    """Whether `font` or a font of the package has a drawing for what a reader sees as one character."""
    return cluster.isspace() or _font_for(cluster, font) is not None


def outline(font: FontFile, index: int) -> tuple[Command, ...]:
    """A glyph's outline as SVG commands (M, L, Q, C, Z) in shares of the size, y downwards."""
    return _outline(font.path, index)


@lru_cache(maxsize=65_536)
def script_of(char: str) -> str:
    """The ISO 15924 code of a character's script; Zyyy for what all scripts share."""
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(char)
    buffer.guess_segment_properties()
    return buffer.script or "Zyyy"


def _in_visual_order(line: str, font: FontFile, right_to_left: bool) -> list[tuple[str, int, str, FontFile]]:
    """Runs of one font, script and direction, from left to right."""
    embedding = levels(line, right_to_left)
    logical: list[tuple[str, int, str, FontFile]] = []
    at = 0
    script, face = "Zyyy", font
    for cluster in graphemes(line):
        own = script_of(cluster[0])
        script = own if own != "Zyyy" else script
        face = _font_for(cluster, font) or font
        logical.append((cluster, embedding[at], script, face))
        at += len(cluster)
    runs = [
        ("".join(cluster for cluster, *_ in part), *key)
        for key, part in ((key, list(part)) for key, part in groupby(logical, key=lambda item: item[1:]))
    ]
    return [runs[index] for index in visual_order([level for _, level, *_ in runs])]


@lru_cache(maxsize=65_536)
def _font_for(cluster: str, font: FontFile) -> FontFile | None:
    """The font asked for where it has the character, else the package's own for its script, else any that has it."""
    emoji = _is_emoji(cluster)
    if not emoji and _draws(font, cluster):
        return font
    script = script_of(cluster[0])
    wanted = EMOJI if emoji else script
    others = sorted(_by_weight(font.weight), key=lambda face: (wanted not in face.scripts, EMOJI in face.scripts))
    return next((face for face in others if _draws(face, cluster)), None)


def _is_emoji(cluster: str) -> bool:
    if TEXT_STYLE in cluster:
        return False
    return cluster[0] in _EMOJI_BELOW_1F000 or cluster[0] >= "\U0001f000" or EMOJI_STYLE in cluster or KEYCAP in cluster


@lru_cache(maxsize=64)
def _by_weight(weight: int) -> tuple[FontFile, ...]:
    """Every fallback face, those of the right weight first."""
    bold = weight >= BOLD
    return tuple(sorted(fallback_fonts(), key=lambda face: (face.weight >= BOLD) != bold))


def _draws(font: FontFile, cluster: str) -> bool:
    if EMOJI not in font.scripts or len(cluster) == 1:
        return all(char in _INVISIBLE or _has(font.path, char) for char in cluster)
    if "\U0001f1e6" <= cluster[0] <= "\U0001f1ff":
        return _emoji_glyph(font, cluster) != _emoji_glyph(font, _NO_FLAG)
    # Other sequences without a drawing of their own fall apart into ones that have: people stand side by side.
    return all(char in _INVISIBLE or _has(font.path, char) for char in cluster)


def _emoji_glyph(font: FontFile, cluster: str) -> int:
    return int(_glyphs(font, cluster, "Zyyy", False, "").glyph_infos[0].codepoint)


@lru_cache(maxsize=65_536)
def _has(path: Path, char: str) -> bool:
    return bool(_opened(path).get_nominal_glyph(ord(char)))


@lru_cache(maxsize=48)
def _opened(path: Path) -> uharfbuzz.Font:
    import uharfbuzz as hb

    return hb.Font(hb.Face(hb.Blob.from_file_path(path)))


def _language(line: str) -> str:
    """Japanese and Korean show themselves by their own letters; Chinese characters alone are Chinese."""
    scripts = {script_of(char) for char in line if not char.isascii()}
    return next(
        (language for script, language in _LANGUAGES if script in scripts), "zh-Hans" if "Hani" in scripts else ""
    )


def _glyphs(font: FontFile, text: str, script: str, backwards: bool, language: str) -> Any:
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.direction = "rtl" if backwards else "ltr"
    if script != "Zyyy":
        buffer.script = script
    if language:
        buffer.language = language
    hb.shape(_opened(font.path), buffer)
    return buffer


def _shaped(
    text: str, font: FontFile, script: str, backwards: bool, language: str, tracking: float
) -> tuple[list[Glyph], float, list[tuple[float, float, float, float]]]:
    """Glyphs from the pen's start, the advance, and the ink boxes (left, top, right, bottom) of one run."""
    buffer = _glyphs(font, text, script, backwards, language)
    opened = _opened(font.path)
    scale = (EMOJI_SIZE if EMOJI in font.scripts else 1.0) / opened.face.upem
    spacing = tracking if script in _SPACED else 0.0
    glyphs, boxes, x = [], [], 0.0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyph = Glyph(info.codepoint, x + position.x_offset * scale, -position.y_offset * scale)
        glyphs.append(glyph)
        ink = opened.get_glyph_extents(info.codepoint)
        if ink is not None and ink.width:
            left, top = glyph.x + ink.x_bearing * scale, glyph.y - ink.y_bearing * scale
            boxes.append((left, top, left + ink.width * scale, top - ink.height * scale))
        x += position.x_advance * scale + (spacing if position.x_advance else 0.0)
    return glyphs, x, boxes


@lru_cache(maxsize=16_384)
def _outline(path: Path, index: int) -> tuple[Command, ...]:
    import uharfbuzz as hb

    opened = _opened(path)
    scale = 1.0 / opened.face.upem
    drawn: list[Command] = []

    def take(name: str) -> Any:
        def record(*values: Any) -> None:
            numbers = [value for value in values if isinstance(value, int | float)]
            drawn.append((name, tuple(_scaled(numbers, scale))))

        return record

    functions = hb.DrawFuncs()
    functions.set_move_to_func(take("M"))
    functions.set_line_to_func(take("L"))
    functions.set_quadratic_to_func(take("Q"))
    functions.set_cubic_to_func(take("C"))
    functions.set_close_path_func(take("Z"))
    opened.draw_glyph(index, functions, None)
    return tuple(drawn)


def _scaled(numbers: list[float], scale: float) -> Iterator[float]:
    for index, number in enumerate(numbers):
        yield number * scale if index % 2 == 0 else -number * scale
