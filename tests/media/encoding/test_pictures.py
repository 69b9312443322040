"""Encoding under a byte limit: never above it, as good as it allows, the same bytes each time."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.errors import Permanent, Refused
from pressroom.media.encoding.pictures import FORMATS, encode
from tests.support.media import gradient, noise, product, psnr

NOISE = noise(80, 60)


def reopened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def soft_noise() -> Image.Image:
    """Detail at every scale, as in a photograph."""
    fine = noise(160, 120).resize((160, 120))
    coarse = noise(20, 15).resize((160, 120), Image.Resampling.BICUBIC)
    return Image.blend(coarse, fine, 0.15)


def smallest(image: Image.Image, name: str) -> int:
    with pytest.raises(Refused) as refusal:
        encode(image, name, 1)
    return int(refusal.value.fields["smallest_bytes"])


@cache
def refused_at(name: str) -> int:
    """The fewest bytes that the noise can have in a format, by the refusal's own account."""
    with pytest.raises(Refused) as refusal:
        encode(NOISE, name, 1)
    return int(refusal.value.fields["smallest_bytes"])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_opens_again_with_the_same_pixels(name: str) -> None:
    encoded = encode(product(), name)

    image = reopened(encoded.data)

    assert image.format == name.upper()
    assert image.size == (600, 400)
    assert psnr(image, product()) > 30
    assert encoded.is_best


@settings(max_examples=25, deadline=None)
@given(limit=st.integers(400, 16_000), name=st.sampled_from(["jpeg", "png", "webp", "gif", "avif"]))
def test_noise_never_exceeds_its_limit_or_is_refused_with_the_numbers(limit: int, name: str) -> None:
    smallest = refused_at(name)

    if limit < smallest:
        with pytest.raises(Refused, match=f"the limit is {limit:,}"):
            encode(NOISE, name, limit)
    else:
        encoded = encode(NOISE, name, limit)
        assert len(encoded.data) <= limit
        assert reopened(encoded.data).size == NOISE.size


@pytest.mark.parametrize(
    ("name", "most_empty"), [("jpeg", 0.02), ("webp", 0.03), ("avif", 0.08), ("png", 0.08), ("gif", 0.05)]
)
def test_a_limit_is_filled(name: str, most_empty: float) -> None:
    image = soft_noise()
    most, least = len(encode(image, name).data), smallest(image, name)
    gaps = []
    for share in (0.2, 0.4, 0.6, 0.8):
        limit = int(least * (most / least) ** share)

        made = encode(image, name, limit)

        assert not made.is_best
        gaps.append(1 - len(made.data) / limit)

    assert min(gaps) >= 0
    assert sum(gaps) / len(gaps) < most_empty


def test_just_below_its_best_a_jpeg_keeps_its_colour_resolution_and_coarsens_the_colours() -> None:
    image = soft_noise()
    limit = int(len(encode(image, "jpeg").data) * 0.97)

    made = encode(image, "jpeg", limit)

    assert made.quality == 90
    assert reopened(made.data).layer[0][1:3] == (1, 1)  # no plane has fewer samples
    assert len(made.data) > limit * 0.97


def test_quality_is_where_lossy_formats_start_from() -> None:
    for name in ("jpeg", "webp", "avif"):
        coarse, fine = encode(product(), name, quality=40), encode(product(), name, quality=85)

        assert (coarse.quality, fine.quality) == (40, 85)
        assert len(coarse.data) < len(fine.data)


def test_colours_that_nobody_sees_are_dropped_before_any_that_show() -> None:
    hidden = NOISE.convert("RGBA")
    hidden.putalpha(0)
    hidden.paste((200, 30, 30, 255), (20, 20, 60, 40))

    made = encode(hidden, "png", 1_000)

    found = reopened(made.data).convert("RGBA")
    assert (made.colors, made.step) == (None, None)
    assert found.getpixel((30, 30)) == (200, 30, 30, 255)
    assert found.getpixel((1, 1))[3] == 0


def test_a_cut_out_of_few_colours_keeps_soft_edges() -> None:
    image = soft_noise().convert("RGBA")
    image.putalpha(Image.radial_gradient("L").resize(image.size))

    made = encode(image, "png", len(encode(image, "png").data) // 5)

    assert made.colors is not None
    alphas = (np.asarray(one.getchannel("A"), dtype=float) for one in (reopened(made.data).convert("RGBA"), image))
    assert np.abs(np.subtract(*alphas)).mean() < 12


@pytest.mark.parametrize("name", ["jpeg", "webp"])
def test_a_limit_costs_no_more_quality_than_it_must(name: str) -> None:
    limit = len(encode(NOISE, name).data) // 2

    encoded = encode(NOISE, name, limit)

    assert encoded.quality is not None
    assert 10 <= encoded.quality < 90
    assert len(encoded.data) > limit * 0.8


def test_a_roomy_limit_changes_nothing() -> None:
    assert encode(product(), "jpeg", 10_000_000) == encode(product(), "jpeg")


def test_jpegs_are_progressive_and_carry_nothing_but_the_picture() -> None:
    image = gradient()
    image.info = {"exif": b"Exif\x00\x00secret", "icc_profile": b"profile", "comment": b"hello"}

    found = reopened(encode(image, "jpeg").data)

    assert found.info.get("progressive") == 1
    assert not {"exif", "icc_profile", "comment"} & set(found.info)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_pixels_give_the_same_bytes(name: str) -> None:
    assert encode(product(), name).data == encode(product(), name).data


@pytest.mark.parametrize("name", ["png", "webp", "gif", "avif"])
def test_transparency_survives_where_the_format_has_it(name: str) -> None:
    image = gradient().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 20, 40))

    found = reopened(encode(image, name).data).convert("RGBA")

    assert found.getpixel((5, 5))[3] <= 3
    assert found.getpixel((50, 20))[3] >= 252


def test_a_transparent_png_under_a_tight_limit_stays_transparent() -> None:
    image = NOISE.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 40, 60))

    encoded = encode(image, "png", len(encode(image, "png").data) // 3)

    assert encoded.colors is not None
    assert reopened(encoded.data).convert("RGBA").getpixel((5, 5))[3] == 0


def test_transparent_pixels_lie_on_the_ground_in_a_jpeg() -> None:
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))

    pixel = reopened(encode(image, "jpeg", ground="#ff8000").data).getpixel((8, 8))

    assert all(abs(a - b) <= 3 for a, b in zip(pixel, (255, 128, 0), strict=True))


def test_a_bmp_that_is_too_large_is_refused_because_it_cannot_shrink() -> None:
    with pytest.raises(Refused, match=r"80 x 60 pixels as bmp need at least 14,454 bytes, the limit is 14,000"):
        encode(NOISE, "bmp", 14_000)


def test_a_format_that_is_not_written_is_named() -> None:
    with pytest.raises(Permanent, match="'tga'"):
        encode(gradient(), "tga")
