"""Whether a recording is all there, seen without loading its index."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.media.files.sniff import format_named
from pressroom.media.files.truncation import check_ends
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
