"""The order in which a line that mixes directions is read: the Unicode bidirectional algorithm (UAX 9) for plain text.

Explicit directional characters never get this far (`clean_text` strips them), so what is left are the weak, neutral and
implicit rules, by their names in the standard: https://www.unicode.org/reports/tr9/.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby

_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_NUMBERS = frozenset({"EN", "AN"})
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">", "«": "»", "‹": "›", "「": "」", "『": "』", "（": "）", "【": "】"}
# Guillemets and angle brackets mirror but do not pair in the standard's data.
_PAIRS = {opening: closing for opening, closing in _CLOSING.items() if opening not in "<«‹"}


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction reads from right to left (rules P2 and P3)."""
    return next((bool(_STRONG[kind]) for char in text if (kind := unicodedata.bidirectional(char)) in _STRONG), False)


def levels(line: str, right_to_left: bool) -> list[int]:
    """The embedding level of each character: even reads from left to right, odd from right to left."""
    base = int(right_to_left)
    if line.isascii() and not right_to_left:
        return [0] * len(line)
    original = [unicodedata.bidirectional(char) or "L" for char in line]
    kinds = _weak(original, "R" if base else "L")
    _brackets(line, kinds, base)
    _neutral(kinds, base)
    found = [_level(kind, base) for kind in kinds]
    for index in range(len(line) - 1, -1, -1):  # L1: trailing spaces stand at the end of the line
        if original[index] not in ("WS", "BN"):
            break
        found[index] = base
    return found


def visual_order(levels_of_runs: list[int]) -> list[int]:
    """Indices from left to right of runs in reading order (rule L2)."""
    order = list(range(len(levels_of_runs)))
    for level in range(max(levels_of_runs, default=0), 0, -1):
        turned: list[int] = []
        for high, part in groupby(order, key=[found >= level for found in levels_of_runs].__getitem__):
            members = list(part)
            turned += members[::-1] if high else members
        order = turned
    return order


def _weak(original: list[str], outside: str) -> list[str]:
    """W1 to W7. Invisible joiners (BN) go with what they follow, like combining marks."""
    kinds = list(original)
    for index, kind in enumerate(kinds):  # W1
        if kind in ("NSM", "BN"):
            kinds[index] = kinds[index - 1] if index else outside
    strong = outside
    for index, kind in enumerate(kinds):  # W2, W3
        if kind in _STRONG:
            strong = kind
        if kind == "EN" and strong == "AL":
            kinds[index] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for index in range(1, len(kinds) - 1):  # W4
        before, here, after = kinds[index - 1 : index + 2]
        if before == after and ((here == "ES" and before == "EN") or (here == "CS" and before in _NUMBERS)):
            kinds[index] = before
    _terminators(kinds)
    strong = outside
    for index, kind in enumerate(kinds):  # W6, W7
        if kind in ("L", "R"):
            strong = kind
        if kind in ("ES", "ET", "CS"):
            kinds[index] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
    return kinds


def _terminators(kinds: list[str]) -> None:
    """W5: signs like % and $ go with the number that they touch."""
    index = 0
    for kind, part in groupby(list(kinds)):
        end = index + len(list(part))
        touches = (index > 0 and kinds[index - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN")
        if kind == "ET" and touches:
            kinds[index:end] = ["EN"] * (end - index)
        index = end


def _brackets(line: str, kinds: list[str], base: int) -> None:
    """N0: both halves of a pair go the same way."""
    for opening, closing in _pairs(line, kinds):
        inside = {_direction(kind) for kind in kinds[opening + 1 : closing]} - {None}
        if base in inside:
            way = base
        elif inside:
            ways = (_direction(kind) for kind in reversed(kinds[:opening]))
            way = next((before for before in ways if before is not None), base)
        else:
            continue
        kinds[opening] = kinds[closing] = "R" if way else "L"


def _pairs(line: str, kinds: list[str]) -> list[tuple[int, int]]:
    waiting: list[tuple[str, int]] = []
    found: list[tuple[int, int]] = []
    for index, char in enumerate(line):
        if kinds[index] != "ON":
            continue
        if char in _PAIRS:
            waiting.append((_PAIRS[char], index))
        elif any(char == closing for closing, _ in waiting):
            while (top := waiting.pop())[0] != char:
                pass
            found.append((top[1], index))
    return sorted(found)


def _direction(kind: str) -> int | None:
    """0 for left to right, 1 for right to left, where numbers count as the latter."""
    return {"L": 0, "R": 1, "EN": 1, "AN": 1}.get(kind)


def _neutral(kinds: list[str], base: int) -> None:
    """N1 and N2: what has no direction takes that of both its neighbours, else the line's."""
    index = 0
    for neutral, part in groupby(list(kinds), key=lambda kind: kind in _NEUTRAL):
        end = index + len(list(part))
        if neutral:
            before = _direction(kinds[index - 1]) if index else base
            after = _direction(kinds[end]) if end < len(kinds) else base
            way = before if before == after else base
            kinds[index:end] = ["R" if way else "L"] * (end - index)
        index = end


def _level(kind: str, base: int) -> int:
    """I1 and I2."""
    if kind in _NUMBERS:
        return 2
    return 1 if kind == "R" else 2 * base
