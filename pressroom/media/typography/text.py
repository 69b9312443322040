"""Break, measure and fit text of any script with real font metrics, so that nothing overflows or is cut in silence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pressroom.media.typography.bidi import is_right_to_left
from pressroom.media.typography.breaks import PAUSES, SOFT_HYPHEN, graphemes, pieces
from pressroom.media.typography.fonts import FontFile
from pressroom.media.typography.hyphens import hyphenated
from pressroom.media.typography.shaping import EMOJI_SIZE, Line, can_draw, covering, outline, shape

DEFAULT_LEADING = 1.2
WORTH_A_HYPHEN = 1.25  # times as large letters make up for a parted word
_BETWEEN = 0.06  # ems between signs of two lines
ANCHOR_SHARES = {"start": 0.0, "middle": 0.5, "end": 1.0}

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_SPACES = re.compile(r"[^\S\n\u00a0\u202f]+")


@dataclass(frozen=True, slots=True)
class EmojiText:
    """Emoji as text in the bundled emoji font: the only letters that are not outlines. Lengths are pixels."""

    text: str
    family: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line, ready for SVG: the outlines of its letters as path data, and its emoji."""

    text: str
    d: str
    emoji: tuple[EmojiText, ...]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text broken into lines at one size, all lengths in pixels.

    `width` is the ink of the widest line; `ascent` and `descent` are what the ink needs over the first and under the last
    baseline. `right_to_left` is the direction of the whole text; `tracking` is extra space between letters in ems.
    """

    lines: tuple[str, ...]
    font: FontFile
    size: float
    leading: float
    width: float
    ascent: float
    descent: float
    right_to_left: bool = False
    tracking: float = 0.0

    @property
    def line_height(self) -> float:
        return self.size * self.leading

    @property
    def height(self) -> float:
        return self.ascent + self.descent + (len(self.lines) - 1) * self.line_height

    def baselines(self, top: float) -> tuple[float, ...]:
        """Where each line's baseline is when the block's ink starts at `top`."""
        return tuple(top + self.ascent + index * self.line_height for index in range(len(self.lines)))

    def drawn(self, x: float, anchor: str, baselines: Sequence[float]) -> tuple[DrawnLine, ...]:
        """The lines on their baselines. The ink's start, middle or end stands at `x`, not the letters' own margins."""
        placed = zip(self.lines, baselines, strict=True)
        return tuple(self._drawn(line, x, ANCHOR_SHARES[anchor], baseline) for line, baseline in placed)

    def _drawn(self, text: str, x: float, share: float, y: float) -> DrawnLine:
        line = shape(text, self.font, self.right_to_left, self.tracking)
        start = x - ((line.right - line.left) * share + line.left) * self.size
        emoji = tuple(
            EmojiText(run.text, run.font.family, start + run.x * self.size, y, self.size * EMOJI_SIZE)
            for run in line.runs
            if run.is_emoji
        )
        return DrawnLine(text, _path(line, start, y, self.size), emoji)


def clean_text(text: str) -> str:
    """Text as it may stand in XML: no control characters or direction overrides, composed, single spaces."""
    composed = unicodedata.normalize("NFC", _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = (_SPACES.sub(" ", line).strip() for line in composed.split("\n"))
    return "\n".join(line for line in lines if line)


def drawable(text: str, font: FontFile) -> tuple[str, str]:
    """The text without what neither `font` nor any font of the package can draw, and those characters (once each)."""
    clusters = graphemes(clean_text(text))
    missing = dict.fromkeys(cluster for cluster in clusters if not can_draw(cluster, font))
    return clean_text("".join(cluster for cluster in clusters if cluster not in missing)), "".join(missing)


def measure(text: str, font: FontFile, size: float) -> float:
    """Width in pixels of one line's ink, exactly as it is drawn."""
    return _width(text, font, is_right_to_left(text)) * size


def wrap(
    text: str,
    font: FontFile,
    size: float,
    width: float,
    tracking: float = 0.0,
    *,
    at_hyphens: bool = True,
    anywhere: bool = False,
) -> tuple[str, ...] | None:
    """Lines that fit `width`, broken as each script wants it; None when a single word is wider.

    With `anywhere` a word of a script without spaces may be broken.
    """
    right_to_left, most = is_right_to_left(text), width / size
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current, joint = "", ""
        for piece, after in pieces(paragraph, at_hyphens=at_hyphens, anywhere=anywhere):
            longer = current + ("" if joint == SOFT_HYPHEN else joint) + piece
            if current and _width(_ended(longer, after), font, right_to_left, tracking) > most:
                lines.append(_ended(current, joint))
                longer = piece
            current, joint = longer, after
        lines.append(current)
    if any(_width(line, font, right_to_left, tracking) > most for line in lines):
        return None
    return tuple(lines)


def set_text(
    lines: Sequence[str], font: FontFile, size: float, leading: float = DEFAULT_LEADING, tracking: float = 0.0
) -> TextBlock:
    """A block of lines that are already broken."""
    whole = "\n".join(lines)
    font, right_to_left = covering(whole, font), is_right_to_left(whole)
    shaped = [shape(line, font, right_to_left, tracking) for line in lines]
    ascent = max((line.ascent for line in shaped[:1]), default=0.0)
    descent = max((line.descent for line in shaped[-1:]), default=0.0)
    width = max((line.right - line.left for line in shaped), default=0.0)
    if len(shaped) > 1 and any(
        unicodedata.category(char) in ("Mn", "Mc") or "\u0600" <= char <= "\u06ff" for char in whole
    ):
        # Signs below one line and above the next (Arabic, Devanagari, Thai) would touch at the leading that suits Latin.
        leading = max(leading, *(upper.descent + lower.ascent + _BETWEEN for upper, lower in pairwise(shaped)))
    return TextBlock(
        tuple(lines),
        font,
        size,
        leading,
        width * size,
        ascent * size,
        max(0.0, descent) * size,
        right_to_left,
        tracking,
    )


