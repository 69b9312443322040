"""Before a decoder sees it a file must exist, hold something, be small enough and be one thing; damage has one word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.errors import Corrupt, Refused
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.guards import check_file, check_size, decoding
from tests.support.media import gradient

LIMITS = MediaLimits(max_pixels=1000, max_side=100)


def test_a_picture_passes_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "shoe.mp3"
    gradient().save(path, "PNG")

    assert check_file(path, MediaLimits()).name == "png"


def test_a_file_of_exactly_the_limit_passes_and_one_byte_more_does_not(tmp_path: Path) -> None:
    path = tmp_path / "shoe.png"
    gradient().save(path)
    size = path.stat().st_size

    check_file(path, MediaLimits(max_bytes=size))

    with pytest.raises(Corrupt, match=rf"shoe\.png has {size:,} bytes, the limit is {size - 1:,}"):
        check_file(path, MediaLimits(max_bytes=size - 1))


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "is empty"), (b"words", "is not a picture, video or sound"), (b"%PDF-1.7" + bytes(9), "is a PDF document")],
)
def test_what_cannot_be_opened_says_why_with_its_name(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "shoe.png"
    path.write_bytes(data)

    with pytest.raises(Corrupt, match=rf"shoe\.png {said}") as refusal:
        check_file(path, MediaLimits())

    assert refusal.value.fields["path"] == str(path)


def test_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="is not a file"):
        check_file(tmp_path, MediaLimits())
    with pytest.raises(Corrupt, match=r"gone\.png cannot be read: No such file"):
        check_file(tmp_path / "gone.png", MediaLimits())


@given(st.integers(-5, 120), st.integers(-5, 120))
def test_sizes_are_those_that_may_be_decoded(width: int, height: int) -> None:
    allowed = width >= 1 and height >= 1 and width * height <= 1000 and max(width, height) <= 100
    if allowed:
        check_size("shoe.png", width, height, LIMITS)
        return

    with pytest.raises(Corrupt, match=rf"shoe\.png declares {width} x {height} pixels"):
        check_size("shoe.png", width, height, LIMITS)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (OSError("image file is truncated (3 bytes not processed)"), "is cut off"),
        (SyntaxError("broken PNG file"), "is cut off"),
        (EOFError("unexpected end of data"), "is cut off"),
        (OSError("unknown pixel mode"), r"is stored in a way that is not opened \(unknown pixel mode\)"),
        (ValueError("tile cannot extend outside image"), "is damaged: tile cannot extend"),
        (ZeroDivisionError(), "is damaged: ZeroDivisionError"),
        (MemoryError(), "is damaged: MemoryError"),
    ],
)
def test_whatever_a_decoder_raises_becomes_one_word(tmp_path: Path, raised: Exception, said: str) -> None:
    with pytest.raises(Corrupt, match=rf"shoe\.png {said}") as refusal, decoding(tmp_path / "shoe.png"):
        raise raised

    assert refusal.value.__cause__ is raised


def test_our_own_words_and_interruptions_pass_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no money"), decoding(tmp_path / "shoe.png"):
        raise Refused("no money")
    with pytest.raises(KeyboardInterrupt), decoding(tmp_path / "shoe.png"):
        raise KeyboardInterrupt


def test_a_real_decoders_damage_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "shoe.png"
    gradient().save(path)
    path.write_bytes(path.read_bytes()[:90])

    with pytest.raises(Corrupt, match=r"shoe\.png is cut off"), decoding(path), Image.open(path) as image:
        image.load()
