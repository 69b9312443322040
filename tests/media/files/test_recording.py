"""What is in a recording: which streams are used, how they are shown and when, whatever lies beside them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files import recording
from pressroom.media.files.recording import Recording, read_recording
from tests.support.hostile.recordings import zeros_for_an_index
from tests.support.media import FFMPEG, clip, ffmpeg, tone

LIMITS = MediaLimits()
PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=1")
SOUND = ("-f", "lavfi", "-i", "sine=d=1")
LONG_SOUND = ("-f", "lavfi", "-i", "sine=d=3")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    path = tmp_path / "cover.jpg"
    Image.new("RGB", (30, 30), "#a02030").save(path)
    return path


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Recording]:
    """Writes a file by ffmpeg's arguments and reads it."""

    def make(name: str, *arguments: Any) -> Recording:
        ffmpeg(*arguments, tmp_path / name)
        return read_recording(tmp_path / name, LIMITS)

    return make


def test_a_clip_is_read(tmp_path: Path) -> None:
    found = read_recording(clip(tmp_path / "clip.mp4", "160x120", 1, 30), LIMITS)

    assert found.pictures is not None
    assert found.sounds is not None
    assert (found.pictures.width, found.pictures.height, found.pictures.fps) == (160, 120, 30)
    assert (found.pictures.codec, found.pictures.pixel_format) == ("h264", "yuv420p")
    assert (found.sounds.codec, found.sounds.sample_rate) == ("aac", 44_100)


def test_a_sound_has_no_pictures(tmp_path: Path) -> None:
    assert read_recording(tone(tmp_path / "tone.wav", 1), LIMITS).pictures is None


@pytest.mark.parametrize("name", ["a.mov", "a.mp4"])
def test_a_time_code_track_changes_nothing(made: Callable[..., Recording], name: str) -> None:
    found = made(name, *PICTURES, *SOUND, *H264, "-timecode", "01:00:00:00")

    assert found.pictures is not None
    assert found.sounds is not None
    assert (found.pictures.width, found.duration_seconds) == (64, pytest.approx(1, abs=0.05))


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.m4a"])
def test_the_cover_of_a_sound_is_no_video(made: Callable[..., Recording], cover: Path, name: str) -> None:
    found = made(name, *SOUND, "-i", cover, "-map", 1, "-map", 0, "-c:v", "mjpeg", "-disposition:v", "attached_pic")

    assert found.pictures is None
    assert found.sounds is not None


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_cover_of_a_video_is_not_its_pictures(made: Callable[..., Recording], cover: Path, name: str) -> None:
    first = ("-map", 1, "-map", 0, "-c:v:0", "mjpeg", "-disposition:v:0", "attached_pic", "-c:v:1", "libx264")
    attached = ("-map", 0, "-attach", cover, "-metadata:s:t", "mimetype=image/jpeg")

    found = made(name, *PICTURES, *(("-i", cover, *first) if name == "a.mp4" else attached), "-pix_fmt", "yuv420p")

    assert found.pictures is not None
    assert (found.pictures.codec, found.pictures.width) == ("h264", 64)


def test_of_several_tracks_the_default_one_is_used(made: Callable[..., Recording]) -> None:
    maps = ("-map", 1, "-map", 2, "-map", 0)

    found = made("a.mkv", *PICTURES, *SOUND, *SOUND, *maps, *H264, "-disposition:a:0", 0, "-disposition:a:1", "default")

    assert found.pictures is not None
    assert found.sounds is not None
    assert (found.pictures.index, found.sounds.index) == (2, 1)


