"""enhance_face: the picture, larger by its scale."""

from __future__ import annotations

import pytest

from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.enhance_face import OPERATION, EnhanceFaceParams
from tests.support.planning import plan_of


@pytest.mark.parametrize(("scale", "size"), [(1, (640, 480)), (2, (1280, 960)), (4, (2560, 1920))])
def test_the_picture_grows_by_the_scale(scale: int, size: tuple[int, int]) -> None:
    photo = MediaInfo(Kind.IMAGE, "image/png", 640, 480, has_alpha=True)

    ((_, made),) = OPERATION.expect(EnhanceFaceParams(image="image", scale=scale), {"image": photo}, {}).outputs  # type: ignore[arg-type]

    assert ((made.width, made.height), made.has_alpha) == (size, True)


def test_it_is_priced_by_what_comes_out() -> None:
    text = "steps: {face: {uses: enhance_face, tier: budget, with: {image: photo.jpg, scale: 1}}}"

    assert plan_of(text).nodes[0].quote.credits_bound == 4_000_000  # 3.2 megapixels
