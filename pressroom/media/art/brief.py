"""Read a prompt: which style it asks for, a headline, a mood, and the names of things in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Words that choose a style; the style with most hits wins, earlier ones on a tie.
STYLE_WORDS: Mapping[str, frozenset[str]] = {
    "wireframe": frozenset(
        [
            "wireframe",
            "mockup",
            "ui",
            "ux",
            "screen",
            "dashboard",
            "webpage",
            "website",
            "app",
            "landing",
            "login",
            "form",
        ]
    ),
    "flow": frozenset(["flow", "flowchart", "process", "workflow", "steps", "journey", "funnel", "pipeline"]),
    "database": frozenset(["database", "schema", "erd", "tables", "sql", "entities", "relational"]),
    "architecture": frozenset(
        [
            "architecture",
            "microservices",
            "infrastructure",
            "system",
            "backend",
            "services",
            "layers",
            "deployment",
            "cloud",
        ]
    ),
    "product_stage": frozenset(
        [
            "product",
            "stage",
            "podium",
            "pedestal",
            "studio",
            "packshot",
            "backdrop",
            "scene",
            "tabletop",
            "shelf",
            "plinth",
            "bottle",
            "display",
        ]
    ),
    "landscape": frozenset(
        [
            "landscape",
            "mountain",
            "mountains",
            "hills",
            "valley",
            "sea",
            "ocean",
            "beach",
            "sunrise",
            "sunset",
            "horizon",
            "nature",
            "desert",
            "outdoor",
            "lake",
        ]
    ),
    "geometric": frozenset(["geometric", "pattern", "abstract", "bauhaus", "tiles", "mosaic", "shapes", "texture"]),
    "gradient": frozenset(
        ["gradient", "background", "wallpaper", "blur", "mesh", "aurora", "soft", "bokeh", "ambient", "smooth"]
    ),
    "poster": frozenset(
        [
            "poster",
            "sale",
            "ad",
            "advert",
            "announcement",
            "event",
            "launch",
            "headline",
            "flyer",
            "banner",
            "concert",
            "quote",
        ]
    ),
}

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
    {
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
    }
)

_WORD = re.compile(r"[^\W_][\w'’-]*")
_QUOTED = re.compile(r"[\"“«]([^\"”»]{2,80})[\"”»]")
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


@dataclass(frozen=True, slots=True)
class Brief:
    """What to draw, in words that are safe to draw."""

    prompt: str
    headline: str
    subtitle: str
    explicit: bool
    brand: str = ""


def words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def style_of(prompt: str) -> str:
    """The style that the words ask for; arrows mean a flow, no hint at all means a poster."""
    words = words_of(prompt)
    hits = {style: sum(word in wanted for word in words) for style, wanted in STYLE_WORDS.items()}
    hits["flow"] += 2 * (prompt.count("->") + prompt.count("→"))
    best = max(hits, key=lambda style: hits[style])
    return best if hits[best] else "poster"


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
