"""What problems mean, in the words of the documentation: its tables are read where they stand, and said nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final

from pressroom.domain.errors import Invalid
from pressroom.domain.suggest import did_you_mean
from pressroom.project import project_root

DOCUMENT: Final = "docs/errors.md"
_ROW: Final = re.compile(r"^\| `(\w+)` \| (.+?) \|(?: \S+ \|)?$")
_HEADING: Final = re.compile(r"^#+ (.+)$")
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]+\)")
# A code stands alone, before a colon at the begin of a line or of what follows another, in quotation marks, or is no common word.
_NAMED: Final = re.compile(r'(?:^|: )\s*(\w+)(?=:|\s*$)|"(\w+)"|\b([a-z]+_\w+)', re.MULTILINE)
_LETTER: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code, what it is about, and what it means and asks for."""

    code: str
    about: str
    meaning: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def explain_problem(text: str) -> list[Explanation]:
    """What the codes in this text mean, in their order. Raises Invalid where it names none."""
    known = _explanations()
    named = dict.fromkeys(word for words in _NAMED.findall(text.lower()) for word in words if word)
    found = [known[word] for word in named if word in known]
    if not found:
        said = text.strip()[:80]
        raise Invalid(f"no problem is called {said!r}", hint=did_you_mean(said, known, "codes"))
    return found


@lru_cache(maxsize=1)
def _explanations() -> Mapping[str, Explanation]:
    """Code -> its row. Classes of errors have their names in small letters, as answers give them."""
    found: dict[str, Explanation] = {}
    about = ""
    for line in (project_root() / DOCUMENT).read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            about = heading[1]
        elif row := _ROW.match(line):
            code = _LETTER.sub("_", row[1]).lower()
            found.setdefault(code, Explanation(code, about, _LINK.sub(r"\1", row[2]).replace("`", "")))
    return found
