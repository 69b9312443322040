"""Files of words: UTF-8, not too long, and JSON where they say so."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.probe import probe
from pressroom.media.files.words import MOST_BYTES


@pytest.mark.parametrize(
    ("name", "text", "mime"), [("a.txt", "Grüße, 你好\n", "text/plain"), ("a.json", '{"tags": []}', "application/json")]
)
def test_a_text_is_measured(tmp_path: Path, name: str, text: str, mime: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    info = probe(path, MediaLimits(), "")

    assert (info.kind, info.mime, info.size_bytes) == (Kind.TEXT, mime, len(text.encode()))
    assert info.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"", "0 bytes"),
        ("a.txt", b" \n", "holds no words"),
        ("a.txt", b"caf\xe9", "no text: .* at byte 3"),
        ("a.txt", b"a\x00b", "control characters"),
        ("a.txt", b"a" * (MOST_BYTES + 1), "a text has 1 to 1,000,000"),
        ("a.json", b"{'a': 1}", "is no JSON"),
        ("a.json", b"[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Corrupt, match=said):
        probe(path, MediaLimits(), "")
