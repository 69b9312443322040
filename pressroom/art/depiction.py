"""What a prompt asks to be seen: the vector gallery draws scenery, stages, shapes and diagrams, and nothing that lives."""

from __future__ import annotations

import re

from pressroom.art.facts import facts_of
from pressroom.art.vocabulary import ABOUT_THE_PICTURE, DRAWN, THINGS

# Drawn too, but said to readers as often.
_COPY_WORDS = frozenset(
    [
        "map",
        "title",
        "quote",
        "badge",
        "ticket",
        "coupon",
        "date",
        "calendar",
        "form",
        "page",
        "paper",
        "sun",
        "sea",
        "beach",
        "lake",
    ]
)
_THING = rf"(?:{'|'.join(sorted(THINGS, key=len, reverse=True))})(?:e?s)?"
_MANY = r"(?:an?|one|two|three|four|five|some|several|many|the|our|my|happy|cute)"
_BETWEEN = r"(?:[^\W\d_][\w'’-]*\s+){0,3}?"
_PHOTO = re.compile(
    r"\b(?:photo(?:graph)?s?\s(?:of|showing)|close-?up|stock\sphoto|photo-?realistic|hyper-?realistic|realistic\s(?:photo|image|picture)|selfie|"
    r"(?:oil|watercolou?r)\spainting|3d\srender)\b|^(?:(?:an?|the)\s)?(?:[\w-]+\s){0,2}(?:photo|photograph)\b(?!\s(?:studio|booth|walk|contest|exhibition))",
    re.IGNORECASE,
)
# "a picture of X": X is to be seen, not read. "an image for X" is not.
_PICTURE_OF = re.compile(
    r"^.{0,60}?\b(?:image|picture|illustration|photo|photograph|art|drawing|portrait|painting|artwork|visual|sketch|render|close-?up|shot|scene)\s+"
    r"(?:of|showing)\s+",
    re.IGNORECASE,
)
_SCENE = re.compile(
    rf"^(?:an?|one|two|three|four|five|some|several|happy|cute)\s+{_BETWEEN}{_THING}(?=$|[.!]$|\s+(?:in|on|at|with|under|by|near|and|over|through|against|of|who|that|behind|inside|\w+ing)\b)",
    re.IGNORECASE,
)
_PLURAL_SCENE = re.compile(rf"^{_BETWEEN}{_THING}\s+(?:\w+ing)\b(?!\s*[:!])", re.IGNORECASE)
_COUNT = r"(?:(?:an?|one|two|three|four|five|some|several)\s+)?"
# "A cup of coffee on a wooden table": a still life. "A cup of coffee for every runner" is said to a reader.
_HELD = re.compile(
    rf"^{_COUNT}{_BETWEEN}(?:cup|mug|glass|bottle|bowl|plate|jar|pair|slice|bouquet|vase|basket|stack|pile|pot|jug|tray)(?:e?s)?\s+of\s+"
    r"[^,.;:!?]+?\s(?:on|next\sto|beside|by|against|under)\s+an?\s",
    re.IGNORECASE,
)
_LAID = re.compile(
    rf"^{_COUNT}(?!(?:save|sale|win|get|book|deal|buy|order|free)\b){_BETWEEN}[^\W\d_][\w'’-]*\s+(?:on|in|atop|against)\s+an?\s+{_BETWEEN}"
    r"(?:table|tabletop|counter|countertop|desk|plate|platter|tray|bowl|vase|basket|windowsill|cutting\sboard|tablecloth|napkin|saucer|floor|rock|pedestal)\b",
    re.IGNORECASE,
)
# How such a picture shall look; beside a scene it is not said to a reader.
_MOOD = re.compile(
    r"^(?:[\w-]+\s+){0,3}(?:light|lighting|hour|sunlight|sunset|sunrise|dawn|dusk|shadows?|window|atmosphere|mood|vibes?|steam|lens|focus|"
    r"depth\sof\sfield|background|colou?rs|tones|grain|bokeh|blur|cozy|cosy|moody|cinematic|serene|tranquil|rustic|airy|detailed|\d{2,3}\s?mm)$",
    re.IGNORECASE,
)
_WITH = re.compile(
    rf"\s*,?\s*\b(?:with|featuring|showing|holding|beside|next\sto)\s+(?:{_MANY}\s+)?{_BETWEEN}{_THING}\b(?P<rest>[^.;:!?]*)$",
    re.IGNORECASE,
)
_WITH_SHAPES = re.compile(
    rf"\s*,?\s*\bwith\s+(?:(?:an?|some|lots\sof)\s+)?(?:[a-z-]+\s+)?"
    rf"(?:{'|'.join(sorted(DRAWN - _COPY_WORDS, key=len, reverse=True))})s?$"
)
_FEATURING = re.compile(
    rf"^(?:(?:and\s+)?(?:with|featuring|showing|include|add|put|show)\s+(?:(?:an?\s+)?(?:picture|photo|image|illustration|drawing)\s+of\s+)?)(?P<what>{_MANY}\s+.+|.*{_THING}.*)$",
    re.IGNORECASE,
)


def is_scene(clause: str) -> bool:
    """Whether the clause tells what is to be seen: 'a dog in a hat', 'a cup of tea on a table'."""
    return not facts_of(clause) and any(sign.search(clause) for sign in (_SCENE, _PLURAL_SCENE, _HELD, _LAID))


def is_mood(clause: str) -> bool:
    """Whether the clause tells how a scene shall look: 'morning light', 'cozy', 'shallow depth of field'."""
    return bool(_MOOD.search(clause.strip(" .")))


def picture_of(prompt: str) -> int:
    """Where the description begins in 'a picture of two kittens'; 0 where the prompt does not begin like that."""
    lead = _PICTURE_OF.match(prompt)
    return lead.end() if lead else 0


def without_things(clause: str) -> str:
    """The clause less what is to be seen with it: 'Jazz night with a saxophone' is 'Jazz night'."""
    match = _WITH.search(clause) or _WITH_SHAPES.search(clause)
    return clause[: match.start()] if match and match.start() and not facts_of(match[0]) else clause


def not_drawn(clauses: list[str]) -> tuple[str, ...]:
    """What these clauses of a prompt want to be seen and the gallery cannot draw, in the prompt's words."""
    found: list[str] = []
    for clause in clauses:
        if facts_of(clause):
            continue
        start = picture_of(clause)
        seen = clause[start:] if start else ""
        if _PHOTO.search(clause) or (seen and not _is_drawn(seen)) or is_scene(clause):
            found.append(seen or clause)
        elif match := _FEATURING.match(clause):
            found += [] if _is_drawn(match["what"]) else [match["what"]]
        elif match := _WITH.search(clause):
            found.append(re.sub(r"^[\s,]*(?:with|featuring|showing|holding)\s+", "", match[0], flags=re.IGNORECASE))
    return tuple(dict.fromkeys(text.strip(" .") for text in found))


def _is_drawn(text: str) -> bool:
    """Scenery, shapes, diagrams and what speaks of the layout."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    singular = {word.rstrip("s") for word in words} | set(words)
    living = re.search(rf"\b{_THING}\b", text, re.IGNORECASE)
    return not living and bool(singular & (DRAWN | ABOUT_THE_PICTURE))
