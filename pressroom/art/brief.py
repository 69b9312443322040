"""Read a prompt: a headline, what follows it, an offer, a date, a quotation. What it asks to be drawn is for `choose`."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.art.facts import day_of, facts_of
from pressroom.art.offer import offer_of, without
from pressroom.art.testimonial import author_of
from pressroom.art.wording import Wording, is_bare_fact, wording_of

BETWEEN = " · "
LAST_LATIN = "\u024f"
# What a picture of backgrounds, stages or scenery shows of a prompt even where no words were asked for.
TOLD_KINDS = frozenset(["price", "share", "date", "time", "contact", "code"])
MAX_SUBTITLE_CHARACTERS = 180


@dataclass(frozen=True, slots=True)
class Brief:
    """What to draw, in words that are safe to draw.

    `explicit` says that the words belong on every picture, `titled` that title or subtitle are the user's own parameters.
    `lines` follow the headline; `left_out` are those of the prompt's that are not among them.
    """

    prompt: str
    headline: str
    lines: tuple[str, ...] = ()
    explicit: bool = False
    titled: bool = False
    brand: str = ""
    offer: str = ""
    day: str = ""
    month: str = ""
    time: str = ""
    author: str = ""
    left_out: tuple[str, ...] = ()
    told: bool = False  # the prompt quotes its words

    @property
    def subtitle(self) -> str:
        return BETWEEN.join(self.lines)

    @property
    def rest(self) -> str:
        """The headline without the offer."""
        return without(self.headline, self.offer)

    @property
    def beside_offer(self) -> str:
        """The lines without the offer, where it can be taken out of them."""
        return BETWEEN.join(filter(None, (_beside(line, self.offer) for line in self.lines)))

    @property
    def when(self) -> str:
        """Date and time in the prompt's own spelling where they stand alone, else as a figure shows them."""
        if own := [line for line in self.lines if _is_moment(line)]:
            return BETWEEN.join(own)
        if any(char.isalpha() and char > LAST_LATIN for char in self.headline):
            return ""  # "24 Dec" is no date to a reader of Chinese: theirs stands among the lines
        return BETWEEN.join(filter(None, (f"{self.day} {self.month}".strip(), self.time)))

    @property
    def beside_when(self) -> str:
        """The lines without date and time."""
        return BETWEEN.join(line for line in self.lines if not _is_moment(line))


def read_brief(prompt: str, title: str | None, subtitle: str = "", brand: str = "", lines: int | None = None) -> Brief:
    """What the words say; all texts are clean already.

    `title` None takes the words from the prompt, and of what follows the headline the first `lines` (None: what a
    subtitle may hold). The user's own title and subtitle are set as they are.
    """
    wording = wording_of(prompt) if title is None else Wording(title)
    own = _lines(wording.lines, lines) if not subtitle else ()
    shown = (subtitle,) if subtitle else own
    said = " ".join(filter(None, (wording.headline, *shown, "" if title is None else prompt)))
    offer = (
        offer_of(wording.headline) or offer_of(BETWEEN.join(shown)) or (offer_of(prompt) if title is not None else "")
    )
    day = day_of(said)
    told = wording.told or any(fact.kind in TOLD_KINDS for fact in facts_of(said))
    return Brief(
        prompt,
        wording.headline,
        shown,
        explicit=title is not None or bool(subtitle) or told,
        titled=title is not None or bool(subtitle),
        brand=brand or wording.sender,
        offer=offer,
        day=day.day,
        month=day.month,
        time=next((fact.text for fact in facts_of(said) if fact.kind == "time"), ""),
        author=author_of(prompt),
        told=wording.told,
        left_out=wording.lines[len(own) :] if title is None else (),
    )


def _lines(lines: tuple[str, ...], most: int | None) -> tuple[str, ...]:
    """As many from the first on as a subtitle may hold."""
    kept: list[str] = []
    for line in lines[:most]:
        if len(BETWEEN.join((*kept, line))) > MAX_SUBTITLE_CHARACTERS:
            break
        kept.append(line)
    return tuple(kept)


def _beside(line: str, offer: str) -> str:
    """A line less the offer at its start or end; one that holds little else goes, one that needs it stays whole."""
    if not offer or offer not in line:
        return line
    rest = without(line, offer)
    if line == offer or not rest or is_bare_fact(rest):
        return "" if line == offer or not rest else line
    at_an_end = line.startswith(offer) or line.endswith(offer)
    return rest if at_an_end and len(rest.split()) > 2 else line


def _is_moment(line: str) -> bool:
    return is_bare_fact(line) and {fact.kind for fact in facts_of(line)} <= {"date", "time"}
