"""What stands before an SVG's root: its encoding, its DOCTYPE with entities, and instructions to other programs."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final, NoReturn
from xml.parsers.expat import XMLParserType

from pressroom.domain.errors import Corrupt

_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"']{1,40})[\"'][^>]{0,200}\?>")
_UTF_8: Final = frozenset({"utf-8", "ascii"})
_PUBLIC: Final = re.compile(r"(?:-//W3C//(?:DTD|ENTITIES) SVG|-//W3C//DTD XHTML)[^\n]*", re.IGNORECASE)
_W3C: Final = re.compile(r"https?://www\.w3\.org/[\w./-]*", re.IGNORECASE)
_HREF: Final = re.compile(r"href\s*=\s*[\"']([^\"']*)")
# Illustrator declares about twenty short ones for its namespaces.
_MAX_ENTITIES, _MAX_ENTITY_LETTERS, _MAX_REFERENCES = 200, 200, 20_000


def decoded(data: bytes) -> str:
    """The text of a file. Raises Corrupt where it is not in the encoding that it declares."""
    if data[:2] == b"\x1f\x8b":
        raise Corrupt("the SVG is gzip-compressed", hint="save it as plain .svg")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _of_utf_16(data)
    declared = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode("ascii", "replace") if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except (LookupError, ValueError) as exc:
        raise Corrupt(f"the SVG declares the encoding {name!r}, which nobody knows", hint="save it as UTF-8") from exc
    is_single = encoding.startswith(("iso8859", "cp125", "latin"))
    if encoding not in _UTF_8 and not is_single:
        raise Corrupt(f"the SVG declares the encoding {name!r}, and is not in it", hint="save it as UTF-8")
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as exc:
        raise Corrupt(f"the SVG is not {name.upper()} at byte {exc.start}", hint="save it as UTF-8") from exc
    if is_single and not data.isascii() and _is_utf_8(data):
        raise Corrupt(
            f"the SVG declares the encoding {name!r} but is UTF-8", hint="mend its first line, or save it again"
        )
    if "\0" in text:  # the parser would guess another encoding by it
        raise Corrupt("the SVG holds NUL characters", hint="save it as UTF-8")
    return text


def _of_utf_16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as exc:
        raise Corrupt(f"the SVG is not UTF-16 at byte {exc.start}", hint="save it as UTF-8") from exc


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Prologue:
    """Watches a parser's declarations: the public DTD and short plain entities pass, nothing is fetched."""

    def __init__(
        self,
        parser: XMLParserType,
        refuse: Callable[[str], NoReturn],
        note: Callable[[str], None],
        references: int,
    ) -> None:
        """`references` are the ampersands of the text: what entities of its own may make it grow by."""
        self._refuse, self._note, self._references = refuse, note, references
        self._entities = 0
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.ProcessingInstructionHandler = self._instruction
        parser.SkippedEntityHandler = self._skipped

    def _doctype(self, _name: str, system: str | None, public: str | None, _has_internal: bool) -> None:
        is_public = public is not None and _PUBLIC.fullmatch(public) is not None
        if system and not is_public and not _W3C.fullmatch(system):
            self._refuse(f"the DOCTYPE leads outside the file ({system[:80]})")

    def _entity(
        self, name: str, is_parameter: bool, value: str | None, _base: str | None, system: str | None, *_: object
    ) -> None:
        self._entities += 1
        if is_parameter or value is None or system:
            self._refuse(f"the entity {name[:40]!r} leads outside the file or into its own declaration")
        if "&" in value or "<" in value or "%" in value or len(value) > _MAX_ENTITY_LETTERS:
            self._refuse(f"the entity {name[:40]!r} holds more than a short text")
        if self._entities > _MAX_ENTITIES or self._references > _MAX_REFERENCES:
            self._refuse("there are too many entities")

    def _instruction(self, target: str, data: str) -> None:
        if target.lower() != "xml-stylesheet":
            return
        if "xsl" in data.lower():
            self._refuse("another document is to make a drawing of it (xml-stylesheet of XSL)")
        href = _HREF.search(data)
        if href and not href[1].startswith("#"):
            self._note(f"the style sheet {href[1][:80]!r} is not read: what it says is missing")

    def _skipped(self, name: str, _is_parameter: bool) -> None:
        self._refuse(f"the entity {name[:40]!r} is declared nowhere in the file")
