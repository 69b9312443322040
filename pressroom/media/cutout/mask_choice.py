"""Which of the plausible masks is the subject: a weighted sum of their traits, learned from composed photos."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from pressroom.media.cutout.masks import Mask, grown, overlap

DATA = Path(__file__).parent / "choice_data" / "choice.json"
FAIR = 0.5  # of the best quality: what is worth less is not chosen, whatever else speaks for it
SURE = 0.4  # where no mask reaches this quality, the photo is like none that was learned from, and the quality decides
SAME_PARTS = 0.95  # overlap (IoU)
NEARLY_EQUAL = 0.025
WHOLE_PART = 0.05  # of the subject's area; a looser outline alone adds less beyond four pixels
REACH = 4.0  # deviations; nothing that was learned says what lies further off

Weights = dict[str, dict[str, float]]  # for each trait `mean`, `deviation` and `weight`


def preferred(traits: dict[str, dict[str, float]], masks: dict[str, Mask], weights: Weights | None = None) -> str:
    """The name of the best mask, from what `Search` knows of each; with the package's weights unless others are given."""
    qualities = {name: found["quality"] for name, found in traits.items()}
    best = max(qualities, key=lambda name: qualities[name])
    if qualities[best] < SURE:
        return _fullest(qualities, masks, best)
    known = weights or _stored()
    fair = [name for name, quality in qualities.items() if quality >= FAIR * qualities[best]]
    chosen = max(fair, key=lambda name: _preference(traits[name], known))
    # The weights tell which parts belong; of masks that agree on these, the quality knows best which is on the edges.
    alike = [name for name in fair if overlap(masks[name], masks[chosen]) >= SAME_PARTS]
    return max(alike, key=lambda name: qualities[name])


def _fullest(qualities: dict[str, float], masks: dict[str, Mask], best: str) -> str:
    """The best quality, unless a nearly equal mask has a whole part more: what is lost leaves few traces."""
    around = grown(masks[best], 4)
    equal = [name for name, quality in qualities.items() if quality >= qualities[best] - NEARLY_EQUAL]
    more = {name: float((masks[name] & ~around).sum()) for name in equal}
    fullest = max(more, key=lambda name: more[name])
    return fullest if more[fullest] > WHOLE_PART * masks[best].sum() else best


def _preference(found: dict[str, float], weights: Weights) -> float:
    return sum(
        part["weight"] * float(np.clip((found[name] - part["mean"]) / part["deviation"], -REACH, REACH))
        for name, part in weights.items()
    )


@cache
def _stored() -> Weights:
    stored: Weights = json.loads(DATA.read_text())["traits"]
    return stored
