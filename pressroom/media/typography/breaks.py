"""Where text may be broken: never inside what a reader sees as one character, and by the habits of each script.

The rules are the part of UAX 14 that advertising needs: spaces, hyphens and dashes, soft hyphens, and between the words of
scripts that write none apart, with the usual forbidden beginnings and ends of lines (kinsoku). Chinese words are jieba's,
Japanese and Thai phrases BudouX's; where not even one word fits, Chinese and Japanese break anywhere.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budoux import Parser

JOINER = "\u200d"
SOFT_HYPHEN = "\u00ad"
ZERO_WIDTH_SPACE = "\u200b"
EMOJI_STYLE = "\ufe0f"
TEXT_STYLE = "\ufe0e"
KEYCAP = "\u20e3"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_REGIONAL = ("\U0001f1e6", "\U0001f1ff")
_TAGS = ("\U000e0020", "\U000e007f")

# Kinsoku: what may not begin and what may not end a line (JIS X 4051, GB/T 15834).
_NOT_FIRST = frozenset(
    "、。，．・：；？！‼⁇⁈⁉ー〜～…‥゛゜ヽヾゝゞ々〻’”）〕］｝〉》」』】〙〗〟｠»›"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ%％℃‰°.,:;!?)]}"
)
_NOT_LAST = frozenset("‘“（〔［｛〈《「『【〘〖〝｟«‹([{$¥￥€£＄₩#＃@＠№")
# A number and the sign of its unit stay on one line, whatever space is between them.
_UNITS = frozenset("%‰°€$£¥₹₽₩₪₺₫")
# Where a reader pauses: the best place to end a line of a script without spaces.
PAUSES = frozenset("、。，．！？；：…")
_AFTER = frozenset("-‐–—")


def graphemes(text: str) -> list[str]:
    """What a reader sees as single characters: letters with their marks, emoji sequences, flags, key caps."""
    found: list[str] = []
    for char in text:
        if found and _continues(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _continues(cluster: str, char: str) -> bool:
    if char in (JOINER, EMOJI_STYLE, TEXT_STYLE, KEYCAP) or unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return not cluster.isspace()
    if _between(char, _SKIN_TONES) or _between(char, _TAGS):
        return not cluster.isspace()
    if cluster.endswith(JOINER):
        return unicodedata.category(char) in ("So", "Sk")
    return _between(char, _REGIONAL) and len(cluster) == 1 and _between(cluster, _REGIONAL)


def _between(char: str, ends: tuple[str, str]) -> bool:
    return ends[0] <= char <= ends[1]


@lru_cache(maxsize=4_096)
def pieces(paragraph: str, *, at_hyphens: bool = True, anywhere: bool = False) -> tuple[tuple[str, str], ...]:
    """A paragraph as what must stay together, each with what joins it to the next piece: a space, nothing or a soft hyphen.

    A soft hyphen is shown where a line ends at it and is nothing elsewhere. Without `at_hyphens` cold-pressed is one piece, and
    soft hyphens are as if they were not there;
    with `anywhere` words without spaces between them are broken too.
    """
    found: list[tuple[str, str]] = []
    current = ""
    clusters = graphemes(paragraph)
    ends = frozenset() if anywhere else _word_ends(paragraph)
    at = 0
    for index, cluster in enumerate(clusters):
        at += len(cluster)
        after = clusters[index + 1] if index + 1 < len(clusters) else ""
        if cluster == " " and after in _UNITS and current[-1:].isdigit():
            current += cluster
            continue
        if cluster == SOFT_HYPHEN and not at_hyphens:
            continue
        if cluster in (" ", ZERO_WIDTH_SPACE, SOFT_HYPHEN):
            joint = "" if cluster == ZERO_WIDTH_SPACE else cluster
            if current:
                found.append((current, joint))
                current = ""
            continue
        current += cluster
        if (
            after
            and after not in (" ", ZERO_WIDTH_SPACE, SOFT_HYPHEN)
            and _may_break(current, cluster, after, at_hyphens)
            and (anywhere or at in ends or not (_is_unspaced(cluster[0]) or _is_unspaced(after[0])))
        ):
            found.append((current, ""))
            current = ""
    if current:
        found.append((current, ""))
    return tuple(found)


def _may_break(so_far: str, before: str, after: str, at_hyphens: bool) -> bool:
    if after[0] in _NOT_FIRST or before[0] in _NOT_LAST:
        return False
    if (before[0].isdigit() and is_ideographic(after[0])) or (before in ("年", "月") and after[0].isdigit()):
        return False  # 8月31日, 99元
    if before in _AFTER:  # after a hyphen inside a word, not before a number or at a word's beginning
        return at_hyphens and len(so_far) > 1 and after[0].isalpha()
    return is_ideographic(before[0]) or is_ideographic(after[0]) or (_is_thai(before[0]) and _is_thai(after[0]))


def _word_ends(paragraph: str) -> frozenset[int]:
    """Where words end in scripts without spaces, as offsets; empty for all others."""
    if any("\u3041" <= char <= "\u30ff" for char in paragraph):
        words = _japanese().parse(paragraph)
    elif any(is_ideographic(char) for char in paragraph):
        import rjieba  # its dictionary takes half a second

        words = rjieba.cut(paragraph)
    elif any(map(_is_thai, paragraph)):
        words = _thai().parse(paragraph)
    else:
        return frozenset()
    return frozenset(accumulate(map(len, words)))


@cache
def _japanese() -> Parser:
    from budoux import load_default_japanese_parser

    return load_default_japanese_parser()


@cache
def _thai() -> Parser:
    from budoux import load_default_thai_parser

    return load_default_thai_parser()


def _is_unspaced(char: str) -> bool:
    return is_ideographic(char) or _is_thai(char)


def _is_thai(char: str) -> bool:
    return "\u0e01" <= char <= "\u0e7f"


def is_ideographic(char: str) -> bool:
    """Written without spaces between words: Chinese characters, kana and their full-width signs."""
    return (
        "\u2e80" <= char <= "\u312f"  # radicals, signs, kana, bopomofo
        or "\u31a0" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\ufe30" <= char <= "\ufe4f"
        or "\uff01" <= char <= "\uffdc"
        or "\U00020000" <= char <= "\U0003ffff"
    )
