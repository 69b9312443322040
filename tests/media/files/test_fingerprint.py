"""The same picture is found again after it was scaled, compressed, mirrored or framed, and another one is not."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.fingerprint import (
    DIMENSIONS,
    SAME_HASH,
    SAME_PART,
    SAME_VECTOR,
    Fingerprint,
    agreement,
    fingerprint,
    of_pixels,
    small_picture,
    trimmed,
    variants,
)
from tests.support.formats import SVG


def composed(seed: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Soft shapes of several colours: as unlike each other as photographs are."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    return Image.fromarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC))


def of(image: Image.Image) -> Fingerprint:
    return of_pixels(np.asarray(image.convert("RGB"), np.float32))


def alike(one: Fingerprint, other: Fingerprint) -> tuple[int, float]:
    """Bits that differ, and the cosine."""
    bits = bin((one.hash ^ other.hash) & (1 << 64) - 1).count("1")
    return bits, float(vector(one) @ vector(other))


def vector(found: Fingerprint) -> np.ndarray:
    return np.frombuffer(found.vector, np.float32)


def is_same(one: Fingerprint, other: Fingerprint) -> bool:
    bits, cosine = alike(one, other)
    return bits <= SAME_HASH and cosine >= SAME_VECTOR


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.tuples(st.integers(1, 90), st.integers(1, 90)))
def test_any_picture_has_one(seed: int, size: tuple[int, int]) -> None:
    found = of(composed(seed, size))

    assert -(2**63) <= found.hash < 2**63
    assert vector(found).shape == (DIMENSIONS,)
    assert np.linalg.norm(vector(found)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_has_one_too(level: int) -> None:
    found = of(Image.new("RGB", (20, 20), (level,) * 3))

    assert np.isfinite(vector(found)).all()


@pytest.mark.parametrize("seed", range(8))
def test_the_same_picture_scaled_and_compressed_is_the_same(tmp_path: Path, seed: int) -> None:
    image = composed(seed, (240, 160))
    image.save(tmp_path / "low.jpg", quality=25)
    with Image.open(tmp_path / "low.jpg") as low:
        copies = [low.convert("RGB"), image.resize((90, 60)), image.resize((600, 400)), image.resize((160, 160))]

    assert all(is_same(of(image), of(copy)) for copy in copies)


def test_different_pictures_are_different() -> None:
    found = [of(composed(seed)) for seed in range(12)]

    assert not any(is_same(one, other) for one, other in combinations(found, 2))


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "gif", "tiff", "bmp", "avif"])
def test_every_format_shows_the_same(tmp_path: Path, name: str) -> None:
    image = composed(3, (240, 160))
    image.save(tmp_path / "shoe", name)

    found = fingerprint(tmp_path / "shoe", Kind.IMAGE, MediaLimits(), "")

    assert found is not None
    assert is_same(found, of(image))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
@pytest.mark.parametrize("size", [(30, 20), (64, 64), (240, 160)])
def test_a_small_picture_that_is_opened_whole_looks_as_a_large_one_that_is_shrunk_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, size: tuple[int, int]
) -> None:
    image = composed(4, size).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(size))
    image.save(tmp_path / "shoe.png")

    whole = fingerprint(tmp_path / "shoe.png", Kind.IMAGE, MediaLimits(), "")
    monkeypatch.setattr("pressroom.media.files.fingerprint._OPENED_WHOLE", 0)
    shrunk = fingerprint(tmp_path / "shoe.png", Kind.IMAGE, MediaLimits(), "")

    assert whole is not None
    assert shrunk is not None
    bits, cosine = alike(whole, shrunk)
    assert bits <= SAME_HASH // 2
    assert cosine > 0.99


def test_a_drawing_has_one(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG)

    assert fingerprint(tmp_path / "logo.svg", Kind.IMAGE, MediaLimits(), "") is not None


@pytest.mark.parametrize(("kind", "data"), [(Kind.AUDIO, b"ID3"), (Kind.IMAGE, b"words"), (Kind.IMAGE, b"")])
def test_what_shows_nothing_has_none(tmp_path: Path, kind: Kind, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)

    assert fingerprint(tmp_path / "file", kind, MediaLimits(), "") is None
    assert variants(tmp_path / "file", kind, MediaLimits(), "") == []


def test_transparent_parts_are_grey_whatever_colour_hides_there(tmp_path: Path) -> None:
    for name, hidden in (("red", (255, 0, 0, 0)), ("blue", (0, 0, 255, 0))):
        image = composed(1).convert("RGBA")
        image.paste(hidden, (0, 0, 40, 40))
        image.save(tmp_path / f"{name}.png")

    red, blue = (
        small_picture(tmp_path / f"{name}.png", Kind.IMAGE, MediaLimits(), "", None) for name in ("red", "blue")
    )

    assert red is not None
    assert blue is not None
    assert red[:30, :20] == pytest.approx(128, abs=1)
    assert blue[:30, :20] == pytest.approx(128, abs=1)
    assert is_same(of_pixels(red), of_pixels(blue))


def test_a_mirrored_or_barred_picture_is_found_by_a_variant(tmp_path: Path) -> None:
    image = composed(5, (240, 160))
    barred = Image.new("RGB", (240, 240), "black")
    barred.paste(image, (0, 40))
    barred.transpose(Image.Transpose.FLIP_LEFT_RIGHT).crop((0, 40, 240, 200)).save(tmp_path / "mirrored.png")
    barred.save(tmp_path / "barred.png")

    for name in ("mirrored", "barred"):
        found = variants(tmp_path / f"{name}.png", Kind.IMAGE, MediaLimits(), "")
        assert not is_same(found[0], of(image))
        assert any(is_same(each, of(image)) for each in found)


@given(st.tuples(*[st.integers(0, 10)] * 4))
def test_bars_are_cut_to_the_pixel(bars: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = bars
    inner = np.random.default_rng(2).integers(60, 256, (30, 40, 3)).astype(np.float32)

    assert (trimmed(np.pad(inner, ((top, bottom), (left, right), (0, 0)))) == inner).all()


@pytest.mark.parametrize(
    "pixels", [np.zeros((20, 20, 3)), np.pad(np.full((2, 40, 3), 255), ((19, 19), (0, 0), (0, 0)))]
)
def test_what_would_be_left_thin_stays_whole(pixels: np.ndarray) -> None:
    assert trimmed(pixels.astype(np.float32)).shape == pixels.shape


def test_lettered_pictures_agree_and_others_do_not() -> None:
    image = composed(7)
    lettered = image.copy()
    lettered.paste((255, 255, 255), (0, 48, 96, 60))
    mine, theirs, other = (vector(of(each)) for each in (image, lettered, composed(8)))

    assert agreement(mine, mine) == pytest.approx(1)
    assert agreement(mine, theirs) > SAME_PART
    assert agreement(mine, other) < SAME_PART
