"""The colour profile of a GIF."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
import pyvips
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.gif import Gif, read_gif
from pressroom.media.files.images import inspect_image, open_image
from pressroom.media.files.meaning import by_code_points
from tests.support.handmade import PATCHES, is_near, patches, seen

LIMITS = MediaLimits()
P3 = by_code_points(12, 13).profile or b""
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"


def extension(profile: bytes) -> bytes:
    blocks = b"".join(
        bytes([len(profile[at : at + 255])]) + profile[at : at + 255] for at in range(0, len(profile), 255)
    )
    return b"\x21\xff\x0bICCRGBG1012" + blocks + b"\0"


def write_gif(path: Path, extensions: bytes) -> Path:
    """The patches in Display P3."""
    source = pyvips.Image.new_from_array(patches()).copy(interpretation="srgb")
    shown = Image.fromarray(source.icc_transform("p3", input_profile="srgb", depth=8).numpy())
    plain = io.BytesIO()
    shown.quantize(16).save(plain, "GIF")
    data = plain.getvalue()
    at = 13 + (3 << (data[10] & 7) + 1)
    path.write_bytes(b"GIF89a" + data[6:at] + extensions + data[at:])
    return path


@pytest.mark.parametrize("others", [b"", LOOP, b"\x21\xfe\x05hello\x00", b"\x21\xf9\x04\x00\x00\x00\x00\x00"])
def test_colours_are_shown_through_the_profile(tmp_path: Path, others: bytes) -> None:
    image = open_image(write_gif(tmp_path / "wide.gif", others + extension(P3)), LIMITS)

    assert is_near(image, PATCHES), seen(image)


@pytest.mark.parametrize(
    "extensions",
    [b"", LOOP, extension(b"no profile"), b"\x21\xff\x0bICCRGBG1012\x00"],
    ids=["none", "loop", "odd", "empty"],
)
def test_one_that_says_nothing_changes_nothing(tmp_path: Path, extensions: bytes) -> None:
    plain, found = (
        open_image(write_gif(tmp_path / name, more), LIMITS) for name, more in (("a.gif", b""), ("b.gif", extensions))
    )

    assert seen(found) == seen(plain)


def test_a_profile_that_breaks_off_is_none() -> None:
    assert read_gif(io.BytesIO(b"GIF89a" + bytes(7) + extension(P3)[:-1])) == Gif()
    assert read_gif(io.BytesIO(b"GIF89a")) == Gif()


def test_nothing_is_around_a_first_frame_that_is_smaller_than_the_canvas(tmp_path: Path) -> None:
    """Browsers show none of the background colour, which Pillow fills in."""
    path = write_gif(tmp_path / "wide.gif", b"")
    data = bytearray(path.read_bytes())
    at = data.index(b"\x2c", 13 + (3 << (data[10] & 7) + 1))
    data[6:10], data[at + 1 : at + 5] = struct.pack("<HH", 100, 30), struct.pack("<HH", 2, 10)
    path.write_bytes(data)

    image = open_image(path, LIMITS)

    assert (image.mode, image.size) == ("RGBA", (100, 30))
    assert image.getchannel("A").getbbox() == (2, 10, 98, 26)
    assert seen(image.crop((2, 10, 98, 26)))[0] == (255, 255, 255, 255)
    assert inspect_image(path, LIMITS).has_alpha
