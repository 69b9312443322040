"""image_to_3d: one GLB file, as fine as asked."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.image_to_3d import OPERATION, ImageTo3dParams
from tests.support.planning import plan_of


def test_a_picture_becomes_one_model() -> None:
    found = OPERATION.expect(ImageTo3dParams(image="image"), {"image": MediaInfo(Kind.IMAGE)}, {})

    assert found.outputs == (("", MediaInfo(Kind.MODEL, "model/gltf-binary")),)


@pytest.mark.parametrize("wrong", [{"texture": 4096}, {"foreground_ratio": 0}, {"vertices": 20_001}, {"remesh": "all"}])
def test_what_no_model_makes_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ImageTo3dParams(image="image", **wrong)  # type: ignore[arg-type]


def test_a_mesh_that_the_model_does_not_lay_is_refused_by_name() -> None:
    text = "steps: {thing: {uses: image_to_3d, tier: premium, with: {image: photo.jpg, remesh: quad}}}"

    (problem,) = plan_of(text).problems

    assert "remesh quad is none of none, triangle" in problem.message


def test_a_model_is_no_picture_for_a_later_step() -> None:
    thing = "thing: {uses: image_to_3d, tier: premium, with: {image: photo.jpg}}"

    (problem,) = plan_of(
        f"steps: {{{thing}, large: {{uses: upscale, with: {{image: '{{{{ steps.thing }}}}'}}}}}}"
    ).problems

    assert "step 'thing' makes model, image takes image" in problem.message
