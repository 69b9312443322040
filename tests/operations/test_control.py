"""control: each kind has its own strengths, whose defaults are written down, and 0 is 0."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations.control import OPERATION, ControlParams
from tests.support.planning import plan_of


def control(**params: object) -> ControlParams:
    return ControlParams(image="image", **params)  # type: ignore[arg-type]


def test_the_usual_strengths() -> None:
    sketch, style = control(kind="sketch", prompt="a lake"), control(kind="style", prompt="a lake")
    transfer = control(kind="style_transfer", style_image="style_image")

    assert (sketch.strength, style.fidelity) == (0.7, 0.5)
    assert (transfer.style_strength, transfer.composition_fidelity, transfer.change_strength) == (1.0, 0.9, 0.9)


def test_a_strength_of_nothing_is_kept_as_it_is() -> None:
    params = control(kind="structure", prompt="a lake", strength=0)

    assert params.model_dump(exclude_defaults=True)["strength"] == 0


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"kind": "sketch"}, "kind sketch needs prompt"),
        ({"kind": "style_transfer"}, "kind style_transfer needs style_image"),
        ({"kind": "sketch", "prompt": "x", "fidelity": 0.2}, "kind sketch takes no fidelity"),
        ({"kind": "style", "prompt": "x", "strength": 0}, "kind style takes no strength"),
        ({"kind": "structure", "prompt": "x", "strength": 1.1}, "less than or equal to 1"),
    ],
)
def test_what_does_not_belong_to_the_kind_is_refused(params: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        control(**params)


def test_the_picture_is_as_large_as_its_guide() -> None:
    guide = MediaInfo(Kind.IMAGE, "image/png", 640, 480, has_alpha=True)

    ((_, made),) = OPERATION.expect(control(kind="sketch", prompt="a lake"), {"image": guide}, {}).outputs

    assert (made.width, made.height, made.has_alpha) == (640, 480, False)


@pytest.mark.parametrize(
    ("given", "credits"), [("kind: style, prompt: a lake", 1), ("kind: style_transfer, style_image: other.jpg", 2)]
)
def test_the_price_depends_on_the_kind(given: str, credits: int) -> None:
    text = f"steps: {{new: {{uses: control, tier: premium, with: {{image: photo.jpg, {given}}}}}}}"

    assert plan_of(text).nodes[0].quote.credits_bound == credits * 1_000_000
