"""Which template a prompt asks for: its words choose the family, then the template; the seed chooses among equals."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from pressroom.art.facts import day_of
from pressroom.art.gallery import FAMILIES, TEMPLATES, find_template, members
from pressroom.art.offer import is_discount, offer_of
from pressroom.art.template import Template
from pressroom.art.testimonial import is_announced
from pressroom.art.wording import headline_of, words_of

DEFAULT_FAMILY = "poster"
WORDLESS_FAMILY = "abstract"
_QUOTED = re.compile(r"[“„\"«][^”“\"»]{12,}[”“\"»]")
_SALE = re.compile(r"\b(?:sale|discounts?|clearance|black friday|cyber monday)\b|促销|特卖|تخفيضات", re.IGNORECASE)
_FOR_SALE = re.compile(r"\bfor sale\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[^\W_] )(?:[^\W\d_a-z][\w'’-]*)(?:\s+&\s+[^\W\d_a-z][\w'’-]*)*")
_BEHIND = re.compile(r"\b(?:in|as)\s+(?:the\s+)?background\b", re.IGNORECASE)
_JOURNEY = re.compile(r"\b(?:customer|user|buyer|guest|patient|shopper|client)\s+journey\b", re.IGNORECASE)
_SAVE_THE_DATE = re.compile(r"\bsave[\s-]+the[\s-]+date\b", re.IGNORECASE)
_SHEET = re.compile(r"\b(?:poster|flyer|billboard)\b", re.IGNORECASE)
# Signs that say more than a word, with what they count for.
SIGNS: Sequence[tuple[str, int, Callable[[str], bool]]] = (
    ("flow", 2, lambda prompt: "->" in prompt or "→" in prompt),
    ("flow", 2, lambda prompt: bool(_JOURNEY.search(prompt))),
    ("sale", 2, is_discount),
    ("sale", 1, lambda prompt: bool(offer_of(prompt))),
    ("event", 3, lambda prompt: bool(_SAVE_THE_DATE.search(prompt))),
    ("event", 1, lambda prompt: bool(day_of(prompt).day)),
    ("sale", 1, lambda prompt: bool(_SALE.search(_FOR_SALE.sub("", prompt)))),
    ("poster", 1, lambda prompt: bool(_SHEET.search(prompt))),
    ("quote", 2, is_announced),
    ("quote", 1, lambda prompt: bool(_QUOTED.search(prompt)) and len(words_of(_QUOTED.sub("", prompt))) <= 3),
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
    if style == "auto" and family == DEFAULT_FAMILY and not best and not headline_of(prompt):
        return choose(WORDLESS_FAMILY, prompt, ratio, seed)  # a poster without words is a picture
    equals = [template for template in candidates if hits[template.name] == best]
    return equals[(random.Random(f"{family}\n{prompt}").randrange(len(equals)) + seed) % len(equals)]


def _without_names(prompt: str) -> str:
    """Hill & Harvest is no hill: what is written with a capital inside a sentence is a name."""
    return _NAME.sub(" ", prompt) if len(_NAME.findall(prompt)) * 2 < len(prompt.split()) else prompt


def family_for(prompt: str) -> str:
    """The family whose words and signs the prompt holds most of; a poster where it holds none."""
    return family_named(prompt) or (DEFAULT_FAMILY if headline_of(prompt) else WORDLESS_FAMILY)


def family_named(prompt: str) -> str:
    """The family whose words and signs the prompt holds most of; empty where it holds none."""
    words = words_of(_BEHIND.sub("", prompt))
    common = words_of(_without_names(_BEHIND.sub("", prompt)))
    scores = {family.name: family.hits(common if family.scenic else words) for family in FAMILIES}
    for name, weight, holds in SIGNS:
        scores[name] += weight if holds(prompt) else 0
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else ""
