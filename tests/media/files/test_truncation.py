"""Whether a file is all there, seen without loading an index or decoding anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.media.files.sniff import format_named
from pressroom.media.files.truncation import check_ends, check_whole
from tests.support.hostile.recordings import zeros_for_an_index
from tests.support.media import clip, ffmpeg


@pytest.mark.parametrize(("name", "kind"), [("a.mp4", "mp4"), ("a.mov", "mov"), ("a.mkv", "webm"), ("a.avi", "avi")])
def test_a_whole_file_passes_and_a_part_does_not(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.5", "-pix_fmt", "yuv420p", path)
    check_ends(path, format_named(kind))
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(Corrupt, match=rf"{name} is cut off"):
        check_ends(path, format_named(kind))


@pytest.mark.parametrize(("name", "kind"), [("a.wav", "wav"), ("a.aiff", "aiff")])
def test_of_a_sound_in_chunks_the_end_is_told_by_the_first(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.5", path)
    whole = path.read_bytes()
    for told in (whole, whole + b"more", whole[:4] + b"\xff" * 4 + whole[8:-9_000]):  # the last was written into a pipe
        path.write_bytes(told)
        check_ends(path, format_named(kind))
    path.write_bytes(whole[:-9_000])

    with pytest.raises(Corrupt, match=rf"{name} is cut off"):
        check_ends(path, format_named(kind))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("png", {}),
        ("jpeg", {"quality": 95}),
        ("jpeg", {"progressive": True}),
        ("webp", {}),
        ("webp", {"lossless": True}),
    ],
)
def test_of_a_picture_every_part_is_known_as_such(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    """And what stands behind its end, as telephones put films there, changes nothing."""
    path = tmp_path / f"a.{kind}"
    Image.effect_noise((96, 64), 90).convert("RGB").save(path, **options)
    whole = path.read_bytes()
    for more in (b"", b"\xff\xda IDAT" * 9):
        path.write_bytes(whole + more)
        check_whole(path, format_named(kind))

    for length in (len(whole) // 4, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:length])
        with pytest.raises(Corrupt, match="is cut off"):
            check_whole(path, format_named(kind))


def test_fragments_pass(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", "64x48", 0.5, 10, "-movflags", "frag_keyframe+empty_moov")

    check_ends(path, format_named("mp4"))


def test_an_index_of_millions_is_refused_by_its_counts(tmp_path: Path) -> None:
    path = tmp_path / "zeros.mp4"
    path.write_bytes(zeros_for_an_index(2_000_001))

    with pytest.raises(Corrupt, match=r"zeros\.mp4 is damaged: its index has [\d,]+ entries, at most 2,000,000"):
        check_ends(path, format_named("mp4"))


def test_an_index_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x10mdat" + bytes(8))

    with pytest.raises(Corrupt, match=r"a\.mp4 is cut off: its index is missing"):
        check_ends(path, format_named("mp4"))
