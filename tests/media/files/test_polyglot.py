"""A picture that is something else as well is refused by what it is; chance bytes inside one are not."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.media.files.polyglot import check_single_meaning
from tests.support.media import noise


def photo(name: str = "JPEG", size: tuple[int, int] = (32, 24)) -> bytes:
    out = io.BytesIO()
    noise(*size).save(out, name)
    return out.getvalue()


def archive(comment: bytes = b"", entries: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(entries):
            made.writestr(f"{number}.txt", "words")
        made.comment = comment
    return out.getvalue()


def file_of(folder: Path, data: bytes) -> Path:
    path = folder / "shoe.jpg"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("size", [(1, 1), (32, 24), (300, 200)])
def test_pictures_are_pictures(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    check_single_meaning(file_of(tmp_path, photo(name, size)))


@pytest.mark.parametrize("width", [61, 317, 573, 2_621])
def test_a_width_whose_first_byte_is_a_sign_of_equality_makes_no_script(tmp_path: Path, width: int) -> None:
    data = photo("GIF", (width, 3))
    assert data[6:7] == b"="

    check_single_meaning(file_of(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (photo() + archive(), "a zip archive"),
        (photo() + archive(b"with a comment"), "a zip archive"),
        (photo() + archive(entries=0), "a zip archive"),
        (photo() + b"%PDF-1.4\n%%EOF", "a PDF"),
        (photo()[:20] + b"%PDF-1.4\n" + photo()[20:], "a PDF"),
        (photo() + b"<script>alert(1)</script>", "a web page or script"),
        (photo() + b"<!DOCTYPE  HTML >", "a web page or script"),
        (photo() + b"<?php echo 1;", "a web page or script"),
        (photo() + b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (photo() + b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
        (photo() + b"\x7fELF\x02\x01\x01" + bytes(40), "a program"),
        (b"GIF89a/*" + photo("GIF")[8:] + b"*/=1;alert(1)", "a script"),
        (b"BM=1;/*" + photo("BMP")[7:], "a script"),
        (b"GIF89a =1;alert(1);" + photo("GIF")[8:], "a script"),
        (b'GIF87a="' + photo("GIF")[8:] + b'";alert(1)', "a script"),
    ],
)
def test_what_it_is_as_well_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Corrupt, match=rf"shoe\.jpg is {said} as well") as refusal:
        check_single_meaning(file_of(tmp_path, data))

    assert "export it again" in refusal.value.hint
    assert refusal.value.fields["path"] == str(tmp_path / "shoe.jpg")


def test_every_archive_that_python_opens_is_found(tmp_path: Path) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        data = photo() + archive(rng.randbytes(rng.randrange(200)), rng.randrange(1, 4))
        path = file_of(tmp_path, data)
        assert zipfile.is_zipfile(path)

        with pytest.raises(Corrupt, match="a zip archive"):
            check_single_meaning(path)


def test_four_bytes_alone_prove_nothing(tmp_path: Path) -> None:
    """The end record's signature may stand anywhere in compressed pixels; a reader of archives finds none there."""
    for seed in range(20):
        rng = random.Random(seed)
        data = photo() + rng.randbytes(30) + b"PK\x05\x06" + rng.randbytes(60)

        check_single_meaning(file_of(tmp_path, data))


def test_only_the_ends_are_looked_at(tmp_path: Path) -> None:
    """No reader takes a document from the middle of a file, and a video of any size takes the same time."""
    middle = bytes(70_000) + b"%PDF-1.4 <script>" + bytes(70_000)

    check_single_meaning(file_of(tmp_path, photo() + middle))


@pytest.mark.parametrize("data", [b"", b"x", b"PK\x05\x06"])
def test_no_file_is_too_short(tmp_path: Path, data: bytes) -> None:
    check_single_meaning(file_of(tmp_path, data))
