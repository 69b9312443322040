"""Names of models that people still use, and what they are today: for the answer to a name that is not in the catalog."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from pressroom.catalog.limits import Row

_DATA = Path(__file__).parent / "data" / "former_models.yaml"
_SIGNS = re.compile(r"[^a-z0-9]+")
_NAMES = re.compile(r"[\w./-]*\d[\w./-]*\w")


class Former(Row):
    """One model under the names that it is called by; `ended` is true where the day is not known."""

    names: tuple[str, ...] = Field(min_length=1)
    whole: bool = Field(False, description="Whether nothing may stand around these names but a vendor and a slash.")
    title: str = Field(min_length=1)
    ended: date | bool = False
    today: str = Field(min_length=1, description="The operation and vendors' models that do now what it did.")
    source: str = Field(min_length=1)
    as_of: date

    @property
    def answer(self) -> str:
        """`Runway Gen-3 ended on 2026-07-30: today that is image_to_video with ...`."""
        if isinstance(self.ended, date):
            return f"{self.title} ended on {self.ended}: today that is {self.today}"
        return f"{self.title} has {'ended' if self.ended else 'newer ones'}: today that is {self.today}"

    @property
    def successors(self) -> Sequence[str]:
        """The names of models, or their beginnings, that stand in what it is today."""
        return _NAMES.findall(self.today)


@cache
def former_models() -> Sequence[Former]:
    rows = yaml.safe_load(_DATA.read_text(encoding="utf-8"))["former_models"]
    return tuple(map(Former.model_validate, rows))


def former_named(name: str) -> Former | None:
    """The model that is meant, whatever stands around its name; of several the one that was named most exactly."""
    asked, whole = plain(name), plain(name.rpartition("/")[2])
    found = [
        (len(known), row)
        for row in former_models()
        for known in map(plain, row.names)
        if (known == whole if row.whole else known in asked)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def plain(name: str) -> str:
    """`Runway Gen-3` and `runway/gen3` are written alike."""
    return _SIGNS.sub("", name.lower())
