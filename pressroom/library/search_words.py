"""A search as names and values, the way command lines, addresses and saved searches write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pressroom.domain.errors import Invalid, PressroomError, Problem
from pressroom.domain.library import AssetState, Category
from pressroom.domain.media import MEDIA_TYPES, Kind, type_named
from pressroom.domain.suggest import did_you_mean
from pressroom.library.search import FACETS, MOST, Filter, Query, Sort
from pressroom.library.search_filter import ORIENTATIONS, Range
from pressroom.library.search_query import terms

# Whoever shows these names reads what they mean from here.
NAMES: Final[Mapping[str, str]] = {
    "text": 'words that all occur; "a phrase", -without, begin*',
    "kind": "image, video, audio, model, text or document",
    "category": "what it is for",
    "folder": "in this folder or below it",
    "in_folder": "in this folder itself",
    "project": "of this project",
    "collection": "in this collection",
    "campaign": "of this campaign",
    "run": "of this run",
    "step": "of this step",
    "operation": "made by this operation",
    "placement": "made for this placement",
    "platform": "made for a placement of this platform",
    "module": "what has filed it; input: a person",
    "provider": "bought from this provider, or made here: local",
    "model": "made by this model, with or without its provider",
    "tier": "made by a model of this tier",
    "creator": "filed by this person",
    "state": "ready, processing, failed, archived or trashed; without it neither archived nor trashed",
    "format": "png, jpeg, mp4 and so on",
    "orientation": "landscape, portrait or square",
    "ratio": "16:9, within 1 %",
    "tag": "with this tag; several times: with all of them",
    "any_tag": "with one of these tags",
    "no_tag": "with none of these tags",
    "favourite": "yes or no: a favourite of yours",
    "used": "yes or no: ever used",
    "alpha": "yes or no: may be transparent",
    "generated": "yes or no: a generative model took part",
    "public": "yes or no",
    "agent_visible": "yes or no",
    "rating": "your rating: 4 or 4..5",
    "bytes": "size of the file: 1000..2000, 1000.. or ..2000",
    "width": "pixels, as 1000..2000",
    "height": "pixels, as 1000..2000",
    "duration": "seconds, as 5..10",
    "cost": "credits, as 1..10",
    "created": "days or instants, both included: 2026-11-01..2026-11-30",
}
SHOWING: Final[Mapping[str, str]] = {
    "sort": f"{', '.join(Sort)}",
    "limit": f"1 to {MOST} a page",
    "cursor": "the next_cursor of the page before",
    "facets": f"counts by these, or all: {', '.join(FACETS)}",
    "timeline": "yes: counts by day or month",
    "like": "an asset's id: only what resembles it",
}
# Filters and ways of showing that take one of a few words.
LISTS: Final[Mapping[str, Sequence[str]]] = {
    "kind": tuple(Kind),
    "category": tuple(Category),
    "state": tuple(AssetState),
    "orientation": ORIENTATIONS,
    "facets": (*FACETS, "all"),
    "sort": tuple(Sort),
    "format": tuple(row.name for row in MEDIA_TYPES),
}
_YES_OR_NO: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_BOOLEAN: Final = ("favourite", "used", "alpha", "generated", "public", "agent_visible", "timeline")
_RANGES: Final = ("rating", "bytes", "width", "height", "duration", "cost")
_SINGLE: Final = (*_BOOLEAN, *_RANGES, "text", "created", "sort", "limit", "cursor", "like")
_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_RATIO: Final = re.compile(r"\d{1,5}(?:\.\d{1,4})?:\d{1,5}(?:\.\d{1,4})?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_VALUES: Final = 100


def query_of(given: Iterable[tuple[str, str]]) -> Query:
    """The search that these names and values say; a name may come several times. Raises Invalid with every problem."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name, []).append(value)
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    for name, texts in values.items():
        try:
            read[name] = _read(name, texts)
        except PressroomError as exc:
            problems += exc.problems or [_problem(name, exc.message, exc.hint)]
    if problems:
        raise Invalid.of(problems)
    since, before = read.pop("created", (None, None))
    shown = {name: read.pop(name) for name in SHOWING if name in read}
    return Query(Filter(**read, since=since, before=before), **shown)


def _read(name: str, texts: list[str]) -> Any:
    if name not in NAMES and name not in SHOWING:
        raise Invalid(f"there is no filter {name!r}", hint=did_you_mean(name, (*NAMES, *SHOWING), "filters"))
    if len(texts) > (1 if name in _SINGLE else _MOST_VALUES):
        raise Invalid(f"{name} takes {'one value' if name in _SINGLE else f'{_MOST_VALUES} values'}, not {len(texts)}")
    if name in LISTS:
        texts = [_listed(name, text) for text in texts]
    if name == "facets":
        return FACETS if "all" in texts else tuple(dict.fromkeys(texts))
    reader = _READERS.get(name)
    if reader is not None:
        return reader(name, texts[0])
    if name == "ratio":
        return tuple(_ratio(text) for text in texts)
    return tuple(texts)


def _listed(name: str, text: str) -> str:
    if name == "format":
        try:
            return type_named(text).name
        except KeyError:
            pass
    elif text in LISTS[name]:
        return text
    raise Invalid(f"{text!r} is no {name}", hint=did_you_mean(text, LISTS[name]))


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() not in _YES_OR_NO:
        raise Invalid(f"{name} is yes or no, not {text[:40]!r}")
    return _YES_OR_NO[text.lower()]


def _text(name: str, text: str) -> str:
    terms(text)
    return text


def _limit(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST:
        raise Invalid(f"{name} is a number from 1 to {MOST}, not {text[:40]!r}")
    return int(text)


def _range(name: str, text: str) -> Range:
    least, dots, most = text.partition("..")
    if not dots:
        most = least
    if not (least or most) or not all(_NUMBER.fullmatch(part) for part in (least, most) if part):
        raise Invalid(f"{name} is a range, not {text[:40]!r}", hint="write 10..20, 10.. or ..20")
    return Range(float(least) if least else None, float(most) if most else None)


def _ratio(text: str) -> str:
    if not _RATIO.fullmatch(text) or not all(float(side) for side in text.split(":")):
        raise Invalid(f"{text[:40]!r} is no ratio", hint="write 16:9")
    return text


def _created(name: str, text: str) -> tuple[datetime | None, datetime | None]:
    first, dots, last = text.partition("..")
    if not dots:
        last = first
    if not (first or last):
        raise Invalid(f"{name} is a range of days, not {text[:40]!r}", hint="write 2026-11-01..2026-11-30")
    return (_moment(first) if first else None, _after(last) if last else None)


def _after(text: str) -> datetime:
    """The end of a day, or the microsecond after an instant: what is asked for includes it."""
    moment = _moment(text)
    try:
        return moment + (timedelta(days=1) if _DAY.fullmatch(text) else timedelta(microseconds=1))
    except OverflowError:
        return moment


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is no day and no instant", hint="write 2026-11-30 or 2026-11-30T12:00:00Z"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _as_it_is(name: str, text: str) -> Any:
    return Sort(text) if name == "sort" else text


_READERS: Final[Mapping[str, Callable[[str, str], Any]]] = {
    **dict.fromkeys(_BOOLEAN, _yes_or_no),
    **dict.fromkeys(_RANGES, _range),
    **dict.fromkeys(("sort", "cursor", "like"), _as_it_is),
    "text": _text,
    "limit": _limit,
    "created": _created,
}


def _problem(name: str, message: str, hint: str) -> Problem:
    return Problem("usage", message, hint, path=(name,), on_key=name not in NAMES and name not in SHOWING)
