"""Which words of a prompt are to be set, and which only say what the picture should be.

Quoted words are set. Else a prompt is taken clause by clause: 'a poster for' and 'in a retro style' are said to the
designer, the rest to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pressroom.art.depiction import is_mood, is_scene, not_drawn, picture_of, without_things
from pressroom.art.facts import cuts, facts_of
from pressroom.art.moods import CALM_WORDS, COLORS, DARK_WORDS, HEX, LIGHT_WORDS, NAMED, PART, VIVID_WORDS
from pressroom.art.testimonial import author_of, is_announced
from pressroom.art.vocabulary import ABOUT_THE_PICTURE, BUSINESSES, FORMATS, LOOKS, PLATFORMS, SMALL_WORDS, TALK, WHOLE
from pressroom.media.typography.breaks import is_ideographic

MAX_HEADLINE_WORDS = 10
MAX_HEADLINE_IDEOGRAPHS = 16


@dataclass(frozen=True, slots=True)
class Wording:
    """The words to set: a headline, what follows it in order of the prompt, and whom it is from.

    `told` says that the words were given as such (quoted, or after 'that says').
    """

    headline: str
    lines: tuple[str, ...] = ()
    sender: str = ""
    told: bool = False


_FORMAT = rf"(?:{'|'.join(sorted(FORMATS, key=len, reverse=True))})"
_ASK = (
    r"(?:(?:hi|hey|hello|please|kindly)[\s,]+|(?:can|could|would)\syou\s+|"
    r"(?:i|we)(?:['’]d|\swould)?\s(?:need|want|like)(?:\syou\sto|\sto\shave)?\s+|need\s+)*"
)
_VERB = r"(?:(?:create|make|draw|design|generate|show|render|paint|illustrate|produce|do|build)\s+)?(?:me\s+|us\s+)?"
_ARTICLE = r"(?:(?:an?|the|some|our|my|one)\s+)?"
_LINK = (
    r"(?:(?:of|for|about|showing|announcing|advertising|promoting|celebrating|introducing|inviting\s(?:people|everyone)\sto|"
    r"to\s(?:announce|promote|advertise|introduce|celebrate)|that|on)\s+(?P<own>(?:an?|the|our|my)\s+)?)"
)
# "create a bold summer sale poster for running shoes": the verb, what kind of poster, and what it is about.
_LEAD = re.compile(
    rf"^{_ASK}{_VERB}{_ARTICLE}(?P<kind>(?:[\w'’&-]+\s+){{0,6}}?){_FORMAT}s?(?![\w'’-])"
    rf"(?:\s+(?:diagram|schema|{_FORMAT})s?(?![\w'’-]))?(?:\s+(?P<link>{_LINK}))?",
    re.IGNORECASE,
)
_LEAD_EASTERN = re.compile(
    r"^(?:请)?(?:帮我)?(?:制作|设计|生成|做|画)?(?:一[张个幅份])?(?P<kind>[^，,。：:、！\s]{0,12}?)的?(?:海报|传单|广告图?|图片|横幅|封面|配图|ポスター|チラシ|バナー)(?:[，,：:、。]|$)"
)
_ANNOUNCE = re.compile(rf"^{_ASK}(?:announce|advertise|promote)\s+(?:that\s+)?(?:our\s+|the\s+)?", re.IGNORECASE)
_QUOTES = re.compile(
    r"(?<![\w\d])\"(?P<a>[^\"\n]{1,200}?)\"|[“„](?P<b>[^“”„\n]{1,200}?)[”“]|«\s?(?P<c>[^»\n]{1,200}?)\s?»|[「『](?P<d>[^」』\n]{1,200}?)[」』]|"
    r"(?<!\w)[‘'](?P<e>(?:[^'‘’\n]|(?<=\w)['’](?=\w)){2,200}?)[’'](?!\w)"
)
_LABEL = (
    r"(?:(?:main\s)?(?P<head>headline|title|heading|text|words|copy)|(?P<line>sub-?(?:title|headline|head|line|text)|tag\s?line|"
    r"slogan|cta|call\sto\saction|button(?:\stext)?|footer|body|caption|details|date|time|place|venue|location|when|where|price))"
)
_LABELLED = re.compile(rf"(?:^|(?<=[.;,\n])|(?<=\s-))\s*(?:the\s|with\s)*{_LABEL}\s*[:=]\s*", re.IGNORECASE)
_SAYING = re.compile(
    r"\b(?:that\s(?:says|reads)|which\s(?:says|reads)|saying|reading|with\sthe\s(?:text|words|headline|title|slogan|tagline|caption))\s*:?\s+(?!in\b)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:says?|saying|reads?|reading|text|words?|headline|title|heading|slogan|tagline|caption|copy|message|button|cta|quote|"
    r"testimonial|subtitle|subline|footer)\s*(?:is|are)?\s*[:=]?$",
    re.IGNORECASE,
)
# Points and colons end a clause before a space only: 4.50, 7:30 and St. Patrick are whole.
_BREAK = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bNo)(?<!\bvs)(?<!\bInc)(?<!\bProf)(?<!\bca)(?<!\be\.g)(?<!\bi\.e)(?<!z\.B)(?<!\bAve)(?<!\bRd)(?<!\bNr)(?<!\bapprox)(?<!\bincl)(?<![ap]\.m)(?<!\b[A-Z])"
    r"(?:(?<=\d)|(?!\.\s\d))\.(?=\s|$)|"
    r"[;:!?]+(?=\s|$)|,(?=\s|$)|\n|\s[-–—|•·]+\s|—|->|→|[。；：！？，،؛؟]|(?<=[\u3041-\u30ff])、"
)
_TRAILING = re.compile(
    rf"\s*(?:,\s*)?\b(?:in|with|on|using|against|featuring|and)\s+(?:an?\s+|the\s+)?[^.;:!?\d\"]*?"
    rf"\b(?:{'|'.join(sorted(ABOUT_THE_PICTURE, key=len, reverse=True))})\b[^.;:!?\d]*$",
    re.IGNORECASE,
)
_FOR_PLATFORM = re.compile(
    rf"\s*\b(?:for|on)\s+(?:our\s+|my\s+|the\s+)?(?:{'|'.join(PLATFORMS)})(?:\s+(?:{_FORMAT})s?)?$", re.IGNORECASE
)
_ORDER = re.compile(
    r"^(?:and\s+|also\s+|then\s+|please\s+)*(?:add|include|mention|put|show|feature|write|place|display|list|highlight|emphasi[sz]e)\s+",
    re.IGNORECASE,
)
_NAME_OF_FACT = re.compile(
    r"^(?:(?:the|our|an?|its)\s+)?(?:price|date|time|website|web\saddress|url|address|hashtag|handle|opening\shours)"
    r"(?:\s+(?:is|of))?\s*:?\s+",
    re.IGNORECASE,
)
_SAID_TO_DESIGNER = re.compile(
    r"^(?:(?:make|keep|let)\s(?:it|the|everything)|it\sshould|should\s|style\b|mood\b|no\s(?:text|words|people|logo)|without\s(?:text|words|people)|leave\s|"
    r"colou?rs?\b|palette\b|aspect|ratio|in\sthe\sstyle|the\s(?:image|picture|design|background|style)|text\sin\b|photo\b|"
    r"featuring\s|showing\s|with\s(?:an?|two|three|some|lots|many|our|the)\s)",
    re.IGNORECASE,
)
_TECHNICAL = re.compile(
    r"\b(?:\d{1,2}k|u?hd|high[\s-](?:quality|res(?:olution)?)|ultra[\s-]?realistic|photo-?realistic|hyper-?realistic|\d{3,4}\s?[x×]\s?\d{3,4}(?:\s?px)?|"
    r"\d{1,2}:\d{1,2}\s(?:ratio|format)|(?:ratio|format)\s\d{1,2}:\d{1,2}|300\s?dpi|octane|unreal|bokeh|8k|4k|vertical|horizontal|"
    r"portrait\sformat|landscape\sformat|square\sformat)\b|^(?:(?:1:1|4:5|5:4|9:16|16:9|2:3|3:2|4:3|3:4|21:9)|\d{3,4}\s?[x×]\s?\d{3,4})$",
    re.IGNORECASE,
)
# Where a long headline may end, the best first: at the first when or where, at the last condition, at the last of the rest.
_PHRASES = tuple(
    (re.compile(rf"\s+(?=(?:{words})\b)", re.IGNORECASE), which)
    for words, which in (
        ("on|at|from|until|till|this|every|starting|when|before|after|through", 0),
        (r"for(?!\s*[$€£¥₹\d])|with|by|in|to|that|which|where|because|so|if", -1),
        ("and|or|plus|without|of", -1),
    )
)
_WORDS = re.compile(r"[^\W_][\w'’-]*")


def words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


def wording_of(prompt: str) -> Wording:
    """The words to set. Nothing that is said to the reader is lost: it is the headline or one of the lines."""
    prompt = prompt.strip()
    quoted = [match for match in _QUOTES.finditer(prompt) if len(_unquoted(match)) > 1]
    if quoted and _is_asked_for(prompt, quoted[0].start()):
        return _told(prompt, quoted)
    if any(match["head"] for match in _LABELLED.finditer(prompt)):
        return _labelled(prompt)
    if saying := _SAYING.search(prompt):
        words = [_trimmed(clause) for clause in _clauses(prompt[saying.end() :])]
        words = [clause for clause in words if clause and not _is_direction(clause)]
        if words:
            return _of(words, told=True)
    return _read(prompt)


def headline_of(prompt: str) -> str:
    """A short line to set large: the quoted words, else the first words that are meant for a reader."""
    return wording_of(prompt).headline


def _is_asked_for(prompt: str, start: int) -> bool:
    """Whether the quotation is what is to be set, not a name inside a sentence ('our album "Neon" is out')."""
    before = prompt[:start].strip()
    cued = _LEAD.match(before + " ") or _CUE.search(before) or is_announced(prompt[: start + 1])
    return not before or bool(cued) or _is_direction(before.rstrip(" :,-–—"))


def _unquoted(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None).strip().rstrip(",;")


def _told(prompt: str, quoted: Sequence[re.Match[str]]) -> Wording:
    """Quoted words, the first one largest; beside them what holds a fact, and the clauses after the last one."""
    before = _without_lead(_QUOTES.sub(" ", prompt[: quoted[-1].end()]))
    told = [clause for clause in _clauses(before) if _has_told(clause)]
    tail = prompt[quoted[-1].end() :].lstrip()
    after = list(_clauses(tail.lstrip(" ,.;–—-")))
    told += (
        after
        if tail[:1] in (",", ".", ";")
        else [clause for clause in after if _has_told(clause) or clause != after[0]]
    )
    author = author_of(prompt)
    told = [clause for clause in told if not (author and author in clause)] if is_announced(prompt) else told
    beside = [_stripped(_trimmed(clause)) for clause in told if not _is_direction(_trimmed(clause))]
    first, *rest = [_unquoted(match) for match in quoted]
    return Wording(first, (*rest, *(_capital(clause) for clause in beside if clause)), told=True)


def _labelled(prompt: str) -> Wording:
    """'Headline: Fresh bread. Subline: from 7 am': what stands behind each label."""
    found = list(_LABELLED.finditer(prompt))
    ends = [match.start() for match in found[1:]] + [len(prompt)]
    heads: list[str] = []
    lines: list[str] = []
    for match, end in zip(found, ends, strict=True):
        words = prompt[match.end() : end].strip(" .,;\n")
        (heads if match["head"] else lines).append(words)
    before = [clause for clause in _copy(prompt[: found[0].start()])[1] if _has_fact(clause)]
    every = [text for text in (*heads, *lines, *before) if text]
    return Wording(every[0], tuple(every[1:]), told=True) if every else _read(prompt)


def _read(prompt: str) -> Wording:
    sender, words = _copy(prompt)
    if not words:
        return Wording(sender)
    # A date or a price alone is no headline where something else is.
    lead = next((index for index, clause in enumerate(words) if not is_bare_fact(clause)), None)
    if lead is None and sender:
        return Wording(sender, tuple(map(_capital, words)))
    lead = lead or 0
    wording = _of([words[lead], *words[:lead], *words[lead + 1 :]])
    return Wording(wording.headline, wording.lines, sender)


def _of(words: Sequence[str], *, told: bool = False) -> Wording:
    headline, rest = _shortened(words[0])
    return Wording(_capital(headline), tuple(_capital(text) for text in (rest, *words[1:]) if text), told=told)


def _copy(prompt: str) -> tuple[str, list[str]]:
    """Whom the picture is from (a coffee shop; may be empty) and the clauses that are meant for the reader."""
    if start := picture_of(prompt):
        return "", [clause for part in list(_clauses(prompt[start:]))[1:] for clause in _readers(part)]
    lead = _LEAD.match(prompt) or _LEAD_EASTERN.match(prompt)
    rest = prompt[lead.end() :] if lead else ""
    named = bool(re.match(r"\s+[A-Z\d]", rest))  # podcast cover The Long Road
    if lead is None or (re.match(r"\s+\w", rest) and not named and not _is_said(rest)):
        return "", _readers(_ANNOUNCE.sub("", prompt))
    kind = _kind(lead["kind"])
    linked = "link" in lead.groupdict() and bool(lead["link"])
    words = _readers(rest.lstrip(" ,:;.-–—"))
    if (
        linked
        and words
        and not kind
        and lead["own"]
        and len(words) > 1
        and _is_business(words[0])
        and not is_bare_fact(words[1])
    ):
        return _capital(words[0].rstrip("?!.")), words[1:]
    if not kind:
        return "", words
    if not words:
        return "", [kind]
    if _is_business(kind) and any(not is_bare_fact(clause) for clause in words):
        return _capital(kind), words
    if linked and not is_bare_fact(words[0]):
        return "", [f"{kind}: {words[0]}", *words[1:]]
    if named and not is_bare_fact(words[0]):
        return _capital(kind), words
    return "", [kind, *words]


def _kind(text: str) -> str:
    """What kind of poster, without what it looks like and where it is shown."""
    idle = DARK_WORDS | LIGHT_WORDS | CALM_WORDS | VIVID_WORDS | LOOKS | PLATFORMS | FORMATS
    every = (text or "").split()
    whole = {
        at
        for at in range(len(every))
        for start in (at, max(0, at - 1))
        if " ".join(every[start : start + 2]).lower() in WHOLE
    }
    words = [word for at, word in enumerate(every) if at in whole or word.lower() not in idle]
    while words and words[-1].lower() in SMALL_WORDS:
        words.pop()
    return " ".join(words)


def _without_lead(text: str) -> str:
    lead = _LEAD.match(text)
    return text[lead.end() :] if lead else text


def _is_said(rest: str) -> bool:
    """Whether what follows 'a poster' goes on about the picture: 'with a red border', 'in a retro style'."""
    return bool(re.match(r"\s+(?:with|in|using|featuring|showing|that|which|where|on)\b", rest, re.IGNORECASE))


def _readers(text: str) -> list[str]:
    """The clauses of a text that are meant for the reader, trimmed of what is said to the designer."""
    found = []
    scenic = any(map(is_scene, _clauses(text)))
    for clause in map(_trimmed, _clauses(text)):
        if clause and not _is_direction(clause) and not (scenic and is_mood(clause)):
            found.append(_stripped(clause))
    return [clause for clause in found if clause]


def _clauses(text: str) -> Iterator[str]:
    start = 0
    for match in [*cuts(text, _BREAK), None]:
        end = match.start() if match else len(text)
        mark = match[0].strip() if match else ""
        if mark == ":" and _is_name_of_fact(text[start:end], text[match.end() :] if match else ""):
            continue  # "Range: 45 km" is one
        clause = text[start:end].strip(" ,;\n")
        start = match.end() if match else end
        if clause:
            yield clause + (mark[0] if mark[:1] in ("!", "?", "！", "？") else "")


def _is_name_of_fact(name: str, after: str) -> bool:
    """Whether a colon stands between a name and its fact alone: 'Range: 45 km', but not 'Valentine's Day: 15% off massages'."""
    value = next(_clauses(after), "")
    facts = facts_of(value)
    alone = bool(facts) and facts[0].start == 0 and len(value[facts[0].end :].split()) <= 1
    return alone and 0 < len(name.split()) <= 2 and not _LEAD.match(name.strip())


