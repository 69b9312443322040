"""Cut-outs against composed photos whose alpha is known."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pressroom.domain.errors import Permanent
from pressroom.media.cutout.matting import cut_out, feathered, refined, subject_box
from tests.support.scenes import Scene, iou, scene

# Mean over the families below, with a margin to what was measured on many more (benchmarks/cutout.py).
FAMILIES = ("mug", "ring", "jar")
FLOORS = {"plain": 0.92, "gradient": 0.92, "textured": 0.85, "busy": 0.7}
SEED = 11
SIDE = 360


@cache
def _found(family: str, background: str) -> tuple[Scene, NDArray[np.uint8]]:
    """A photo and its cut-out, RGBA."""
    photo = scene(family, background, SEED, SIDE, SIDE)
    return photo, cut_out(photo.photo).rgba


@pytest.mark.parametrize("background", sorted(FLOORS))
def test_products_are_found_on(background: str) -> None:
    photos = [_found(family, background) for family in FAMILIES]
    found = [iou(rgba[..., 3] / 255, photo.alpha) for photo, rgba in photos]

    assert np.mean(found) > FLOORS[background], found


def test_edges_keep_no_color_of_the_old_background() -> None:
    """Along the outlines the colour is far nearer to the products' true colour than the photos' is."""
    ours, before = [], []
    for family in FAMILIES:
        photo, rgba = _found(family, "plain")
        edge = (photo.alpha > 0.2) & (photo.alpha < 0.8) & (rgba[..., 3] > 50)
        ours.append(np.abs(rgba[..., :3][edge] / 255 - photo.foreground[edge]).mean())
        before.append(np.abs(photo.photo[edge] / 255 - photo.foreground[edge]).mean())

    assert np.mean(ours) < 0.55 * np.mean(before)


def test_the_alpha_is_soft_where_the_edge_is_and_nowhere_else() -> None:
    photo, rgba = _found("jar", "plain")
    alpha = rgba[..., 3] / 255
    far = ~cv2.dilate(((photo.alpha > 0.02) & (photo.alpha < 0.98)).astype(np.uint8), np.ones((11, 11))).astype(bool)

    assert ((alpha > 0.1) & (alpha < 0.9)).any()
    assert not ((alpha > 0.1) & (alpha < 0.9) & far).any()


def test_a_mask_found_small_is_refined_at_full_size() -> None:
    """A circle on a clean backdrop, 4 times as large as its mask, is followed to a fraction of a mask pixel."""
    y, x = np.mgrid[0:800, 0:1000]
    truth = np.clip(250.5 - np.hypot(x - 500, y - 400), 0, 1)
    photo = np.rint((0.85 - 0.6 * truth[..., None] * (1, 0.8, 0.5)) * 255).astype(np.uint8)
    mask = cv2.resize(truth, (250, 200), interpolation=cv2.INTER_AREA) > 0.5

    alpha = refined(photo, mask)[..., 3] / 255

    assert np.abs(alpha - truth).sum() / (2 * np.pi * 250) < 0.5


def test_fully_transparent_pixels_carry_no_color() -> None:
    _, rgba = _found("mug", "gradient")

    assert not rgba[rgba[..., 3] == 0].any()


def test_the_same_photo_gives_the_same_pixels() -> None:
    photo = scene("shoe", "busy", SEED, 240, 240).photo

    assert (cut_out(photo).rgba == cut_out(photo).rgba).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_tiny_pictures_are_cut_out_or_refused(width: int, height: int, seed: int) -> None:
    photo = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)

    try:
        assert cut_out(photo).rgba.shape == (height, width, 4)
    except Permanent as refused:
        assert refused.hint  # noqa: PT017 - both answers are right, which one depends on the noise


@given(st.floats(0, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_feathering_never_makes_a_pixel_more_opaque(radius: float, seed: int) -> None:
    alpha = np.random.default_rng(seed).integers(0, 256, (20, 30), np.uint8)

    assert (feathered(alpha, radius) <= alpha).all()


def test_the_subject_box_is_in_shares_of_the_picture() -> None:
    alpha = np.zeros((100, 200), np.uint8)
    alpha[25:75, 50:60] = 255

    assert subject_box(alpha) == (0.25, 0.25, 0.3, 0.75)
    with pytest.raises(Permanent, match="fully transparent"):
        subject_box(alpha * 0)