def fit(
    text: str,
    font: FontFile,
    box: tuple[float, float],
    sizes: tuple[float, float],
    *,
    max_lines: int,
    leading: float = DEFAULT_LEADING,
    tracking: float = 0.0,
) -> TextBlock | None:
    """The text at the largest size between `sizes` (smallest, largest) that fits `box` in at most `max_lines` lines.

    Lines are balanced. None when it does not fit at the smallest size: nothing is ever shortened. Long words are parted where
    that makes all letters much larger, and the size is not given.
    """
    whole = _fitted(text, font, box, sizes, max_lines, leading, tracking)
    if sizes[0] >= sizes[1] or (parted := hyphenated(text)) == text:
        return whole
    other = _fitted(parted, font, box, sizes, max_lines, leading, tracking)
    return other if other and (whole is None or other.size > whole.size * WORTH_A_HYPHEN) else whole


def _fitted(
    text: str,
    font: FontFile,
    box: tuple[float, float],
    sizes: tuple[float, float],
    max_lines: int,
    leading: float,
    tracking: float,
) -> TextBlock | None:
    setting = _Setting(text, covering(text, font), max_lines, leading, tracking)
    smallest, largest = sizes
    best = _at_size(setting, box, smallest)
    if best is None:
        setting = replace(setting, anywhere=True)
        best = _at_size(setting, box, smallest)
    if best is None:
        return None
    low, high = smallest, max(smallest, largest)
    if (whole := _at_size(setting, box, high)) is not None:
        return whole
    while high - low > max(0.25, low / 200):
        middle = (low + high) / 2
        block = _at_size(setting, box, middle)
        if block is None:
            high = middle
        else:
            best, low = block, middle
    return best


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stays the same while sizes are tried."""

    text: str
    font: FontFile
    max_lines: int
    leading: float
    tracking: float
    anywhere: bool = False


def _at_size(setting: _Setting, box: tuple[float, float], size: float) -> TextBlock | None:
    lines = wrap(setting.text, setting.font, size, box[0], setting.tracking, anywhere=setting.anywhere)
    if lines is None or len(lines) > setting.max_lines:
        return None
    block = set_text(_balanced(setting, lines, size, box[0]), setting.font, size, setting.leading, setting.tracking)
    return block if block.height <= box[1] else None


def _wrapped(setting: _Setting, size: float, width: float, *, at_hyphens: bool) -> tuple[str, ...] | None:
    return wrap(
        setting.text, setting.font, size, width, setting.tracking, at_hyphens=at_hyphens, anywhere=setting.anywhere
    )


def _balanced(setting: _Setting, lines: tuple[str, ...], size: float, width: float) -> tuple[str, ...]:
    """The same number of lines in the narrowest measure, so that no last word stands alone, and no word is cut if none need be.

    Without spaces between words, lines that end at a pause come first: any other break may cut a word in two.
    """
    if len(lines) == 1:
        return lines
    if (paused := _at_pauses(setting, len(lines), size, width)) is not None:
        return paused
    at_hyphens, whole = True, _wrapped(setting, size, width, at_hyphens=False)
    if whole is not None and len(whole) == len(lines):
        at_hyphens, lines = False, whole
    low, high = width / len(lines) / 2, width
    for _ in range(8):
        middle = (low + high) / 2
        tried = _wrapped(setting, size, middle, at_hyphens=at_hyphens)
        if tried is not None and len(tried) == len(lines):
            lines, high = tried, middle
        else:
            low = middle
    return lines


def _at_pauses(setting: _Setting, count: int, size: float, width: float) -> tuple[str, ...] | None:
    """Lines of whole clauses, where they come out as that many lines of which none is a mere remainder."""
    if not PAUSES & set(setting.text[:-1]):
        return None
    marked = "".join(char + ("\n" if char in PAUSES else "") for char in setting.text).strip("\n")
    clauses = re.sub(r"\n+", "\n", re.sub(r"\n(?=[」』）”’!?！？])", "", marked))
    lines = wrap(clauses, setting.font, size, width, setting.tracking)
    if lines is None or len(lines) != count or clauses.count("\n") + 1 != count:
        return None
    return lines


def _ended(line: str, joint: str) -> str:
    """A line as it looks when it ends here: a soft hyphen shows."""
    return f"{line}-" if joint == SOFT_HYPHEN else line


def _width(line: str, font: FontFile, right_to_left: bool, tracking: float = 0.0) -> float:
    shaped = shape(line, font, right_to_left, tracking)
    return shaped.right - shaped.left


def _path(line: Line, x: float, y: float, size: float) -> str:
    """The outlines of a line's letters; hundredths of a pixel cannot be seen."""
    parts: list[str] = []
    for run in line.runs:
        if run.is_emoji:
            continue
        for glyph in run.glyphs:
            left, top = x + glyph.x * size, y + glyph.y * size
            for name, numbers in outline(run.font, glyph.index):
                moved = (f"{number * size + (top if index % 2 else left):.2f}" for index, number in enumerate(numbers))
                parts.append(name + " ".join(moved))
    return "".join(parts)
