"""One table says what a media type is called, everywhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import MEDIA_TYPES, label_of, mime_of, suffix_of, type_named, type_of_mime, words_of

ROOT = Path(__file__).parents[2]
TABLE = "pressroom/domain/media.py"
# File -> why its literal is no second table.
ALLOWED = {
    TABLE: "the table",
    "pressroom/api/routes/runs.py": "what an archive is called",
    "pressroom/api/problems.py": "what the answers with problems are called",
    "pressroom/delivery/bucket.py": "what the contact sheet is called to a browser",
    "pressroom/media/vector/embedded.py": "the grammar of data URIs inside a drawing",
    "pressroom/media/vector/reading.py": "what a drawing calls what it carries along",
    "pressroom/providers/download.py": "what a request says that it takes",
    "pressroom/simulator/replicate.py": "what the vendor calls its errors",
    "pressroom/web/static_files.py": "what style and scripts are called to a browser",
}
_TYPE = re.compile(r"(?<![-/])\b(?:image|video|audio|text|font|application)/")  # not a path: stable-image/upscale


def test_every_name_alias_type_and_suffix_stands_once() -> None:
    names = [name for row in MEDIA_TYPES for name in (row.name, *row.aliases)]
    mimes = [mime for row in MEDIA_TYPES for mime in (row.mime, *row.other_mimes)]
    suffixes = [row.suffix for row in MEDIA_TYPES]

    assert len(names) == len(set(names))
    assert len(mimes) == len(set(mimes))
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("name", "mime", "suffix", "label"),
    [
        ("jpg", "image/jpeg", ".jpg", "JPEG"),
        ("TIFF", "image/tiff", ".tif", "TIFF"),
        ("svg", "image/svg+xml", ".svg", "SVG"),
        ("quicktime", "video/quicktime", ".mov", "MOV"),
        ("m4v", "video/mp4", ".mp4", "MP4"),
        ("mp3", "audio/mpeg", ".mp3", "MP3"),
        ("vtt", "text/vtt", ".vtt", "WebVTT"),
    ],
)
def test_a_type_is_found_by_any_of_its_names(name: str, mime: str, suffix: str, label: str) -> None:
    assert (mime_of(name), suffix_of(name), label_of(mime)) == (mime, suffix, label)


def test_a_type_is_found_by_any_mime_that_is_sent_for_it() -> None:
    assert type_of_mime("audio/x-wav") is type_of_mime("audio/wav") is type_named("wav")
    assert type_of_mime("image/x-unheard-of") is None
    assert label_of("image/x-unheard-of") == "X-UNHEARD-OF"


def test_every_format_of_every_placement_is_in_the_table() -> None:
    for placement in load_catalog().placements.values():
        assert {type_named(name).kind for name in placement.formats} >= {placement.kind}, placement.name


def test_no_source_file_but_the_table_spells_a_media_type() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{line} {text!r}"
        for folder in ("pressroom", "flows", "tasks", "blocks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, text in _literals(path)
        if _TYPE.search(text) and path.relative_to(ROOT).as_posix() not in ALLOWED
    }

    assert found == set()


def test_the_allow_list_names_only_files_that_need_it() -> None:
    assert [name for name in ALLOWED if not any(_TYPE.search(text) for _, text in _literals(ROOT / name))] == []


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string that is no docstring, parts of f-strings included; none where no type is in the source."""
    source = path.read_text(encoding="utf-8")
    if not _TYPE.search(source):  # most files: parsing all of them takes seconds
        return
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def test_words_stand_where_the_record_says_and_inside_the_picture() -> None:
    details = {"boxes": [{"role": "cta", "box": [10, 20, 50, 20]}], "texts": [{"box": [-5.0, 0, 300, 10]}]}

    assert words_of(details, 200, 100) == ((0.05, 0.2, 0.3, 0.4), (0.0, 0.0, 1.0, 0.1))
    assert words_of({"focal_point": {"boxes": []}}, 200, 100) == ()
