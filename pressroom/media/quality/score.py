"""The score of a picture among its takes: five parts from 0 to 1, what each was taken from, and their weighted mean.

Quality, not success: it says that a picture is sharp, well lit, in the brand's colours and has its subject at a good size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pressroom.media.quality.measures import Measures

PARTS: Final[tuple[str, ...]] = ("sharpness", "contrast", "exposure", "palette", "subject")

# Where each measure gives 0 and 1, read from photos of strangers that were blurred, darkened and flattened by steps
# (tests/media/quality): a sharp photo has a blur of 0.2 to 0.45, one that is seen to be out of focus 0.6 and more.
_BLUR = ((0.25, 0.85), (1, 0))
_SPREAD = ((0.05, 0.6), (0, 1))
_MIDDLE = ((0.15, 0.4, 0.75, 0.98), (0, 1, 1, 0))
_LOST = ((0.02, 0.4), (1, 0))
_PALETTE = ((0.0, 0.3), (1, 0))
_SUBJECT = ((0.0, 0.12, 0.7, 1.0), (0, 1, 1, 0.5))


@dataclass(frozen=True, slots=True)
class Score:
    """`parts` are those that count, by name; `total` is their mean by the weights."""

    total: float
    parts: Mapping[str, float]


def score(measures: Measures, weights: Mapping[str, float]) -> Score:
    """The palette counts only where there are brand colours, and a part without weight not at all."""
    found: dict[str, float] = {
        "sharpness": _between(measures.blur, _BLUR),
        "contrast": _between(measures.spread, _SPREAD),
        "exposure": _between(measures.middle, _MIDDLE) * _between(measures.lost, _LOST),
        "subject": _between(measures.subject, _SUBJECT),
    }
    if measures.palette_distance is not None:
        found["palette"] = _between(measures.palette_distance, _PALETTE)
    counted = {name: round(found[name], 3) for name in PARTS if name in found and weights[name] > 0}
    weight = sum(weights[name] for name in counted)
    return Score(round(sum(weights[name] * part for name, part in counted.items()) / weight, 3), counted)


def ranking(scores: Sequence[Score]) -> list[int]:
    """The positions from the highest total to the lowest; of equal ones the first comes first."""
    return sorted(range(len(scores)), key=lambda position: -scores[position].total)


def reason(scores: Sequence[Score], place: int = 1) -> str:
    """Why the best one, or the one in this place, against the next: `take 2 of 3 scores 0.81, take 1 0.74: sharpness +0.20`."""
    order = ranking(scores)
    best, after = order[place - 1], order[place:]
    won = scores[best]
    text = f"take {best + 1} of {len(scores)} scores {won.total:.2f}{f', place {place}' if place > 1 else ''}"
    if not after:
        return text
    second = after[0]
    ahead = {name: part - scores[second].parts[name] for name, part in won.parts.items()}
    told = [name for name in sorted(ahead, key=lambda name: -abs(ahead[name])) if abs(ahead[name]) >= 0.005]
    differences = ", ".join(f"{name} {ahead[name]:+.2f}" for name in told) or "no part differs"
    return f"{text}, take {second + 1} {scores[second].total:.2f}: {differences}"


def _between(value: float, line: tuple[Sequence[float], Sequence[float]]) -> float:
    return float(np.interp(value, *line))
