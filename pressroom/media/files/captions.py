"""Captions: timed lines of speech, read from and written as SubRip and WebVTT."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Format = Literal["srt", "vtt"]
FORMATS = ("srt", "vtt")
MOST_CAPTIONS = 500
_CLOCK = r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_TIMING = re.compile(rf"^\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?$")
_TAGS = re.compile(r"</?(?:[bciuv]|lang|ruby|rt|font)\b[^>]*>|\{\\[^}]*\}", re.I)
# How far apart two times may be and still be the same: files count milliseconds.
_ROUNDING = 0.0005


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said from `start` to `end`, in seconds."""

    start: float
    end: float
    text: str


def parse_captions(source: str) -> list[Caption]:
    """The captions of an SRT or WebVTT text. Raises ValueError with the line that cannot be read."""
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_vtt = lines[0].startswith("WEBVTT")
    found: list[Caption] = []
    for number, line in enumerate(lines):
        if "-->" not in line:
            continue
        timing = _TIMING.match(line)
        if timing is None:
            raise ValueError(f"line {number + 1} of the captions is no timing: {line.strip()[:60]!r}")
        said = [_TAGS.sub("", text).strip() for text in _said_after(lines, number)]
        if is_vtt:  # WebVTT, 4.2.2: in SubRip an ampersand is one
            said = [html.unescape(text) for text in said]
        parts = timing.groups()
        found.append(Caption(_seconds(*parts[:4]), _seconds(*parts[4:]), "\n".join(said)))
    if not found:
        raise ValueError("the captions hold no line like 00:00:01,000 --> 00:00:02,500")
    return found


def _said_after(lines: Sequence[str], number: int) -> Iterator[str]:
    """The lines below a timing, up to a blank one or to the next caption, whose number may follow without one."""
    following = (*lines[number + 2 :], "")
    for text, after in zip(lines[number + 1 :], following, strict=True):
        if not text.strip() or "-->" in text or (text.strip().isdigit() and "-->" in after):
            return
        yield text


def problems_of(captions: Sequence[Caption], seconds: float) -> list[str]:
    """What cannot work in a clip of this length."""
    found = []
    if len(captions) > MOST_CAPTIONS:
        found.append(f"{len(captions)} captions, at most {MOST_CAPTIONS} are possible")
    for number, caption in enumerate(captions, 1):
        name = f"caption {number} ({caption.start:g} s)"
        if caption.end <= caption.start:
            found.append(f"{name} ends at {caption.end:g} s, before it starts")
        if caption.end > seconds + _ROUNDING:
            found.append(f"{name} ends at {caption.end:g} s, the clip after {seconds:g} s")
        if not caption.text.strip():
            found.append(f"{name} says nothing")
        if number > 1 and caption.start < captions[number - 2].end - _ROUNDING:
            found.append(f"{name} starts before the one before it ends, at {captions[number - 2].end:g} s")
    return found


def written(captions: Sequence[Caption], kind: Format) -> str:
    """The text of a file. Blank lines within a caption would end it, so they are left out."""
    comma = "," if kind == "srt" else "."
    blocks = [
        f"{number}\n{_clock(one.start, comma)} --> {_clock(one.end, comma)}\n{_lines(one.text, kind)}\n"
        for number, one in enumerate(captions, 1)
    ]
    return ("WEBVTT\n\n" if kind == "vtt" else "") + "\n".join(blocks)


def _lines(text: str, kind: Format) -> str:
    kept = "\n".join(line.strip() for line in text.split("\n") if line.strip()).replace("-->", "→")
    return kept.replace("&", "&amp;").replace("<", "&lt;") if kind == "vtt" else kept


def _clock(seconds: float, comma: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{comma}{rest % 1000:03d}"


def _seconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> float:
    return ((int(hours or 0) * 60 + int(minutes)) * 60_000 + int(seconds) * 1000 + int(thousandths)) / 1000
