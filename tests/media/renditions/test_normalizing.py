"""A source's pictures before they are framed: HDR and wide colours as SDR, fields as whole frames, all else untouched."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import ffmpeg as graph
import numpy as np
import pytest
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.ffmpeg import output_argument, run_ffmpeg
from pressroom.media.files.recording import Pictures, read_recording
from pressroom.media.renditions.normalizing import fields_of, is_converted, normalized, rate_of
from tests.support.media import FFMPEG, ffmpeg

LIMITS = MediaLimits()
SIZE = WIDTH, HEIGHT = 120, 40
PATCHES = np.array([(255, 255, 255), (128, 128, 128), (255, 0, 0), (0, 200, 0), (0, 0, 255), (224, 172, 140)], float)
TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])
WHITE_NITS = 203  # ITU-R BT.2408: diffuse white of HDR


def hlg(light: Any) -> Any:
    """ITU-R BT.2100: scene light is what is shown, without the system gamma of a screen of 1,000 nits."""
    shown = light * WHITE_NITS / 1000
    scene = shown * np.maximum(shown @ LUMA_2020, 1e-9)[..., None] ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def pq(light: Any) -> Any:
    """SMPTE ST 2084."""
    power = (light * WHITE_NITS / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def in_bt2020(curve: Any) -> Any:
    return np.clip(curve((PATCHES / 255) ** 2.4 @ TO_BT2020.T), 0, 1)


def wide_gamut(light: Any) -> Any:
    return light ** (1 / 2.4)


def write(path: Path, signal: Any, transfer: str) -> Path:
    """Ten frames of patches side by side, BT.2020 of 10 bits."""
    luma = signal @ LUMA_2020
    blue, red = (signal[:, 2] - luma) / 1.8814, (signal[:, 0] - luma) / 1.4746
    wide = WIDTH // len(PATCHES)
    planes = [np.repeat(64 + 876 * luma, wide), np.repeat(512 + 896 * blue, wide), np.repeat(512 + 896 * red, wide)]
    frame = b"".join(np.tile(np.round(plane).astype("<u2"), HEIGHT).tobytes() for plane in planes)
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv"
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv444p10le", "-s", f"{WIDTH}x{HEIGHT}", "-r", "10", "-i", "-", "-vf", tags]
    command = [FFMPEG, "-v", "error", *raw, "-c:v", "libx264", "-qp", "4", "-profile:v", "high444", str(path)]
    subprocess.run(command, input=frame * 10, check=True)
    return path


def shown(path: Path, target: Path, fields: Any = "") -> Path:
    """The normalized pictures as a lossless file."""
    pictures = read_recording(path, LIMITS).pictures
    assert pictures is not None
    stream = normalized(graph.input(output_argument(path))["0"], pictures, fields)
    made = graph.output(stream, output_argument(target), vcodec="ffv1", map_metadata=-1)
    run_ffmpeg(FFMPEG, ["-y", "-v", "error", *graph.get_args(made)], 60)
    return target


def patches_of(path: Path) -> Any:
    command = [FFMPEG, "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", "scale=in_color_matrix=bt709"]
    raw = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    pixels = np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 3)
    wide = WIDTH // len(PATCHES)
    return np.array([pixels[HEIGHT // 2, number * wide + wide // 2] for number in range(len(PATCHES))], float)


@pytest.mark.parametrize(("curve", "transfer"), [(hlg, "arib-std-b67"), (pq, "smpte2084")])
def test_hdr_looks_like_the_scene_that_it_shows(tmp_path: Path, curve: Any, transfer: str) -> None:
    source = write(tmp_path / "hdr.mp4", in_bt2020(curve), transfer)

    found = patches_of(shown(source, tmp_path / "sdr.mkv"))

    white, grey, red = found[0], found[1], found[2]
    assert white.min() >= 215
    assert np.ptp(white) <= 3
    assert np.abs(grey - 128).max() <= 10
    assert red[0] >= 200
    assert red[1:].max() <= 45
    assert np.abs(found - PATCHES).max() <= 45


def test_brighter_than_white_is_brighter_still(tmp_path: Path) -> None:
    light = np.repeat(np.array([[0.5], [1.0], [1.5], [2.5], [4.0], [4.9]]), 3, axis=1)
    source = write(tmp_path / "hdr.mp4", pq(light), "smpte2084")

    found = patches_of(shown(source, tmp_path / "sdr.mkv"))[:, 1]

    assert (np.diff(found) >= 1).all()
    assert found[-1] >= 250


def test_wide_colours_are_brought_to_those_of_a_screen(tmp_path: Path) -> None:
    source = write(tmp_path / "wide.mp4", in_bt2020(wide_gamut), "bt709")

    found = patches_of(shown(source, tmp_path / "narrow.mkv"))

    assert np.abs(found - PATCHES).max() <= 20


@pytest.mark.parametrize("tags", ["", "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"])
def test_usual_pictures_are_left_as_they_are(tmp_path: Path, tags: str) -> None:
    source = tmp_path / "plain.mp4"
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=10:d=0.3{',' + tags if tags else ''}", source)
    pictures = read_recording(source, LIMITS).pictures
    assert pictures is not None

    stream = graph.input("x")["0"]

    assert not is_converted(pictures)
    assert normalized(stream, pictures, "") is stream


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A soft pattern that travels, fifty times a second."""
    folder = tmp_path_factory.mktemp("fields")
    noise = np.random.default_rng(4).integers(0, 256, (576, 1000), np.uint8)
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2.5), None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    Image.fromarray(soft).save(folder / "soft.png")
    still = ("-loop", 1, "-r", 50, "-t", 1, "-i", folder / "soft.png")
    ffmpeg(*still, "-vf", "crop=720:576:x=t*150", "-c:v", "ffv1", "-pix_fmt", "yuv420p", folder / "moving.mkv")
    return folder / "moving.mkv"


