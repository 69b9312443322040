"""A printed page is known again: one picture on one page, in the colours of its profile, and nothing else is one."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.pdf import MIME, inspect_pdf, is_pdf, picture_of
from tests.support.media import gradient, psnr


def page(path: Path, image: Image.Image | None = None) -> Path:
    """A page as Pillow writes it: a program that is not ours."""
    (image or gradient()).save(path, "PDF", resolution=300)
    return path


@pytest.mark.parametrize(
    ("data", "expected"), [(b"%PDF-1.7\n", True), (b" %PDF-1.7", False), (b"", False), (b"%PD", False)]
)
def test_a_pdf_begins_as_one(tmp_path: Path, data: bytes, expected: bool) -> None:
    (tmp_path / "card").write_bytes(data)

    assert is_pdf(tmp_path / "card") is expected


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_another_programs_page_shows_its_picture(tmp_path: Path, mode: str) -> None:
    image = gradient().convert(mode)

    found = picture_of(page(tmp_path / "card.pdf", image), MediaLimits())

    assert (found.mode, found.size) == ("RGB", (60, 40))
    assert psnr(found, image.convert("RGB")) > 28


def test_it_is_measured_as_a_document(tmp_path: Path) -> None:
    path = page(tmp_path / "card.pdf")

    info = inspect_pdf(path, MediaLimits())

    assert (info.kind, info.mime) == (Kind.DOCUMENT, MIME) == (Kind.DOCUMENT, "application/pdf")
    assert (info.width, info.height, info.size_bytes) == (60, 40, path.stat().st_size)


def test_too_many_pixels_are_refused_by_what_is_declared(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match=r"card\.pdf declares 60 x 40 pixels, more than may be decoded"):
        picture_of(page(tmp_path / "card.pdf"), MediaLimits(max_side=59))


def test_two_pages_and_none_are_no_printed_page(tmp_path: Path) -> None:
    gradient().save(tmp_path / "two.pdf", save_all=True, append_images=[gradient()])
    empty = pikepdf.new()
    empty.save(tmp_path / "none.pdf")
    empty.add_blank_page()
    empty.save(tmp_path / "blank.pdf")

    for name in ("two", "none", "blank"):
        with pytest.raises(Corrupt, match=rf"{name}\.pdf is (not a single page with one photo|damaged)"):
            picture_of(tmp_path / f"{name}.pdf", MediaLimits())


@pytest.mark.parametrize("kept", [5, 100, 400])
def test_a_page_that_lost_its_end_is_corrupt(tmp_path: Path, kept: int) -> None:
    path = page(tmp_path / "card.pdf")
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(Corrupt, match=r"card\.pdf is") as refusal:
        picture_of(path, MediaLimits())

    assert refusal.value.fields["path"] == str(path)
