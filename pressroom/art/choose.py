"""Which template a prompt asks for: its words choose the family, then the template; the seed chooses among equals."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from pressroom.art.brief import OFFER, TIME, date_of, words_of
from pressroom.art.gallery import FAMILIES, TEMPLATES, find_template, members
from pressroom.art.template import Template

DEFAULT_FAMILY = "poster"
_QUOTED = re.compile(r"[“\"«][^”\"»]{12,}[”\"»]")
_SALE = re.compile(r"\b(?:sale|discounts?|clearance)\b", re.IGNORECASE)
_SHEET = re.compile(r"\b(?:poster|flyer|billboard)\b", re.IGNORECASE)
# Signs that say more than a word, with what they count for.
SIGNS: Sequence[tuple[str, int, Callable[[str], bool]]] = (
    ("flow", 2, lambda prompt: "->" in prompt or "→" in prompt),
    ("sale", 2, lambda prompt: bool(OFFER.search(prompt))),
    ("event", 1, lambda prompt: bool(date_of(prompt)[0] or TIME.search(prompt))),
    ("sale", 1, lambda prompt: bool(_SALE.search(prompt))),
    ("poster", 1, lambda prompt: bool(_SHEET.search(prompt))),
    ("quote", 1, lambda prompt: bool(_QUOTED.search(prompt))),
)


def choose(style: str, prompt: str, ratio: float, seed: int) -> Template:
    """The template for `style` (auto, a family or a template's name) on a canvas of this ratio (width to height)."""
    if any(template.name == style for template in TEMPLATES):
        return find_template(style)
    family = family_for(prompt) if style == "auto" else style
    candidates = members(family)
    candidates = tuple(template for template in candidates if template.suits(ratio)) or candidates
    words = set(words_of(prompt))
    hits = {template.name: len(words & template.words) for template in candidates}
    best = max(hits.values())
    equals = [template for template in candidates if hits[template.name] == best]
    return equals[(random.Random(f"{family}\n{prompt}").randrange(len(equals)) + seed) % len(equals)]


def family_for(prompt: str) -> str:
    """The family whose words and signs the prompt holds most of; a poster where it holds none."""
    words = words_of(prompt)
    scores = {family.name: sum(word in family.words for word in words) for family in FAMILIES}
    for name, weight, holds in SIGNS:
        scores[name] += weight if holds(prompt) else 0
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else DEFAULT_FAMILY
