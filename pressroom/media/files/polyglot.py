"""Files that are two things at once: a picture for one program, an archive, a document or a script for another."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from pressroom.domain.errors import Corrupt

# Readers of archives look for the end record here: 22 bytes and a comment of at most 65,535 (PKZIP APPNOTE 4.3.16).
_EDGE_BYTES = 65_557
_PDF_BYTES = 1024  # readers take a PDF whose header begins within these (ISO 32000-1, annex H.3)
_SIGNATURES = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x7fELF\x01\x01\x01": "a program",
    b"\x7fELF\x02\x01\x01": "a program",
}
_MARKUP = re.compile(rb"<(?:script|html|!doctype\s+html|\?php)[\s>]", re.IGNORECASE)
# Read as JavaScript, the signature is a name. A size whose first byte is `=` has bytes behind it that no script has.
_SCRIPT = re.compile(rb"(?:GIF8[79]a|BM)\s*(?:/\*|=[\t-\r -~]{0,7}(?:/[*/]|[\"'`])|=[\t-\r -~]{8})")
_ZIP_END, _ZIP_ENTRY, _ZIP_END_BYTES = b"PK\x05\x06", b"PK\x01\x02", 22


def check_single_meaning(path: Path) -> None:
    """Raises Corrupt where a media file also reads as something else. Looks at both ends: the same time for any size."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_EDGE_BYTES)
        file.seek(max(0, size - _EDGE_BYTES))
        tail = file.read()
        found = _disguise(head, tail) or ("a zip archive" if _is_zip(tail) else None)
    if found is not None:
        raise Corrupt(
            f"{path.name} is {found} as well",
            hint="open it in an image or video editor and export it again",
            path=str(path),
        )


def _disguise(head: bytes, tail: bytes) -> str | None:
    if _SCRIPT.match(head):
        return "a script"
    if b"%PDF-" in head[:_PDF_BYTES] or b"%PDF-" in tail:
        return "a PDF"
    for edge in (head, tail):
        if _MARKUP.search(edge):
            return "a web page or script"
        for signature, name in _SIGNATURES.items():
            if signature in edge:
                return name
    return None


def _is_zip(tail: bytes) -> bool:
    """An end record whose comment reaches the end and whose directory is where it says: four bytes alone prove nothing."""
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        record = tail[at : at + _ZIP_END_BYTES]
        if len(record) == _ZIP_END_BYTES:
            entries, length, comment = struct.unpack("<10xHI4xH", record)
            directory = at - length
            reaches_end = at + _ZIP_END_BYTES + comment == len(tail)
            if reaches_end and (entries == 0 or directory < 0 or tail[directory:].startswith(_ZIP_ENTRY)):
                return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False
