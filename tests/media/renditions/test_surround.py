"""A slim picture fades into its own colours; a wider one lies on a darker copy of itself."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from pressroom.media.renditions.framing import BLUR, SLIM, compose, frame
from pressroom.media.subject.focal import find_focus
from tests.support.media import psnr

BANNER, SQUARE = (1200, 300), (600, 600)


def _portrait() -> Image.Image:
    """A ball on a wall that grows lighter to the right."""
    shade = np.linspace(150, 210, 400)[None, :, None]
    picture = Image.fromarray(np.broadcast_to(shade, (600, 400, 3)).astype(np.uint8))
    ImageDraw.Draw(picture).ellipse((120, 200, 280, 420), fill=(180, 50, 40))
    return picture


def _shown(target: tuple[int, int]) -> np.ndarray:
    picture = _portrait()
    placed = frame(picture.size, target, "fit", find_focus(picture))
    return np.asarray(compose(picture, placed, BLUR, "#ffffff")).astype(int)


def test_a_slim_picture_has_no_edge_where_it_ends() -> None:
    found = _shown(BANNER)

    steps = np.abs(np.diff(found[20:60].mean(axis=(0, 2))))
    assert frame((400, 600), BANNER, "fit", find_focus(_portrait())).coverage < SLIM
    assert steps.max() < 4
    assert 145 < found[20:60].mean(axis=(0, 2)).min() <= found[20:60].mean(axis=(0, 2)).max() < 215, (
        "as light as the wall"
    )


def test_the_picture_itself_stays_as_it_is() -> None:
    inner = _shown(BANNER)[:, 520:680]

    wanted = _portrait().resize((200, 300), Image.Resampling.LANCZOS).crop((20, 0, 180, 300))
    assert psnr(Image.fromarray(inner.astype(np.uint8)), wanted) > 35


def test_a_wider_picture_stands_out_from_its_ground() -> None:
    found = _shown(SQUARE)

    assert found[300, 20].mean() < 0.85 * found[100, 120].mean()