class TestClocks:
    def test_a_picture_stands_while_a_much_longer_sound_goes_on(self, made: Callable[..., Recording]) -> None:
        found = made("a.mp4", *PICTURES, *LONG_SOUND, *H264)

        assert found.duration_seconds == pytest.approx(3, abs=0.05)
        assert found.held_seconds == pytest.approx(2, abs=0.05)

    def test_a_sound_that_ends_a_moment_later_is_no_reason_to_stand(self, made: Callable[..., Recording]) -> None:
        found = made("a.mp4", *PICTURES, "-f", "lavfi", "-i", "sine=d=1.2", *H264)

        assert (found.duration_seconds, found.held_seconds) == (pytest.approx(1), 0)

    def test_pictures_that_start_late_are_waited_for(self, made: Callable[..., Recording]) -> None:
        found = made("a.mkv", "-itsoffset", "1.5", *PICTURES, *SOUND, "-map", 0, "-map", 1, *H264)

        assert found.pictures is not None
        assert (found.start, found.pictures.start) == (0, pytest.approx(1.5, abs=0.05))
        assert found.duration_seconds == pytest.approx(2.5, abs=0.05)

    @pytest.mark.parametrize("codec", [("-c:v", "libvpx"), (*H264, "-c:a", "aac")])
    def test_a_live_recording_is_measured_by_its_packets(self, tmp_path: Path, codec: tuple[str, ...]) -> None:
        path = tmp_path / "live.webm"
        with path.open("wb") as file:
            file.write(_streamed(*PICTURES, *SOUND, *codec, "-f", "matroska"))

        assert read_recording(path, LIMITS).duration_seconds == pytest.approx(1, abs=0.03)

    def test_an_edit_list_is_followed(self, made: Callable[..., Recording], tmp_path: Path) -> None:
        made("whole.mp4", *PICTURES, *H264)

        found = made("cut.mp4", "-ss", "0.4", "-i", tmp_path / "whole.mp4", "-c", "copy")

        assert found.duration_seconds == pytest.approx(0.6, abs=0.02)

    def test_the_duration_of_a_sound_without_an_index_is_no_guess(self, made: Callable[..., Recording]) -> None:
        silent_then_loud = "aevalsrc='if(lt(t,2),0,random(0))':d=4"

        found = made("a.mp3", "-f", "lavfi", "-i", silent_then_loud, "-q:a", 2, "-write_xing", 0)

        assert found.duration_seconds == pytest.approx(4, abs=0.1)


def _streamed(*arguments: str) -> bytes:
    return subprocess.run([FFMPEG, "-v", "error", *arguments, "-"], capture_output=True, check=True).stdout


FILM = "testsrc2=s=128x96:r=24000/1001:d=1"


def _flagged(stream: bytes) -> bytes:
    """MPEG-2 of 24 frames as video of 30: every other frame is shown for three fields (ISO/IEC 13818-2, 6.2.2.3, 6.2.3.1)."""
    found, number, at = bytearray(stream), 0, stream.find(b"\0\0\1")
    while at >= 0:
        code, kind = found[at + 3], found[at + 4] >> 4
        if code == 0xB3:
            found[at + 7] = found[at + 7] & 0xF0 | 4  # 30000/1001 frames a second
        elif code == 0xB5 and kind == 1:
            found[at + 5] &= ~0x08  # not a progressive sequence
        elif code == 0xB5 and kind == 8:
            top_first, repeated = ((1, 1), (0, 0), (0, 1), (1, 0))[number % 4]
            found[at + 7] = found[at + 7] & 0x7D | top_first << 7 | repeated << 1
            number += 1
        at = found.find(b"\0\0\1", at + 4)
    return bytes(found)