def _trimmed(clause: str) -> str:
    """Less 'in a retro style', 'in navy and gold' and 'for Instagram' at its end; a fact is never trimmed."""
    for pattern in (_TRAILING, _FOR_PLATFORM):
        clause = pattern.sub("", clause)
    if (named := list(NAMED.finditer(clause))) and not clause[named[-1].end() :].strip(" .") and named[-1].start():
        clause = clause[: named[-1].start()]
    words = clause.rstrip(" ,").split()
    while len(words) > 1 and words[-1] in SMALL_WORDS:
        words.pop()
    return without_things(" ".join(words))


def _stripped(clause: str) -> str:
    """Less 'include' and 'the price', where what follows is a fact."""
    order = _ORDER.match(clause)
    rest = clause[order.end() :] if order and _has_fact(clause) else clause
    named = _NAME_OF_FACT.match(rest)
    if named and facts_of(rest) and facts_of(rest)[0].start == named.end():
        rest = rest[named.end() :]
    return re.sub(r"^(?:and|also|plus)\s+", "", rest, flags=re.IGNORECASE).strip()


def _has_told(clause: str) -> bool:
    """Whether it holds what a reader must be told; a number alone may speak of the picture."""
    return any(fact.kind not in ("number",) for fact in facts_of(HEX.sub("", _TECHNICAL.sub("", clause))))


