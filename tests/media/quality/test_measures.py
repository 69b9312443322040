"""Measures of photos of strangers, spoiled by steps: each spoils its own measure, and an independent reader agrees."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageEnhance, ImageFilter
from skimage.color import rgb2gray
from skimage.measure import blur_effect

from pressroom.media.quality.measures import SIDE, measure

BRAND = ("#1f3b2d", "#f5ead8", "#cc6a3c")
PHOTOS = ("astronaut", "coffee", "chelsea", "rocket")


def photo(name: str) -> Image.Image:
    return Image.fromarray(getattr(skimage.data, name)())


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius * max(image.size) / SIDE))


@pytest.mark.parametrize("name", PHOTOS)
def test_the_more_a_photo_is_blurred_the_less_sharp_it_is(name: str) -> None:
    takes = [photo(name), *(blurred(photo(name), radius) for radius in (2, 4, 8))]

    found = [measure(take).blur for take in takes]

    assert found == sorted(found)
    assert found[0] < 0.46 < 0.6 < found[2]
    # scikit-image's own measure of the same paper puts them into the same order.
    assert (np.argsort([blur_effect(rgb2gray(np.asarray(take))) for take in takes]) == np.argsort(found)).all()


@pytest.mark.parametrize("name", PHOTOS)
def test_noise_makes_no_blurred_photo_sharp(name: str) -> None:
    rng = np.random.default_rng(1)
    soft = np.asarray(blurred(photo(name), 4), dtype=np.float64)
    noisy = Image.fromarray(np.clip(soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8))

    assert measure(noisy).blur > measure(photo(name)).blur


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_that_is_darkened_lightened_or_flattened_says_so(name: str) -> None:
    good = measure(photo(name))
    dark, light = (measure(ImageEnhance.Brightness(photo(name)).enhance(factor)) for factor in (0.3, 1.9))
    flat = measure(ImageEnhance.Contrast(photo(name)).enhance(0.3))

    assert dark.middle < 0.4 < good.middle < light.middle
    assert light.lost > good.lost
    assert flat.spread < good.spread / 2


def test_the_distance_to_the_palette_is_nought_in_its_own_colours_and_large_far_from_them() -> None:
    own, far = Image.new("RGB", (64, 64), BRAND[0]), Image.new("RGB", (64, 64), "#2040ff")

    assert measure(own, BRAND).palette_distance == pytest.approx(0, abs=0.01)
    assert measure(far, BRAND).palette_distance > 0.25  # type: ignore[operator]
    assert measure(own).palette_distance is None


def test_the_subject_is_the_box_of_what_stands_out_or_of_a_cut_outs_outline() -> None:
    small, large = (Image.new("RGB", (400, 400), "#e8e4da") for _ in range(2))
    small.paste("#7a1f1f", (180, 180, 220, 220))
    large.paste("#7a1f1f", (100, 100, 300, 300))
    cutout = Image.new("RGBA", (100, 100))
    cutout.paste((10, 80, 40, 255), (25, 0, 75, 100))

    assert measure(small).subject < 0.05 < 0.2 < measure(large).subject < 0.4
    assert measure(cutout).subject == pytest.approx(0.5)
    assert measure(Image.new("RGB", (50, 50), "#777777")).subject == 0


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (7, 5)])
def test_pictures_of_any_shape_are_measured(size: tuple[int, int]) -> None:
    found = measure(Image.new("L", size, 90), BRAND)

    assert found.blur == 1
    assert found.spread == 0
