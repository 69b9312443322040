"""Read a prompt: a headline, an offer, a date, a quotation, and a mood. What it asks to be drawn is for `choose`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Hue in OKLCH degrees, taken from the named sRGB colours or a photograph's usual cast.
HUE_WORDS: Mapping[str, float] = {
    "red": 27, "crimson": 20, "coral": 35, "orange": 60, "sunset": 48, "autumn": 58, "amber": 75, "gold": 88,
    "golden": 88, "yellow": 105, "sunny": 95, "summer": 80, "lime": 125, "green": 145, "forest": 148, "nature": 140,
    "spring": 135, "eco": 145, "mint": 165, "teal": 190, "turquoise": 195, "sea": 225, "ocean": 235, "water": 230,
    "sky": 240, "ice": 225, "winter": 240, "blue": 258, "tech": 262, "night": 275, "indigo": 280, "violet": 300,
    "purple": 305, "lavender": 300, "magenta": 330, "pink": 355, "rose": 10, "blush": 20, "coffee": 55, "wood": 60,
    "marble": 250, "chocolate": 45, "sand": 80, "desert": 65, "beach": 80,
}  # fmt: skip
DARK_WORDS = frozenset(["dark", "night", "midnight", "black", "moody", "noir", "neon", "dramatic", "luxury"])
LIGHT_WORDS = frozenset(["light", "bright", "white", "airy", "clean", "minimal", "pastel", "fresh", "morning", "sunny"])
CALM_WORDS = frozenset(["pastel", "soft", "calm", "muted", "minimal", "marble", "elegant", "subtle", "natural"])
VIVID_WORDS = frozenset(["vivid", "vibrant", "neon", "bold", "bright", "energetic", "electric", "pop"])

LOOKS = frozenset(
    [
        "minimalist",
        "modern",
        "simple",
        "beautiful",
        "retro",
        "vintage",
        "nice",
        "stylish",
        "colorful",
        "colourful",
        "large",
        "big",
        "new",
    ]
)

_WORD = re.compile(r"[^\W_][\w'’-]*")
_QUOTED = re.compile(r"[\"“«]([^\"”»]{2,160})[\"”»]")
# "create a bold summer sale poster for running shoes": the verb, what kind of poster, and what it is about.
_LEAD = re.compile(
    r"^(?:please\s+)?(?:(?:create|make|draw|design|generate|show|render|paint|illustrate)\s+)?(?:me\s+)?"
    r"(?:(?:an?|the|some|our|my)\s+)?(?P<kind>(?:[\w'’-]+\s+){0,4}?)"
    r"(?:poster|image|picture|illustration|banner|advert|ad|photo|drawing|diagram|wireframe|mockup|schema|flowchart|flow|"
    r"chart|architecture|visual|graphic|artwork|background|database)s?\s+(?:diagram\s+|schema\s+)?"
    r"(?:of|for|about|showing|announcing|saying|that shows)\s+(?:(?:an?|the|our|my)\s+)?",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?\n—–]|,\s|\s-\s|->|→")
MAX_HEADLINE_WORDS = 7
_WEAK_ENDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "with",
        "and",
        "or",
        "in",
        "on",
        "at",
        "to",
        "by",
        "from",
        "as",
        "is",
        "are",
        "that",
        "which",
        "into",
        "over",
    ]
)
# "50% off", "$20 off", "2 for 1", "half price": what a sale banner sets largest.
OFFER = re.compile(
    r"(?:up to\s+)?[-−–]?\s?\b\d{1,3}\s?%(?:\s?off\b)?|[$€£¥]\s?\d+(?:[.,]\d\d)?(?:\s?off\b)?|\b\d+(?:[.,]\d\d)?\s?€|"
    r"\b\d\s?(?:for|-for-)\s?\d\b|\bhalf price\b|\bfree (?:shipping|delivery)\b|\bbuy one,? get one(?: free)?\b|\bbogo\b",
    re.IGNORECASE,
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DATES = (
    re.compile(r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?" + _MONTH.format("month") + r"\b", re.IGNORECASE),
    re.compile(r"\b" + _MONTH.format("month") + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?!:)", re.IGNORECASE),
    re.compile(r"\b\d{4}-(?P<number>\d{2})-(?P<day>\d{2})\b"),
)
_WEEKDAY = re.compile(r"\b(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b", re.IGNORECASE)
TIME = re.compile(r"\b\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm)\b|\b\d{1,2}:\d{2}\b", re.IGNORECASE)
_AUTHOR = re.compile(
    r"[\"”»]\s*(?:[-–—]+|by\s)\s*(?P<name>[^.,;\n]{2,60})|\bquote (?:by|from|of)\s+(?P<by>[^.,;:\n\"“«]{2,60})"
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What to draw, in words that are safe to draw."""

    prompt: str
    headline: str
    subtitle: str
    explicit: bool
    brand: str = ""
    offer: str = ""
    rest: str = ""  # the headline without the offer
    day: str = ""
    month: str = ""
    time: str = ""
    author: str = ""