class TestRates:
    @pytest.mark.parametrize(
        ("mean", "base", "meant"),
        [
            ((30, 1), (30, 1), (30, 1)),
            ((30_000, 1001), (30_000, 1001), (30_000, 1001)),
            ((102_400, 3453), (30, 1), (30, 1)),  # fragments: the mean is rough
            ((260, 19), (30, 1), (30, 1)),  # a screen: frames only where something moves
            ((2987, 100), (90_000, 1), (30_000, 1001)),  # a telephone: its clock is no rate
            ((60_000, 1), (25, 1), (25, 1)),  # a tape: the clock's own rate
            ((240, 1), (240, 1), (240, 1)),
            (None, (25, 1), (25, 1)),
        ],
    )
    def test_the_rate_that_was_meant_is_found(
        self, mean: tuple[int, int] | None, base: tuple[int, int], meant: tuple[int, int]
    ) -> None:
        assert recording._rate({"mean_rate": mean, "base_rate": base}, False) == Fraction(*meant)

    @pytest.mark.parametrize("name", ["film.mpg", "film.ts", "film.mkv"])
    def test_film_that_flags_alone_make_video_has_the_rate_of_film(self, tmp_path: Path, name: str) -> None:
        film = _flagged(_streamed("-f", "lavfi", "-i", FILM, "-c:v", "mpeg2video", "-bf", "0", "-f", "mpeg2video"))
        (tmp_path / "film.m2v").write_bytes(film)
        fields = "(floor(N/2)*5+mod(N,2)*3)*1001/60000/TB"  # when each is shown

        ffmpeg(
            "-f",
            "mpegvideo",
            "-i",
            tmp_path / "film.m2v",
            "-c",
            "copy",
            "-bsf:v",
            f"setts=ts='{fields}'",
            tmp_path / name,
        )
        found = read_recording(tmp_path / name, LIMITS).pictures

        assert found is not None
        assert found.fps == Fraction(24_000, 1001)

    @pytest.mark.parametrize("fields", [(2,), (3,), (2, 2, 3), (2, 3, 3), (1, 2), (3, 2, 2, 2)])
    def test_other_lengths_of_frames_are_no_film(self, fields: tuple[int, ...]) -> None:
        told = [number * 1001 / 60_000 for number in fields * 6]

        found = recording._rate(
            {"mean_rate": (30_000, 1001), "base_rate": (30_000, 1001), "frame_seconds": told}, False
        )

        assert found == Fraction(30_000, 1001)

    def test_fields_are_not_counted_as_frames(self) -> None:
        assert recording._rate({"mean_rate": (25, 1), "base_rate": (50, 1)}, True) == 25


class TestColours:
    def test_what_the_file_tells_is_read(self, made: Callable[..., Recording]) -> None:
        tags = "setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc:range=pc"

        found = made("a.mp4", *PICTURES, "-vf", tags, *H264).pictures

        assert found is not None
        assert (found.primaries, found.hdr, found.matrix) == ("bt2020", "arib-std-b67", "bt2020nc")
        assert found.is_full_range

    def test_without_tags_the_size_decides_the_matrix(self, made: Callable[..., Recording]) -> None:
        found = made("a.mp4", *PICTURES, *H264).pictures

        assert found is not None
        assert (found.matrix, found.primaries, found.hdr, found.known_matrix) == ("", "", "", "bt601")


class TestDamage:
    def test_what_cannot_be_read_is_corrupt(self, tmp_path: Path) -> None:
        path = tmp_path / "clip.mp4"
        path.write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(100))

        with pytest.raises(Corrupt, match=r"clip\.mp4 is damaged"):
            read_recording(path, LIMITS, "mov")

    def test_a_codec_that_nobody_knows_is_named_as_such(self, tmp_path: Path) -> None:
        path = clip(tmp_path / "clip.mp4", "64x48", 0.4, sound=False)
        path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz").replace(b"avcC", b"zzzC"))

        with pytest.raises(Corrupt, match=r"clip\.mp4 has a stream of video that cannot be decoded"):
            read_recording(path, LIMITS)

    def test_dolby_vision_that_only_its_own_decoders_show_is_named(self, made: Callable[..., Recording]) -> None:
        hevc = ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-strict", "unofficial", "-tag:v", "dvh1", "-x265-params")

        with pytest.raises(Corrupt, match=r"Dolby Vision .*profile 5.*HDR10"):
            made("five.mp4", *PICTURES, *hevc, "log-level=none")
        assert made("told.mp4", *PICTURES, *hevc, "log-level=none:transfer=smpte2084").pictures is not None

    def test_a_reader_that_needs_too_much_memory_is_ended(self, tmp_path: Path) -> None:
        path = tmp_path / "zeros.mp4"
        path.write_bytes(zeros_for_an_index(20_000_000))

        with pytest.raises(Corrupt, match=r"zeros\.mp4"):
            read_recording(path, MediaLimits(max_pixels=1), "mov")
