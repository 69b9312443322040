"""Each writer gives a plain file of its format: the tables of libjpeg, no metadata, the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from pressroom.media.encoding import codecs
from tests.support.edits import shaded, with_alpha
from tests.support.media import gradient, noise, psnr

WRITERS: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG": lambda image: codecs.jpeg(image, 80, full_colour=False),
    "WEBP": lambda image: codecs.webp(image, 80),
    "AVIF": lambda image: codecs.avif(image, 70),
    "PNG": codecs.png,
    "BMP": codecs.bmp,
}


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pillows(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return opened(out.getvalue())


@pytest.mark.parametrize("name", WRITERS)
def test_it_is_that_format_and_that_picture(name: str) -> None:
    found = opened(WRITERS[name](gradient()))

    assert (found.format, found.mode, found.size) == (name, "RGB", (60, 40))
    assert psnr(found, gradient()) > 28


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_of_the_sources_metadata_is_written(name: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    told = gradient()
    told.info = {
        "exif": exif.tobytes(),
        "icc_profile": b"profile of a camera",
        "comment": b"at home",
        "dpi": (300, 300),
    }

    data = WRITERS[name](told)

    assert data == WRITERS[name](gradient())
    assert b"home" not in data
    assert b"profile" not in data
    assert told.info["comment"] == b"at home"


def test_a_png_claims_no_size_on_paper() -> None:
    assert opened(codecs.png(gradient())).info == {}


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 51, 75, 90, 100])
def test_whole_qualities_are_libjpegs(quality: int) -> None:
    found = opened(codecs.jpeg(gradient(), quality, full_colour=False))

    assert found.quantization == pillows(gradient(), quality).quantization


@pytest.mark.parametrize(("low", "between", "high"), [(74, 74.5, 75), (20, 20.4, 21), (49, 49.7, 50)])
def test_a_fraction_lies_between_its_neighbours(low: float, between: float, high: float) -> None:
    coarse, middle, fine = (
        opened(codecs.jpeg(gradient(), quality, full_colour=False)).quantization for quality in (low, between, high)
    )

    for table in (0, 1):
        assert all(a >= b >= c for a, b, c in zip(coarse[table], middle[table], fine[table], strict=True))


def test_a_jpeg_is_progressive_and_has_the_colours_that_were_asked_for() -> None:
    full, half = (opened(codecs.jpeg(gradient(), 90, full_colour=full)) for full in (True, False))

    assert full.info["progressive"] == half.info["progressive"] == 1
    assert [each[1:3] for each in full.layer] == [(1, 1)] * 3
    assert [each[1:3] for each in half.layer] == [(2, 2), (1, 1), (1, 1)]


def test_colours_may_be_coarser_than_light() -> None:
    found = opened(codecs.jpeg(gradient(), 90, full_colour=True, colour_quality=40))

    assert found.quantization[0] == pillows(gradient(), 90).quantization[0]
    assert found.quantization[1] == pillows(gradient(), 40).quantization[1]


@pytest.mark.parametrize("full_colour", [True, False])
def test_noise_that_is_larger_than_its_pixels_is_written_all_the_same(full_colour: bool) -> None:
    found = opened(codecs.jpeg(noise(300, 200), 100, full_colour=full_colour))

    assert found.size == (300, 200)
    assert found.info["progressive"] == 1
    assert not full_colour or psnr(found, noise(300, 200)) > 40


@pytest.mark.parametrize("pixels", [shaded(31, 22), with_alpha(shaded(31, 22))], ids=["RGB", "RGBA"])
@pytest.mark.parametrize("level", [1, 6, 9])
def test_a_png_is_exact(pixels: np.ndarray, level: int) -> None:
    found = opened(codecs.png(Image.fromarray(pixels), level))

    assert (np.asarray(found) == pixels).all()


@pytest.mark.parametrize("name", ["WEBP", "AVIF"])
def test_transparency_is_kept(name: str) -> None:
    image = Image.fromarray(with_alpha(shaded(64, 48)))

    found = opened(WRITERS[name](image))

    assert found.mode == "RGBA"
    alphas = (np.asarray(each.getchannel("A")).astype(int) for each in (found, image))
    assert np.abs(np.subtract(*alphas)).mean() < 2


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF"])
def test_more_quality_is_more_bytes_and_more_likeness(name: str) -> None:
    write = {
        "JPEG": lambda quality: codecs.jpeg(noise(64, 48), quality, full_colour=True),
        "WEBP": lambda quality: codecs.webp(noise(64, 48), quality),
        "AVIF": lambda quality: codecs.avif(noise(64, 48), quality),
    }[name]

    made = [write(quality) for quality in (10, 40, 70, 95)]

    sizes, likenesses = [len(data) for data in made], [psnr(opened(data), noise(64, 48)) for data in made]
    assert sizes == sorted(sizes)
    assert likenesses == sorted(likenesses)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (17, 3)])
@pytest.mark.parametrize("name", WRITERS)
def test_no_picture_is_too_small(name: str, size: tuple[int, int]) -> None:
    assert opened(WRITERS[name](Image.new("RGB", size, "#c04020"))).size == size