def read_brief(prompt: str, title: str | None, subtitle: str = "", brand: str = "") -> Brief:
    """What the words say. `title` None takes a headline from the prompt; all texts are clean already."""
    headline = headline_of(prompt) if title is None else title
    said = " ".join(filter(None, (headline, subtitle, prompt)))
    found = OFFER.search(headline) or OFFER.search(said)
    offer = found[0].strip() if found else ""
    day, month = date_of(said)
    time = TIME.search(said)
    author = _AUTHOR.search(prompt)
    return Brief(
        prompt, headline, subtitle, title is not None or bool(subtitle), brand, offer, _without(headline, offer), day, month,
        time[0] if time else "", (author["name"] or author["by"] or "").strip() if author else "",
    )  # fmt: skip


def _without(text: str, part: str) -> str:
    """The text without one part, tidied: 'Summer sale: 50% off' less '50% off' is 'Summer sale'."""
    if not part or part not in text:
        return text
    before, _, after = text.partition(part)
    left = " ".join(f"{before.strip(' ,:;–—-')} {after.strip(' ,:;–—')}".split())
    return left[:1].upper() + left[1:]


def date_of(text: str) -> tuple[str, str]:
    """Day and short month ('14', 'Jun'), or a short weekday alone ('Sat', ''), or two empty texts."""
    for pattern in _DATES:
        if match := pattern.search(text):
            found = match.groupdict()
            month = found.get("month") or _MONTHS[min(11, max(0, int(found["number"]) - 1))]
            return str(int(match["day"])), month[:3].capitalize()
    if weekday := _WEEKDAY.search(text):
        return weekday["weekday"][:3].capitalize(), ""
    return "", ""


def words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def headline_of(prompt: str) -> str:
    """A short line to set large: the quoted words, else the first clause without 'a poster of' and the like."""
    if quoted := _QUOTED.search(prompt):
        return quoted[1].strip()
    kind, rest = _kind_and_rest(prompt.strip())
    clause = next((part.strip() for part in _CLAUSE.split(rest) if part.strip()), rest.strip())
    words = [*kind, *clause.split()][:MAX_HEADLINE_WORDS]
    while len(words) > 1 and words[-1].lower() in _WEAK_ENDS:
        words.pop()
    headline = " ".join(words)
    return headline[:1].upper() + headline[1:]


def _kind_and_rest(prompt: str) -> tuple[list[str], str]:
    """What is said before 'poster for' (style words left out, closed with a colon) and what comes after it."""
    lead = _LEAD.match(prompt)
    if lead is None or not prompt[lead.end() :].strip():
        return [], prompt
    looks = DARK_WORDS | LIGHT_WORDS | CALM_WORDS | VIVID_WORDS | LOOKS
    kind = [word for word in lead["kind"].split() if word.lower() not in looks]
    if kind:
        kind[-1] += ":"
    return kind, prompt[lead.end() :]


def hue_of(prompt: str) -> float | None:
    """The hue of the first colour word, if there is one."""
    return next((HUE_WORDS[word] for word in words_of(prompt) if word in HUE_WORDS), None)


def dark_of(prompt: str) -> bool | None:
    words = set(words_of(prompt))
    if words & DARK_WORDS:
        return True
    return False if words & LIGHT_WORDS else None


def chroma_of(prompt: str) -> float:
    """How vivid the invented colours are: 1 is normal."""
    words = set(words_of(prompt))
    return (0.55 if words & CALM_WORDS else 1.0) * (1.25 if words & VIVID_WORDS else 1.0)
