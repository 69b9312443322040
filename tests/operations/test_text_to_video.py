"""text_to_video: planned to the second, refused where it cannot be, and bought from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation
from pressroom.operations.text_to_video import OPERATION, TextToVideoParams
from tests.support.campaigns import campaigned
from tests.support.media import all_placements, described, frames_of
from tests.support.planning import plan_of

BASE = "steps: {film: {uses: text_to_video, tier: premium, with: {prompt: waves on a beach, "


def expected(**params: object) -> Expectation:
    values = {"prompt": "waves on a beach"} | params
    return OPERATION.expect(TextToVideoParams(**values), {}, all_placements())  # type: ignore[arg-type]


def test_the_clip_has_the_asked_shape_and_length() -> None:
    found = expected(ratio="9:16", resolution="1080p", duration=7.5)

    assert found.outputs == (("", MediaInfo(Kind.VIDEO, "video/mp4", 1080, 1920, 7.5)),)
    assert (found.units["second"], found.problems) == (7.5, ())


def test_a_placement_sets_the_size_and_refuses_what_it_does_not_take() -> None:
    reel = expected(placement="instagram.reel", duration=10)
    wrong = expected(placement="instagram.story_image")

    assert (reel.outputs[0][1].width, reel.outputs[0][1].height, reel.placement) == (1080, 1920, "instagram.reel")
    assert wrong.problems == ("instagram.story_image takes an image, this makes a video",)


@pytest.mark.parametrize(
    ("params", "said"),
    [({"ratio": "21:1"}, "slimmer"), ({"prompt": "  "}, "no words"), ({"duration": 61}, "less than or equal to 60")],
)
def test_what_cannot_be_made_is_refused(params: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        expected(**params)


@pytest.mark.parametrize(("sound", "credits"), [("false", 16), ("true", 32)])
def test_sound_is_off_unless_asked_for_and_priced_where_it_is(sound: str, credits: int) -> None:
    (node,) = plan_of(f"{BASE} duration: 8, generate_audio: {sound}}}}}}}").nodes

    assert node.quote.credits_bound == credits * 1_000_000
    assert node.model == "footage"


def test_a_clip_that_is_too_long_for_the_model_is_refused_before_anything_is_bought() -> None:
    (problem,) = plan_of(f"{BASE} duration: 30}}}}}}").problems

    assert "duration 30 is above 15" in problem.message


def test_the_free_tier_says_why_it_has_none() -> None:
    (problem,) = plan_of(f"{BASE.replace('premium', 'free')} duration: 5}}}}}}").problems

    assert problem.message.startswith("film: no free model offers text_to_video: this machine films nothing")


def test_it_is_bought_made_filed_and_delivered(tmp_path: Path) -> None:
    shape = {"duration": 1.0, "resolution": "480p", "ratio": "1:1"}
    silent = {"prompt": "waves on a beach", **shape}
    loud = {"prompt": "a busy harbour", "generate_audio": True, **shape}
    steps = {
        "calm": {"uses": "text_to_video", "model": "simulated/footage", "with": silent},
        "port": {"uses": "text_to_video", "model": "simulated/footage", "with": loud},
    }

    done = campaigned(tmp_path, steps)

    calm, port = done.file("calm.mp4"), done.file("port.mp4")
    assert "Audio" not in described(calm)
    assert "Audio: aac" in described(port)
    assert frames_of(calm, 480, 480).shape[0] == 30
    assert (frames_of(calm, 480, 480)[0] != frames_of(port, 480, 480)[0]).mean() > 0.1
    assert done.report.captured_micros == 6_000_000
    assert {asset.kind for asset in done.assets} == {Kind.VIDEO}
