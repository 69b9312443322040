"""What a vendor makes in a size or a format of its own becomes what the plan promises."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.media.files.probe import probe
from pressroom.providers.simulator.drawing.sounds import melody, write_wav
from pressroom.services.conform import conformed
from tests.support.desks import Desk
from tests.support.finding import find_in
from tests.support.studio import Studio

WANTED = MediaInfo(Kind.IMAGE, mime_of("png"), 100, 80)


def made(path: Path, size: tuple[int, int], mime: str) -> Made:
    Image.new("RGB", size, "teal").save(path)
    return Made(path, mime, "")


def test_another_size_and_format_is_brought_to_the_promised_one_and_said(studio: Studio, tmp_path: Path) -> None:
    found = conformed(studio.context, made(tmp_path / "a.jpg", (96, 80), mime_of("jpg")), WANTED)

    with Image.open(found.path) as picture:
        assert (picture.size, picture.format) == ((100, 80), "PNG")
    assert found.details["made_as"] == {"size": [96, 80], "type": mime_of("jpg")}


@pytest.mark.parametrize("size", [(100, 80), (400, 80)])
def test_what_is_right_or_far_off_stays_as_it_is(studio: Studio, tmp_path: Path, size: tuple[int, int]) -> None:
    item = made(tmp_path / "a.png", size, mime_of("png"))

    assert conformed(studio.context, item, WANTED) is item


def test_what_is_damaged_is_left_for_the_check(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"<html>")
    item = Made(tmp_path / "a.png", mime_of("png"), "")

    assert conformed(studio.context, item, WANTED) is item
    assert conformed(studio.context, item, None) is item


def test_speech_that_comes_as_wav_is_the_mp3_that_was_promised(studio: Studio, tmp_path: Path) -> None:
    item = Made(write_wav(melody(["so", "it", "sounds"], 2), tmp_path / "a.wav"), mime_of("wav"), "")

    found = conformed(studio.context, item, MediaInfo(Kind.AUDIO, mime_of("mp3")))

    info = probe(found.path, studio.context.settings.limits, studio.context.ffmpeg)
    assert (info.mime, round(info.duration_seconds or 0)) == (mime_of("mp3"), 2)
    assert found.details["made_as"] == {"type": mime_of("wav")}
    assert conformed(studio.context, item, MediaInfo(Kind.AUDIO, mime_of("wav"))) is item


CLIP = MediaInfo(Kind.VIDEO, mime_of("mp4"), 160, 90, 1.0)


def filmed(folder: Path, size: str, seconds: float, *, sound: bool = False) -> Made:
    path = folder / "clip.mp4"
    tones = ["-f", "lavfi", "-i", f"sine=d={seconds}"] if sound else []
    film = ["-f", "lavfi", "-i", f"testsrc=s={size}:r=16:d={seconds}"]
    subprocess.run([ffmpeg_program(), "-v", "error", *film, *tones, "-pix_fmt", "yuv420p", str(path)], check=True)
    return Made(path, mime_of("mp4"), "")


@pytest.mark.parametrize("sound", [False, True])
def test_a_longer_and_larger_clip_is_cut_and_cropped_to_the_promised_one(
    studio: Studio, tmp_path: Path, sound: bool
) -> None:
    found = conformed(studio.context, filmed(tmp_path, "320x200", 2.0, sound=sound), CLIP)

    info = probe(found.path, studio.context.settings.limits, studio.context.ffmpeg)
    assert (info.width, info.height) == (160, 90)
    assert info.duration_seconds == pytest.approx(1.0, abs=0.15)
    assert found.details["made_as"] == {"size": [320, 200], "seconds": pytest.approx(2.0, abs=0.1), "type": "video/mp4"}
    assert has_sound(found.path) is sound


@pytest.mark.parametrize(("size", "seconds"), [("160x90", 1.05), ("90x160", 2.0)])
def test_a_clip_that_is_right_or_of_another_shape_stays_as_it_is(
    studio: Studio, tmp_path: Path, size: str, seconds: float
) -> None:
    item = filmed(tmp_path, size, seconds)

    assert conformed(studio.context, item, CLIP) is item


@pytest.mark.parametrize(("size", "seconds"), [("160x90", 1.0), ("320x200", 2.0)])
def test_a_silent_clip_loses_the_sound_that_its_model_makes_in_any_case(
    studio: Studio, tmp_path: Path, size: str, seconds: float
) -> None:
    item = filmed(tmp_path, size, seconds, sound=True)

    found = conformed(studio.context, item, CLIP, silent=True)

    assert not has_sound(found.path)
    assert found.details["made_as"]["sound"] is True
    info = probe(found.path, studio.context.settings.limits, studio.context.ffmpeg)
    assert (info.width, info.height) == (160, 90)
    assert conformed(studio.context, found, CLIP, silent=True) is found


def has_sound(path: Path) -> bool:
    said = subprocess.run([ffmpeg_program(), "-i", str(path)], capture_output=True, text=True)
    return "Audio:" in said.stderr


@pytest.mark.prefect
def test_how_a_style_was_said_to_the_model_is_on_record(desk: Desk) -> None:
    desk.write("""\
name: styled
steps:
  art: {uses: generate_image, model: simulated/sketch, with: {prompt: a calm sea, preset: anime, width: 64, height: 64}}
""")

    run = desk.pressroom("run", desk.campaign)

    assert run.code == 0, run.err
    with desk.context.database.read() as conn:
        found = find_in(conn, desk.account_id, step="art").items
    assert {tuple(each.details["said"]) for each in found} == {("preset anime in words",)}