class TestFields:
    """Moving pictures as a camera makes them: lines of two moments, and the same of one."""

    @staticmethod
    def fields(path: Path) -> str:
        pictures = read_recording(path, LIMITS).pictures
        assert pictures is not None
        return fields_of(path, pictures, 0.5, LIMITS, FFMPEG, "")

    @pytest.mark.parametrize("scan", ["tff", "bff"])
    @pytest.mark.parametrize("told", [True, False])
    def test_fields_are_found_whether_told_or_not(self, tmp_path: Path, moving: Path, scan: str, told: bool) -> None:
        flags = ("-flags", "+ilme+ildct", "-x264-params", f"{scan}=1") if told else ()
        woven = tmp_path / "woven.mp4"
        ffmpeg("-i", moving, "-vf", f"interlace=scan={scan}", "-c:v", "libx264", "-qp", 12, *flags, woven)

        assert self.fields(woven) == scan

    @pytest.mark.parametrize("flags", [(), ("-flags", "+ilme+ildct", "-x264-params", "tff=1")])
    def test_whole_frames_stay_whole_whatever_their_flags_say(
        self, tmp_path: Path, moving: Path, flags: tuple[str, ...]
    ) -> None:
        whole = tmp_path / "whole.mp4"
        ffmpeg("-i", moving, "-vf", "fps=25,setfield=prog", "-c:v", "libx264", "-qp", 12, *flags, whole)

        assert self.fields(whole) == ""

    def test_fine_patterns_are_no_fields(self, tmp_path: Path) -> None:
        drawn = tmp_path / "drawn.mp4"
        ffmpeg("-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=1", "-c:v", "libx264", drawn)

        assert self.fields(drawn) == ""

    def test_nothing_combs_afterwards(self, tmp_path: Path, moving: Path) -> None:
        woven = tmp_path / "woven.mp4"
        ffmpeg("-i", moving, "-vf", "interlace", "-c:v", "libx264", "-qp", 12, woven)

        made = shown(woven, tmp_path / "whole.mkv", "tff")

        assert self.fields(made) == ""
        assert combing(made) < 0.7 * combing(woven)

    def test_small_pictures_are_not_looked_at(self, tmp_path: Path) -> None:
        pictures = Pictures(0, "h264", 320, 180, 25, 0, 1)  # type: ignore[arg-type]

        assert fields_of(tmp_path / "there is no such file", pictures, 0.5, LIMITS, FFMPEG, "") == ""


