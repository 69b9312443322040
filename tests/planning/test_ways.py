"""What an operation leaves to the plan: which way is taken, and what the plan says of it."""

from __future__ import annotations

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import Kind, MediaInfo
from pressroom.planning.known_files import KnownFiles
from pressroom.planning.plan import FileFacts, Plan
from tests.support.planning import chooser_of, image, loaded, plan_of, with_file, with_model

AUTO = "steps: {{large: {{uses: upscale, tier: budget, with: {{image: {}, mode: auto, {}}}}}}}"


@pytest.mark.parametrize(
    ("given", "mode", "why"),
    [
        ("width: 3000", {}, "auto is conservative, as 3,750 pixels are 3,000 or more"),
        ("height: 2999", {"mode": "fast"}, "auto is fast, as 2,999 pixels are less than 3,000"),
        ("scale: 2", {}, "auto is conservative, as 4,000 pixels are 3,000 or more"),
    ],
)
def test_the_size_to_reach_decides_the_mode(given: str, mode: dict[str, str], why: str) -> None:
    (node,) = plan_of(AUTO.format("photo.jpg", given)).nodes

    assert {name: value for name, value in node.params.items() if name == "mode"} == mode
    assert node.why.startswith(f"{why}; ")


def test_what_the_plan_has_decided_is_the_same_content_as_asking_for_it() -> None:
    decided, asked = AUTO.format("photo.jpg", "scale: 2"), AUTO.format("photo.jpg", "scale: 2")
    asked = asked.replace("mode: auto", "mode: conservative")

    assert plan_of(decided).nodes[0].key == plan_of(asked).nodes[0].key


def test_a_mode_that_does_not_fit_gives_way_to_the_other_and_the_plan_says_why() -> None:
    catalog = load_catalog()
    for name, modes in (("simulated/enlarge", ("fast",)), ("local/edge-filters", ("fast",))):
        limits = catalog.models[name].limits.model_copy(update={"values": {"mode": modes}})
        catalog = with_model(catalog, name, limits=limits)

    (node,) = plan_of(AUTO.format("photo.jpg", "scale: 2"), catalog=catalog).nodes

    assert node.params["mode"] == "fast"
    assert node.why.startswith("auto is fast, since otherwise no model can make this upscale: ")
    assert "mode conservative is none of fast" in node.why


def test_where_neither_fits_the_reason_of_the_preferred_is_told() -> None:
    huge = with_file("vast.jpg", image("vast", 9_000, 9_000))

    (problem,) = plan_of(AUTO.format("vast.jpg", "scale: 2"), files=huge).problems

    assert "18,000 x 18,000 pixels, the limit is" in problem.message


def test_a_picture_that_is_not_made_yet_is_taken_care_of() -> None:
    film = "a: {uses: crop, with: {image: photo.jpg, trim: true}}"
    text = f"steps: {{{film}, b: {{uses: upscale, with: {{image: '{{{{ steps.a }}}}', mode: auto}}}}}}"

    plan = plan_of(text)

    assert "auto is conservative, as it is not known how large" in plan.node("b").why


@pytest.mark.parametrize(
    ("model", "preset", "how"),
    [
        ("simulated/studio", "anime", "preset anime by parameter"),
        ("simulated/studio", "modern", "preset modern in words"),
        ("simulated/sketch", "anime", "preset anime in words"),
    ],
)
def test_the_plan_says_how_a_preset_reaches_the_model(model: str, preset: str, how: str) -> None:
    text = f"steps: {{art: {{uses: generate_image, model: {model}, with: {{prompt: a cup, preset: {preset}}}}}}}"

    assert plan_of(text).nodes[0].why.endswith(f"; {how}")


def test_the_local_drawings_have_no_preset_and_the_plan_warns() -> None:
    plan = plan_of("steps: {art: {uses: generate_image, with: {prompt: a quiet sea, preset: anime, steps: 4}}}")

    assert "have no preset and no steps: models of another tier do" in plan.problems[0].message
    assert "preset" not in plan.nodes[0].why


def bought(text: str) -> Plan:
    """The plan where every vendor has a key."""
    found = loaded(text)
    chooser = chooser_of(found, configured=frozenset(load_catalog().providers))
    return plan_of(found, chooser=chooser)


def test_what_a_vendor_makes_longer_and_of_the_pictures_shape_is_said_with_what_is_billed() -> None:
    film = "with: {image: photo.jpg, prompt: it turns, duration: 3, ratio: '16:9'}"

    (node,) = bought(f"steps: {{clip: {{uses: image_to_video, model: replicate/kling-v2.6-i2v, {film}}}}}").nodes

    assert "its picture is cropped to the clip's shape first; 5 s are ordered and billed, 3 s of them kept" in node.why
    assert (node.quote.usd_estimate, node.outputs[0][1].duration_seconds) == (350_000, 3)


def test_a_clip_of_its_own_length_and_shape_needs_no_words() -> None:
    film = "with: {prompt: a calm sea, duration: 5, resolution: 1080p}"

    (node,) = bought(f"steps: {{clip: {{uses: text_to_video, model: replicate/kling-v2.6-t2v, {film}}}}}").nodes

    assert node.why == "asked for by name (premium)"


@pytest.mark.parametrize(("seconds", "usd"), [(3.0, 150_000), (5.0, 150_000), (5.1, 300_000), (120.0, 3_600_000)])
def test_an_avatar_is_billed_by_the_vendors_blocks_of_seconds(seconds: float, usd: int) -> None:
    (node,) = spoken(seconds, "resolution: 480p").nodes

    assert node.quote.usd_estimate == usd


def test_an_avatar_longer_than_the_vendor_makes_is_refused_and_a_mood_goes_in_words() -> None:
    (problem,) = spoken(120.1, "resolution: 480p").problems

    assert "duration 120.1 is above 120" in problem.message
    assert spoken(3, "resolution: 480p, emotion: excited").nodes[0].why.endswith("emotion excited in words")


def spoken(seconds: float, more: str) -> Plan:
    sound = FileFacts("d" * 64, MediaInfo(Kind.AUDIO, "audio/wav", duration_seconds=seconds))
    text = f"""steps:
  talk: {{uses: talking_avatar, model: wavespeed/hunyuan-avatar, with: {{image: photo.jpg, audio: voice.wav, {more}}}}}
"""
    found = loaded(text)
    chooser = chooser_of(found, configured=frozenset(load_catalog().providers))
    return plan_of(found, chooser=chooser, files=KnownFiles({"photo.jpg": image("photo"), "voice.wav": sound}))


@pytest.mark.parametrize(("asked", "said"), [("", True), (", generate_audio: true", False)])
def test_the_plan_says_where_sound_that_nobody_asked_for_is_taken_out(asked: str, said: bool) -> None:
    film = f"uses: text_to_video, model: replicate/veo-3.1-lite-t2v, with: {{prompt: sea, duration: 4{asked}}}"
    text = f"steps: {{film: {{{film}}}}}"

    (node,) = plan_of(text, chooser=chooser_of(text, configured=frozenset({"replicate", "local"}))).nodes

    assert ("its sound is taken out" in node.why) is said
