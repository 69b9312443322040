"""Headers are read without pixels, and limits hold before anything is decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.headers import Header, header
from pressroom.media.files.sniff import format_named
from tests.support.edits import shaded, with_alpha
from tests.support.media import gradient, png_bomb

NAMES = ("jpeg", "png", "webp", "gif", "tiff", "bmp", "avif")


def read(path: Path, name: str, **limits: int) -> Header:
    with header(path, format_named(name), MediaLimits(**limits)) as found:
        return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(1, 1), (37, 11)])
def test_it_says_what_is_stored(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    gradient(*size).save(tmp_path / "shoe", name)

    found = read(tmp_path / "shoe", name)

    assert (found.size, found.frames, found.has_alpha, found.orientation) == (size, 1, False, 1)
    assert (found.image is None) != (found.deep is None)


@pytest.mark.parametrize("name", ["png", "webp", "tiff", "avif", "gif"])
def test_transparency_is_known_before_pixels_are(tmp_path: Path, name: str) -> None:
    Image.fromarray(with_alpha(shaded(40, 30))).save(tmp_path / "shoe", name)

    assert read(tmp_path / "shoe", name).has_alpha


@pytest.mark.parametrize("name", NAMES)
def test_too_many_pixels_are_refused_by_what_is_declared(tmp_path: Path, name: str) -> None:
    gradient(37, 11).save(tmp_path / "shoe", name)

    with pytest.raises(Corrupt, match="shoe declares 37 x 11 pixels, more than may be decoded"):
        read(tmp_path / "shoe", name, max_pixels=406)
    assert read(tmp_path / "shoe", name, max_pixels=407).size == (37, 11)


@pytest.mark.parametrize(
    "options",
    [{}, {"lossless": True}, {"save_all": True, "append_images": [gradient(37, 11)]}],
    ids=["VP8", "VP8L", "VP8X"],
)
def test_a_webps_canvas_is_known_from_its_first_chunk(tmp_path: Path, options: dict[str, object]) -> None:
    gradient(37, 11).rotate(180).save(tmp_path / "shoe", "webp", **options)

    with pytest.raises(Corrupt, match="declares 37 x 11 pixels"):
        read(tmp_path / "shoe", "webp", max_side=36)
    assert read(tmp_path / "shoe", "webp", max_side=37).size == (37, 11)


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match=r"bomb\.png declares 50,000 x 50,000 pixels"):
        read(png_bomb(tmp_path / "bomb.png"), "png")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff"])
def test_which_way_up_it_is_is_what_exif_says(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    gradient(37, 11).save(tmp_path / "shoe", name, exif=exif)

    found = read(tmp_path / "shoe", name)

    assert (found.size, found.orientation) == ((37, 11), orientation)


@pytest.mark.parametrize("name", ["gif", "webp", "png", "tiff", "avif"])
def test_frames_are_counted_and_limited(tmp_path: Path, name: str) -> None:
    frames = [gradient(20, 16).rotate(angle) for angle in (0, 90, 180)]
    frames[0].save(tmp_path / "shoe", name, save_all=True, append_images=frames[1:])

    assert read(tmp_path / "shoe", name).frames == 3
    with pytest.raises(Corrupt, match=r"shoe has (3|more than 2)"):
        read(tmp_path / "shoe", name, max_frames=2)


@pytest.mark.parametrize(("name", "mime"), [("mp4", "video/mp4"), ("mp3", "audio/mpeg")])
def test_other_media_are_no_picture(tmp_path: Path, name: str, mime: str) -> None:
    (tmp_path / "shoe").write_bytes(bytes(64))

    with pytest.raises(Corrupt, match=f"shoe is {mime}, a picture is needed"):
        read(tmp_path / "shoe", name)