def _has_fact(clause: str) -> bool:
    return bool(facts_of(HEX.sub("", _TECHNICAL.sub("", clause))))


def _is_direction(clause: str) -> bool:
    """Whether the clause speaks to the designer: of looks, formats and colours, or of what is to be seen."""
    if _TECHNICAL.search(clause) and not _has_fact(clause):
        return True
    if _has_fact(clause):
        return False
    if is_scene(clause):
        return True
    words = words_of(clause)
    idle = LOOKS | FORMATS | PLATFORMS | SMALL_WORDS | ABOUT_THE_PICTURE | CALM_WORDS | COLORS.keys()
    idle |= TALK
    if words and all(word in idle or word.rstrip("s") in FORMATS for word in words):
        return True
    if not words and HEX.search(clause):
        return True
    if _SAID_TO_DESIGNER.match(clause) or _ORDER.match(clause):
        return not re.match(r"^(?:and\s+|also\s+)*(?:mention|write)\s", clause, re.IGNORECASE)
    return bool(NAMED.fullmatch(clause) or (re.search(rf"\b{PART}\b", clause) and NAMED.search(clause)))


def is_bare_fact(clause: str) -> bool:
    """A date, a price, an address and nothing else but small words."""
    left = clause
    for fact in reversed(facts_of(clause)):
        left = left[: fact.start] + left[fact.end :]
    rest = [
        word
        for word in words_of(left)
        if word not in SMALL_WORDS and word not in ("only", "just", "now", "tickets", "doors", "off")
    ]
    return bool(facts_of(clause)) and not rest


