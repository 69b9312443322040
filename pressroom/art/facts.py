"""Facts in a text: prices, shares, dates, times, codes, addresses. A fact is set whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Digits with the signs that group and divide them in any country: 1,299.00, 1.299,00, 1'299, 1,49,999, 12 500, 4.50.
NUMBER = r"(?:\d{1,3}(?:[\x20\u00a0\u202f]\d{3})+(?![\d:])(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*)"
_LETTERS = r"(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|INR|CNY|AED|PLN|SEK|NOK|DKK|CZK|HUF"
_SIGN = rf"(?:(?:US|CA|AU|NZ|HK|SG|[ACSR])?\$|[€£¥￥₹₩₺₽₪₫฿₱]|(?<![A-Za-z]){_LETTERS}|Fr\.|Rs\.?|kr\.?))"
_AFTER = rf"(?:[€£¥₹₩₺₽₪₫฿元円원]|{_LETTERS}|euros?|dollars?|kr|zł|Kč|Ft)(?![A-Za-z]))"
_SCALE = r"(?:\s?(?:k|K|M|m|bn|B|million|billion|thousand)(?![A-Za-z0-9]))?"
_UNIT = r"(?:month|week|day|night|year|hour|person|piece|kg|seat|user|loaf|cup|glass|Monat|mois|mes|persona|personne)"
_PER = (
    r"(?:(?:pp|pcm|pw|ea|ish)(?![A-Za-z])|\s?/\s?[A-Za-z]+|"
    rf"\s(?:per|a|an|pro|par|al|por)\s{_UNIT}(?![A-Za-z])|\seach(?![a-z]))?"
)
_DASH = r"(?:[.,][-–—])?"  # CHF 20.–
_AMOUNT = rf"(?:{_SIGN}\s?{NUMBER}{_SCALE}{_DASH}|{NUMBER}{_SCALE}{_DASH}\s?{_AFTER})"
PRICE = rf"{_AMOUNT}(?:\s?[-–—]\s?(?:{_AMOUNT}|{NUMBER}))?{_PER}"
SHARE = rf"[-−–+]?\s?{NUMBER}(?:\s?[-–—]\s?{NUMBER})?[\s\u00a0]?[%٪％]"

_MONTHS: Sequence[str] = (
    "jan(?:uary|uar|vier)?|enero|gennaio|janeiro|januari|ene|gen",
    "feb(?:ruary|ruar|rero|braio|ruari)?|février|fevereiro|févr?",
    "mar(?:ch|zo|s)?|märz|março|maart",
    "apr(?:il|ile)?|avril|abril|abr|avr",
    "may|mai|mayo|maggio|maio|mei",
    "june?|juni|juin|junio|giugno|junho",
    "july?|juli|juillet|julio|luglio|julho",
    "aug(?:ust|ustus)?|août|agosto|ago",
    "sept?(?:ember|embre|iembre)?|settembre|setembro",
    "oct(?:ober|obre|ubre)?|okt(?:ober)?|ottobre|outubro",
    "nov(?:ember|embre|iembre|embro)?",
    "de[cz](?:ember|embre)?|décembre|diciembre|dic(?:embre)?|dezembro",
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_END = r"(?![^\W\d_])(?:\.(?=\s?\d))?"
_MONTH = rf"(?:{'|'.join(_MONTHS)}){_END}"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.)?(?!\d|:\d|[.,]\d|\s?[ap]\.?m)"
_DAYS = rf"{_DAY}(?:\s?(?:[-–—&]|and|to|bis|und|et|au|y|al)\s?{_DAY})?"
_YEAR = r"(?:,?\s(?:19|20)\d\d(?!\d))?"
_WEEKDAY = (
    r"(?:mon(?:day|tag)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|dienstag|"
    r"mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|"
    rf"miércoles|jueves|viernes|sábado|domingo)s?{_END}"
)
_DATES = (
    r"(?<!\d)(?:19|20)\d\d-(?P<number>0[1-9]|1[0-2])-(?P<days3>\d\d)(?!\d)",
    r"(?:\d{4}年)?(?P<number2>1[0-2]|[1-9])月(?P<days4>\d{1,2})[日号]",
    r"(?<![\d.,/])(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?:(?P=mark)(?:(?:19|20)\d\d|\d\d)(?!\d)|(?<=\d\.\d\d)\.(?!\d))",
    rf"(?<![\d.,])(?P<days>{_DAYS})\s?(?:of\s|de\s)?(?P<month>{_MONTH}){_YEAR}",
    rf"(?<![^\W\d_])(?P<month2>{_MONTH})\s(?P<days2>{_DAYS}){_YEAR}",
    rf"(?<![^\W\d_]){_MONTH}\s(?:19|20)\d\d(?!\d)",
)
_DATE = re.compile("|".join(_DATES), re.IGNORECASE)
_CLOCK = (
    r"(?:\d{1,2}(?:[:.]\d{2})?\s?(?:a\.m\.|p\.m\.|am|pm)(?![a-z])|\d{1,2}:\d{2}(?!\d)(?:\s?(?:Uhr|h)(?![a-z]))?|"
    r"\d{1,2}\s?Uhr(?![a-z])|\d{1,2}h(?:\d\d)?(?![a-z\d])|\d{1,2}点)"
)
_TIME = re.compile(
    rf"(?<![\d$€£:.,])(?:\d{{1,2}}(?:[:.]\d{{2}})?\s?(?:[-–—]|to|bis)\s?)?{_CLOCK}"
    rf"(?:\s?(?:[-–—]|to|until|till|bis)\s?{_CLOCK})?",
    re.IGNORECASE,
)
_WEEKDAYS = re.compile(rf"(?<![^\W\d_]){_WEEKDAY}(?:\s?(?:[-–—&+]|and|to|bis|und)\s?{_WEEKDAY})?", re.IGNORECASE)
_DOMAINS = "(?:com|org|net|io|co|de|fr|es|it|uk|eu|us|shop|app|store|ai|dev|ch|at|nl|cafe|studio)"
_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+[\w/]|"
    rf"(?<![\w.])[\w-]+(?:\.[\w-]+)*\.{_DOMAINS}(?:/[\w/-]+)?(?!\w)|(?<!\w)@\w+(?:\.\w+)*|(?<!\w)#[^\W\d]\w+|"
    r"(?<![\w.])\+\d[\d\s()-]{6,}\d|(?<![\w.,])0\d{2,5}[\s/-]\d[\d\s/-]{3,}\d(?!\d)|(?<![\w-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\d)|"
    r"(?<![\w-])(?:1-)?\d{3}-[A-Z\d]{3,}(?:-[A-Z\d]{3,})*"
)
# Letters and digits in one word, a word in capitals after "code", what a sign joins: SAVE20, B2B, 24/7, 2-for-1, 30x40.
_CODE = re.compile(
    r"(?<![\w'’])(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[^\W_][\w-]*[^\W_]|(?:(?<=code )|(?<=Code )|(?<=CODE ))[A-Z]{3,}\b|"
    r"(?<![\d/])\d+/\d+(?![\d/])|\d+\s?[x×]\s?\d+|(?:№|(?<!\w)No\.)\s?\d+"
)
_NUMBER = re.compile(rf"(?<![\w.,]){NUMBER}(?:[-–—:]\d+|\s(?:to|bis)\s\d+)?{_SCALE}")
_KINDS = (
    ("contact", _CONTACT), ("price", re.compile(PRICE)), ("share", re.compile(SHARE)), ("date", _DATE), ("time", _TIME),
    ("code", _CODE), ("date", _WEEKDAYS), ("number", _NUMBER),
)  # fmt: skip


_RANGE = re.compile(r"\s?(?:[-–—]|to|until|till|through|bis|au|al)\s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fact:
    """A stretch of a text that loses its meaning when it is cut: its kind, its words, where it starts and ends."""

    kind: str
    text: str
    start: int
    end: int


def facts_of(text: str) -> tuple[Fact, ...]:
    """Every fact, in order; where two sorts claim the same letters the earlier of `_KINDS` has them."""
    found: list[Fact] = []
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            start, end = _trimmed(match)
            if all(end <= fact.start or start >= fact.end for fact in found):
                found.append(Fact(kind, text[start:end], start, end))
    return _joined(text, sorted(found, key=lambda fact: fact.start))


def _joined(text: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """'19 Sept - 4 Oct' and '9am to 5:30' are one fact, not two."""
    joined: list[Fact] = []
    for fact in facts:
        last = joined[-1] if joined else None
        if (
            last
            and last.kind == fact.kind
            and fact.kind in ("date", "time")
            and _RANGE.fullmatch(text[last.end : fact.start])
        ):
            joined[-1] = Fact(last.kind, text[last.start : fact.end], last.start, fact.end)
        else:
            joined.append(fact)
    return tuple(joined)


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    """Without the space that a sign may stand before."""
    text = match[0]
    return match.start() + len(text) - len(text.lstrip()), match.end() - len(text) + len(text.rstrip())


@dataclass(frozen=True, slots=True)
class Day:
    """A date as an event card shows it: '14' or '12–14' with 'Jun', or a weekday alone; empty texts where there is none."""

    day: str = ""
    month: str = ""


def day_of(text: str) -> Day:
    """The first date whose day and month are beyond doubt (3/4 is not), else the first weekday.

    'Dec 24 to Jan 2' is not one day.
    """
    matches = list(_DATE.finditer(text))
    if any(_RANGE.fullmatch(text[first.end() : then.start()]) for first, then in pairwise(matches)):
        return Day()
    for match in matches:
        if day := _day_in(match):
            return day
    if weekday := _WEEKDAYS.search(text):
        return _weekday(weekday[0])
    return Day()


def _weekday(text: str) -> Day:
    """'Saturday' is 'Sat'; 'Mon & Wed' is no day to set as a figure."""
    return Day() if re.search(r"[-–—&+]|\s", text) else Day(text[:3].capitalize())


def _day_in(match: re.Match[str]) -> Day | None:
    found = match.groupdict()
    days = found["days"] or found["days2"] or found["days3"] or found["days4"]
    if named := found["month"] or found["month2"]:
        month = next(
            index for index, names in enumerate(_MONTHS) if re.fullmatch(f"(?:{names})\\.?", named, re.IGNORECASE)
        )
    elif number := found["number"] or found["number2"]:
        month = int(number) - 1
    elif found["first"] is None:  # a month of a year
        return None
    else:
        return _numeric(int(found["first"]), int(found["second"]), found["mark"])
    numbers = [int(number) for number in re.findall(r"\d+", days or "")]
    if not all(1 <= number <= 31 for number in numbers):
        return None
    return Day("–".join(map(str, numbers)), SHORT_MONTHS[month])


def _numeric(first: int, second: int, mark: str) -> Day | None:
    """12.10. is a day and a month; 12/10 may be either way round, unless one of them is no month."""
    day, month = (first, second) if mark == "." or first > 12 else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31) or (mark == "/" and first <= 12 and second <= 12 and first != second):
        return None
    return Day(str(day), SHORT_MONTHS[month - 1])


def cuts(text: str, breaks: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The places where the text may be cut: matches of `breaks` that lie in no fact."""
    facts = facts_of(text)
    for match in breaks.finditer(text):
        if not any(fact.start < match.end() and match.start() < fact.end for fact in facts):
            yield match