FILM_RATE, FRAMES = "24000/1001", 96
QUICKLY = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", 12)
LAYOUTS = [(pattern, first) for pattern in ("23", "32", "2332") for first in ("top", "bottom")]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of film: three shots of a soft pattern with grain, which pan, tilt and drift."""
    folder = tmp_path_factory.mktemp("film")
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, (900, 1400), np.uint8)
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    paths = [
        lambda at: (10 + 7 * at, 40),
        lambda at: (600 - 3 * at, 10 + 4 * at),
        lambda at: (50 + 2 * at, 380 - 3 * at),
    ]
    raw = bytearray()
    for number in range(FRAMES):
        left, top = paths[number * 3 // FRAMES](number % 32)
        frame = soft[top : top + 480, left : left + 720] + rng.normal(0, 2, (480, 720))
        raw += np.clip(np.round(frame), 0, 255).astype(np.uint8).tobytes()
    source = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "720x480", "-r", FILM_RATE, "-i", "-"]
    made = [*source, "-c:v", "ffv1", "-pix_fmt", "yuv420p", str(folder / "film.mkv")]
    subprocess.run([FFMPEG, "-v", "error", *made], input=bytes(raw), check=True)
    return folder / "film.mkv"


def lumas(path: Path) -> Any:
    command = [FFMPEG, "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 480, 720).astype(np.float32)


class TestFilm:
    """Film in interlaced video of 30 frames a second (3:2 pulldown)."""

    @staticmethod
    def fields(path: Path, middle: float = 2.0) -> str:
        pictures = read_recording(path, LIMITS).pictures
        assert pictures is not None
        return fields_of(path, pictures, middle, LIMITS, FFMPEG, "")

    @pytest.mark.parametrize(("pattern", "first"), LAYOUTS)
    def test_its_frames_are_put_together_again(self, tmp_path: Path, film: Path, pattern: str, first: str) -> None:
        video = tmp_path / "video.mp4"
        ffmpeg("-i", film, "-vf", f"telecine=first_field={first}:pattern={pattern}", *QUICKLY, video)

        fields = self.fields(video)
        made, meant = lumas(shown(video, tmp_path / "whole.mkv", fields)), lumas(film)

        assert fields == f"film-{first[0]}ff"
        assert abs(len(made) - FRAMES) <= 2
        # Beside a cut one frame may be lost or shown twice: each is compared with its own time's and those beside it.
        near = [
            min(float(np.mean((frame - meant[at]) ** 2)) for at in range(max(0, number - 2), min(FRAMES, number + 3)))
            for number, frame in enumerate(made)
        ]
        psnr = 10 * np.log10(255**2 / np.array(near))
        assert np.median(psnr) > 40
        assert (psnr < 30).sum() <= 4

    def test_its_rate_is_that_of_film(self, tmp_path: Path, film: Path) -> None:
        video = tmp_path / "video.mp4"
        ffmpeg("-i", film, "-vf", "telecine", *QUICKLY, video)
        pictures = read_recording(video, LIMITS).pictures
        assert pictures is not None

        assert rate_of(pictures, "film-tff") == Fraction(24_000, 1001)
        assert rate_of(pictures, "tff") == Fraction(30_000, 1001)

    @pytest.mark.parametrize(
        "drawn",
        [
            "fps=30000/1001",  # some frames twice
            "framestep=2,fps=30000/1001",  # an animation on twos
            "framestep=3,fps=30000/1001",
        ],
    )
    def test_frames_that_are_shown_twice_are_no_film_in_video(self, tmp_path: Path, film: Path, drawn: str) -> None:
        video = tmp_path / "video.mp4"
        ffmpeg("-i", film, "-vf", drawn, *QUICKLY, video)

        assert self.fields(video) == ""

    def test_video_stays_video(self, tmp_path: Path, moving: Path) -> None:
        video = tmp_path / "video.mp4"
        weave = "setpts=N/(60000/1001)/TB,fps=60000/1001,scale=720:480,interlace=lowpass=off"
        ffmpeg("-stream_loop", 3, "-i", moving, "-vf", weave, *QUICKLY, video)

        assert self.fields(video, 1.0) == "tff"

    def test_film_that_is_cut_together_with_video_is_taken_for_video(
        self, tmp_path: Path, film: Path, moving: Path
    ) -> None:
        video = tmp_path / "video.mp4"
        weave = "setpts=N/(60000/1001)/TB,fps=60000/1001,scale=720:480,setsar=1,interlace=lowpass=off"
        both = f"[0]telecine,setsar=1[a];[1]{weave}[b];[a][b]concat"
        ffmpeg("-i", film, "-stream_loop", 3, "-i", moving, "-filter_complex", both, *QUICKLY, video)

        assert self.fields(video, 2.4) == "tff"


def combing(path: Path) -> float:
    """How much lines differ from both of their neighbours alike."""
    command = [FFMPEG, "-v", "error", "-ss", "0.4", "-i", str(path), "-frames:v", "1", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "gray", "-"], capture_output=True, check=True).stdout
    lines = np.frombuffer(raw, np.uint8).reshape(576, 720).astype(float)
    return float(np.abs(2 * lines[1:-1] - lines[:-2] - lines[2:]).mean())
