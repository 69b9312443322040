"""Words that somebody has said: what announces them ('Customer review:'), and whose they are."""

from __future__ import annotations

import re

_VOICE = (
    r"(?:reviews?|testimonials?|feedback|quot(?:e|ation)s?|(?:customer|client|guest)\s(?:voice|opinion|story)|"
    r"(?:customers|clients|guests|users|readers|people)\s(?:say|think)|kunden\s(?:sagen|meinen)|"
    r"(?:kunden|gäste)?(?:bewertung|stimme|meinung)(?:en)?|rezension|zitat|avis(?:\s(?:client|clients|de\sclients))?|témoignage|"
    r"reseña|opini[oó]n(?:es)?|recensione|testimonianza)"
)
_ANNOUNCED = re.compile(
    rf"(?<!\w){_VOICE}(?:\s(?:by|from|of|von|de|di)\s(?P<by>[^:\"“„«]{{2,60}}?))?\s*[:=]?\s*[\"“„«]", re.IGNORECASE
)
# A name ends before a point, but not before that of an initial: Anna K.
_NAME = r"[^\W\da-z_](?:[^.,;\d\n\"]|(?<=\b[^\W\da-z_])\.){1,60}"
_SIGNED = re.compile(rf"[\"“”»’']\s*(?:[-–—]+\s*|(?:by|von|par|por)\s+)(?P<name>{_NAME})")
_AFTER_COMMA = re.compile(rf"[\"“”»’']\s*,\s*(?P<name>{_NAME})(?=$|[.,;\n])")
_BY = re.compile(r"\b(?:quote|testimonial|review) (?:by|from|of)\s+(?P<name>[^.,;:\n\"“«]{2,60})")


def is_announced(prompt: str) -> bool:
    """Whether a quotation follows what announces one: 'Customer review: "Best espresso in town!"'."""
    return bool(_ANNOUNCED.search(prompt))


def author_of(prompt: str) -> str:
    """Who said it; behind a comma only where the words are announced ('our album "Neon", Berlin' names a place)."""
    announced = _ANNOUNCED.search(prompt)
    signed = _SIGNED.search(prompt) or (_AFTER_COMMA.search(prompt) if announced else None)
    if signed:
        return signed["name"].strip()
    if announced and announced["by"]:
        return announced["by"].strip()
    by = _BY.search(prompt)
    return by["name"].strip() if by else ""
