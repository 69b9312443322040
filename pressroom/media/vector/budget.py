"""What a drawing may cost to be read and drawn, counted while it is read: far above what real logos and our own drawings hold
(the largest: 60 kB, nested 8 deep), far below what hurts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.vector.lengths import numbers

MAX_SVG_BYTES: Final = 20_000_000  # what editors keep for themselves in a file is most of it
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000
MAX_ATTRIBUTES, MAX_ATTRIBUTES_OF_ONE = 300_000, 1_000
MAX_WITHIN: Final = 4  # drawings within drawings
MAX_LETTERS: Final = 20_000  # of text: each is laid out
# Filters work on every pixel: these bound the work for one pixel.
_FILTER_LIMITS: Final = {"stdDeviation": 500.0, "numOctaves": 10.0, "order": 20.0, "radius": 200.0}
_MAX_FILTERED_ELEMENTS, _MAX_FILTER_STEPS = 200, 50
_TAG: Final = re.compile(rb"<[^<>]*")
_SIMPLER: Final = "export a simpler drawing"

Refuse = Callable[..., NoReturn]  # with what is wrong and a hint, where the reader stands


def check_source(data: bytes) -> None:
    """What can be said before a parser takes seconds and hundreds of megabytes for a million attributes. Raises Corrupt."""
    if len(data) > MAX_SVG_BYTES:
        raise Corrupt(f"the SVG has {len(data)} bytes, {MAX_SVG_BYTES} are allowed", hint=_SIMPLER)
    if data.count(b"=") > MAX_ATTRIBUTES_OF_ONE and any(
        data.count(b"=", *tag.span()) > MAX_ATTRIBUTES_OF_ONE for tag in _TAG.finditer(data)
    ):
        raise Corrupt("the SVG has an element with thousands of attributes", hint=_SIMPLER)


@dataclass(slots=True)
class Budget:
    """Of a drawing with all that are embedded in it. Each method refuses what goes beyond."""

    limits: MediaLimits
    elements: int = 0
    attributes: int = 0
    letters: int = 0
    filtered: int = 0
    steps: int = 0  # of the filter that has begun
    embedded_pixels: int = 0

    def begin(self, attributes: int, depth: int, refuse: Refuse) -> None:
        """An element with so many attributes, so deep within others, whether it is kept or not."""
        self.attributes += attributes
        if depth >= MAX_DEPTH:
            refuse(f"elements nest deeper than {MAX_DEPTH}")
        if self.attributes > MAX_ATTRIBUTES:
            refuse(f"there are more than {MAX_ATTRIBUTES:,} attributes", hint=_SIMPLER)
        if self.elements >= MAX_ELEMENTS:
            refuse(f"there are more than {MAX_ELEMENTS:,} elements", hint=_SIMPLER)

    def keep(self, name: str, refuse: Refuse) -> None:
        """An element that is drawn."""
        self.elements += 1
        if name.startswith("fe") or name == "filter":
            self.steps = self.steps + 1 if name != "filter" else 0
            if self.steps > _MAX_FILTER_STEPS:
                refuse(f"a filter has more than {_MAX_FILTER_STEPS} steps", hint="use a simpler filter")

    def check(self, name: str, value: str, refuse: Refuse) -> None:
        """An attribute, which may be that of a filter, or give its element one."""
        if name in _FILTER_LIMITS and any(number > _FILTER_LIMITS[name] for number in numbers(value)):
            refuse(f"{name}={value[:40]!r} is above {_FILTER_LIMITS[name]:g}", hint="use a smaller filter")
        if name == "filter" or (name == "style" and "filter" in value):
            self.filter(refuse)

    def filter(self, refuse: Refuse) -> None:
        """An element to which one is applied."""
        self.filtered += 1
        if self.filtered > _MAX_FILTERED_ELEMENTS:
            refuse(f"more than {_MAX_FILTERED_ELEMENTS} elements have a filter")

    def write(self, letters: int, refuse: Refuse) -> None:
        self.letters += letters
        if self.letters > MAX_LETTERS:
            refuse(f"there are more than {MAX_LETTERS:,} letters of text", hint="turn text into paths")

    def embed(self, width: int, height: int, refuse: Refuse) -> None:
        """A picture of so many pixels."""
        self.fit("an embedded image", width, height, refuse)
        self.embedded_pixels += width * height
        if self.embedded_pixels > self.limits.max_pixels:
            refuse(f"its embedded images have more than {self.limits.max_pixels:,} pixels together")

    def fit(self, what: str, width: int, height: int, refuse: Refuse) -> None:
        limits = self.limits
        if max(width, height) > limits.max_side or width * height > limits.max_pixels:
            refuse(
                f"{what} declares {width} x {height} pixels, at most {limits.max_pixels} pixels "
                f"and {limits.max_side} on a side are allowed",
                hint="declare a smaller size",
            )
