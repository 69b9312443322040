"""The beginnings of texts on the contact sheet."""

from __future__ import annotations

from pathlib import Path

from pressroom.domain.media import Kind
from pressroom.reporting.excerpts import MOST_CHARACTERS, excerpts_of
from pressroom.reporting.model import AssetReport


def text(folder: Path, name: str, content: bytes) -> AssetReport:
    path = folder / name
    path.write_bytes(content)
    return AssetReport(name, name, Kind.TEXT, "text/plain", len(content), path=path)


def test_a_short_text_is_shown_whole_and_a_long_one_ends_with_a_word(tmp_path: Path) -> None:
    found = excerpts_of([text(tmp_path, "short", b"two words\n"), text(tmp_path, "long", b"word " * 900)])

    assert found["short"] == "two words"
    assert found["long"].endswith("word …")
    assert len(found["long"]) <= MOST_CHARACTERS + 2


def test_what_is_no_text_has_none(tmp_path: Path) -> None:
    picture = AssetReport("p", "p", Kind.IMAGE, "image/png", 4, path=tmp_path)

    assert excerpts_of([picture, text(tmp_path, "bytes", b"\xff\xfe"), AssetReport("x", "x", Kind.TEXT, "", 1)]) == {}
