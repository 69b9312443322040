"""lip_sync: as long as the clip or the sound, and refused where a file is none that a model takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation
from pressroom.operations.lip_sync import OPERATION, LipSyncParams
from pressroom.planning.known_files import KnownFiles
from pressroom.planning.plan import FileFacts, Plan
from tests.support.planning import chooser_of, plan_of

CLIP = MediaInfo(Kind.VIDEO, "video/mp4", 1280, 720, 8.0, 4_000_000)
SOUND = MediaInfo(Kind.AUDIO, "audio/mpeg", duration_seconds=6.0, size_bytes=96_000)


def expected(clip: MediaInfo = CLIP, sound: MediaInfo = SOUND, **params: Any) -> Expectation:
    values = LipSyncParams(video="video", audio="audio", **params)
    return OPERATION.expect(values, {"video": clip, "audio": sound}, {})


def planned(model: str, clip: MediaInfo = CLIP, sound: MediaInfo = SOUND, more: str = "") -> Plan:
    text = f"steps: {{say: {{uses: lip_sync, model: replicate/{model}, with: {{video: clip.mp4, audio: said.mp3{more}}}}}}}"
    files = KnownFiles({"clip.mp4": FileFacts("c" * 64, clip), "said.mp3": FileFacts("5" * 64, sound)})
    return plan_of(text, chooser=chooser_of(text, configured=frozenset({"replicate"})), files=files)


@pytest.mark.parametrize(("length", "seconds"), [("clip", 8), ("sound", 6)])
def test_the_clip_or_the_sound_gives_length_and_price(length: str, seconds: float) -> None:
    found = expected(length=length)

    assert (found.outputs[0][1].duration_seconds, found.units["second"], found.problems) == (seconds, seconds, ())


def test_a_sound_that_is_not_made_yet_is_paid_for_as_the_longest_that_it_can_become() -> None:
    coming = MediaInfo(Kind.AUDIO, most_seconds=12.5)

    by_clip, by_sound = expected(sound=coming), expected(sound=coming, length="sound")

    assert (by_clip.outputs[0][1].duration_seconds, by_clip.units["second"], by_clip.problems) == (8, 12.5, ())
    assert (by_sound.outputs[0][1].most_seconds, by_sound.units["second"]) == (12.5, 12.5)


def test_a_sound_that_goes_on_after_the_clip_is_refused_with_what_to_do() -> None:
    longer = MediaInfo(Kind.AUDIO, duration_seconds=9.5)

    (problem,) = expected(sound=longer).problems

    assert problem == "the sound of 9.5 s goes on after the clip of 8 s: shorten it, or say length: sound"
    assert expected(sound=longer, length="sound").problems == ()


def test_what_is_of_unknown_length_has_no_price_and_is_refused() -> None:
    (problem,) = expected(sound=MediaInfo(Kind.AUDIO)).problems

    assert problem.startswith("it is not known how long the sound is")


@pytest.mark.parametrize(
    ("model", "more", "usd", "bound"),
    [
        ("kling-lip-sync", "", 112_000, 280_000),
        ("lipsync-2-pro", "", 666_000, 666_000),
        ("lipsync-2-pro", ", length: sound", 499_500, 499_500),
    ],
)
def test_seconds_are_what_is_paid_for(model: str, more: str, usd: int, bound: int) -> None:
    (node,) = planned(model, more=more).nodes

    assert (node.quote.usd_estimate, node.quote.usd_bound) == (usd, bound)


@pytest.mark.parametrize(
    ("clip", "sound", "more", "words"),
    [
        ({"duration_seconds": 1.5}, {"duration_seconds": 1.5}, "", "video: seconds 1.5 is below 2: take a longer one"),
        ({"duration_seconds": 10.5}, {}, "", "video: seconds 10.5 is above 10: cut it"),
        ({"size_bytes": 120_000_000}, {}, "", "video: megabytes 120 is above 100: compress it"),
        ({"width": 640}, {}, "", "video: side 640 is below 720: enlarge it"),
        ({"width": 2560, "height": 1440}, {}, "", "video: side 2560 is above 1920: make it smaller"),
        ({"mime": "video/webm"}, {}, "", "video is webm, none of mp4, mov: convert it"),
        ({}, {"size_bytes": 6_000_000}, "", "audio: megabytes 6 is above 5: compress it"),
        ({}, {}, ", length: sound", "length sound is none of clip"),
    ],
)
def test_what_a_model_does_not_take_is_refused_before_anything_is_bought_with_what_mends_it(
    clip: dict[str, Any], sound: dict[str, Any], more: str, words: str
) -> None:
    found = planned("kling-lip-sync", replace(CLIP, **clip), replace(SOUND, **sound), more)

    assert words in found.problems[0].message