def _is_business(clause: str) -> bool:
    words = [word.rstrip("s") for word in words_of(clause)]
    return bool(words) and words[-1] in BUSINESSES


def _shortened(text: str) -> tuple[str, str]:
    """A headline and what follows it: cut at a phrase where it is long, never inside a fact."""
    words = text.split()
    ideographs = sum(map(is_ideographic, text))
    if ideographs > MAX_HEADLINE_IDEOGRAPHS and "、" in text:
        head, _, rest = text.partition("、")
        return head, rest
    if len(words) <= MAX_HEADLINE_WORDS:
        return text, ""
    for pattern, which in _PHRASES:
        ends = [match for match in cuts(text, pattern) if 3 <= len(text[: match.start()].split()) <= MAX_HEADLINE_WORDS]
        if ends:
            return text[: ends[which].start()].rstrip(" ,"), text[ends[which].end() :]
    ends = [
        match
        for match in cuts(text, re.compile(r"(?<!\d)\s+"))
        if len(text[: match.start()].split()) <= MAX_HEADLINE_WORDS
    ]
    return (text[: ends[-1].start()], text[ends[-1].end() :]) if ends else (text, "")


def _capital(text: str) -> str:
    """A capital first, but never in an address: annas.com is not Annas.com."""
    facts = facts_of(text)
    return text if facts and facts[0].start == 0 and facts[0].kind == "contact" else text[:1].upper() + text[1:]


def missing_things(prompt: str) -> tuple[str, ...]:
    """What the prompt wants to be seen and the vector gallery cannot draw."""
    return not_drawn(list(_clauses(_QUOTES.sub(" ", prompt))))
