"""Names of yesterday: understood however they are written, and answered with what they are today."""

from __future__ import annotations

import pytest

from pressroom.catalog.former import former_models, former_named, plain
from pressroom.catalog.load import load_catalog
from pressroom.catalog.naming import wrong_model
from tests.support.planning import plan_of


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Runway Gen-3", "Runway Gen-3"),
        ("runway/gen3a_turbo", "Runway Gen-3"),
        ("SDXL", "SDXL"),
        ("stability-ai/sdxl", "SDXL"),
        ("FLUX Pro", "FLUX.1 [pro]"),
        ("black-forest-labs/flux-pro", "FLUX.1 [pro]"),
        ("DALL-E 3", "DALL-E"),
        ("dalle", "DALL-E"),
        ("google/imagen-4.0-generate-001", "Imagen"),
        ("Veo 2", "Veo 2"),
        ("google/veo-3", "Veo 3"),
        ("gpt-image-1", "gpt-image-1"),
        ("openai/gpt-image-1.5", "gpt-image-1.5"),
    ],
)
def test_a_former_name_is_understood(name: str, title: str) -> None:
    found = former_named(name)

    assert found is not None
    assert found.title == title


@pytest.mark.parametrize("name", ["flux-2-pro", "veo-3.1", "simulated/film", "gen4_turbo", "gpt-image-2", ""])
def test_a_name_of_today_is_none(name: str) -> None:
    assert former_named(name) is None


def test_no_name_stands_for_two_models() -> None:
    names = [plain(name) for row in former_models() for name in row.names]

    assert all(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("Runway Gen-3", "Runway Gen-3 ended on 2026-07-30: today that is image_to_video with Runway's gen4_turbo"),
        ("stable-video/svd", "Stable Video Diffusion has ended: today that is"),
        ("SDXL", "SDXL has newer ones: today that is generate_image"),
    ],
)
def test_a_campaign_that_asks_for_one_is_told_what_it_is_today(model: str, said: str) -> None:
    text = f"steps: {{clip: {{uses: image_to_video, model: '{model}', with: {{image: photo.jpg}}}}}}"

    (problem,) = plan_of(text).problems

    assert problem.code == "unknown_model"
    assert problem.hint.startswith(said)
    assert "; did you mean " in problem.hint


@pytest.mark.parametrize(
    ("operation", "model", "instead"),
    [
        ("edit_image", "openai/gpt-image-1.5", "openai/gpt-image-2.6-flare-edit (1 credit / image)"),
        ("generate_image", "gpt-image-1.5", "did you mean openai/gpt-image-2.6-flare (1 credit / image)"),
    ],
)
def test_what_ended_is_said_to_have_with_the_price_of_what_may_replace_it(
    operation: str, model: str, instead: str
) -> None:
    problem = wrong_model(load_catalog(), model, operation)

    assert problem is not None
    assert problem.hint.startswith("gpt-image-1.5 ended on 2026-12-01: today that is")
    assert problem.hint.endswith(f"{instead}?")
    assert "did you mean openai/gpt-image-1.5" not in problem.hint


@pytest.mark.parametrize(
    ("operation", "name", "today"),
    [
        ("generate_image", "DALL-E", "openai/gpt-image-2.6-flare"),
        ("generate_image", "Imagen", "gemini/gemini-nano-banana-2.1"),
        ("generate_image", "SDXL", "bfl/flux-2-klein-4b"),
        ("generate_image", "FLUX Pro", "bfl/flux-2-pro"),
        ("edit_image", "Gemini 2.5 Flash Image", "gemini/gemini-nano-banana-2.1-edit"),
        ("image_to_video", "Runway Gen-3", "runway/gen4_turbo"),
        ("text_to_video", "Runway Gen-3", "runway/gen4.5-text"),
    ],
)
def test_the_model_that_is_offered_in_its_place_is_the_one_that_is_named(operation: str, name: str, today: str) -> None:
    problem = wrong_model(load_catalog(), name, operation)

    assert problem is not None
    assert f"did you mean {today} (" in problem.hint
