"""Where long words may be parted: TeX's patterns of the language that the text is most likely in, by pyphen."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from pressroom.media.typography.breaks import SOFT_HYPHEN

if TYPE_CHECKING:
    from pyphen import Pyphen

# Shorter words are not worth a hyphen on a picture; no part of one is shorter than this many letters.
LONG, SHORTEST_PART = 12, 4
LAST_LATIN: Final = "\u017f"
# Words of this length are German, Dutch or Nordic compounds: German's patterns part them where they are joined.
COMPOUND = 16
# Small words and letters that tell a language; the first of equals counts.
_TELLING: Final = {
    "de_DE": ("der die das und für mit von im ist ein eine zum zur auf nicht jetzt alle unser ohne bei", "äöüß"),
    "en_US": ("the and for with of in is a an to on not now all our your from at by new", ""),
    "nl_NL": ("de het een en voor met van op niet nu alle ons onze uit bij", ""),
    "fr_FR": ("le la les et pour avec de du des un une est sur pas nos notre dans au", "éèêàçœ"),
    "es_ES": ("el la los las y para con de del un una es en no por nuestro su", "ñ¿¡óáí"),
    "it_IT": ("il lo la gli e per con di del della un una è non nostro in ogni", "òì"),
    "pt_PT": ("o a os as e para com de do da um uma não em por nosso", "ãõ"),
    "sv_SE": ("och för med av på är en ett den det nu alla vår till", "å"),
    "da_DK": ("og for med af på er en et den det nu alle vores til", "øæ"),
}
_WORD = re.compile(rf"[^\W\d_]{{{LONG},}}")


@lru_cache(maxsize=1_024)
def hyphenated(text: str) -> str:
    """The text with soft hyphens in its long words; itself where it has none, or where its language cannot be told."""
    if SOFT_HYPHEN in text or not (long := _WORD.findall(text)):
        return text
    language = language_of(text) or ("de_DE" if any(len(word) >= COMPOUND for word in long) else "")
    return _WORD.sub(lambda found: _parted(found[0], language), text) if language else text


def language_of(text: str) -> str:
    """A name of pyphen's, by small words and letters; empty where nothing tells."""
    words, letters = set(re.findall(r"[^\W\d_]+", text.lower())), set(text.lower())
    found = {
        language: len(words & set(small.split())) + 2 * len(letters & set(signs))
        for language, (small, signs) in _TELLING.items()
    }
    best = max(found, key=lambda language: found[language])
    return best if found[best] else ""


def _parted(word: str, language: str) -> str:
    """Latin words only. Every part has some length: a word in crumbs is hard to read."""
    if any(char > LAST_LATIN for char in word):
        return word
    parts, start = [], 0
    for at in _patterns(language).positions(word):
        if at - start >= SHORTEST_PART:
            parts.append(word[start:at])
            start = at
    return SOFT_HYPHEN.join((*parts, word[start:]))


@cache
def _patterns(language: str) -> Pyphen:
    from pyphen import Pyphen  # its patterns take a tenth of a second

    return Pyphen(lang=language, left=SHORTEST_PART, right=SHORTEST_PART)
