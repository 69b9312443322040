"""Renditions of videos: one encoding for all who take it, and one clock whatever the clocks of the master are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pressroom.domain.media import Made
from pressroom.media.renditions.images import Look
from pressroom.media.renditions.rendition import Target
from pressroom.media.renditions.videos import Cut, render_sequences
from tests.support.media import ffmpeg, frames_of, workspace

# Ten pictures, each brighter than the one before; and noise, which takes bytes.
PICTURES = ("-f", "lavfi", "-i", "color=s=64x48:r=10:d=1,geq=lum=20+T*200:cb=128:cr=128")
NOISE = ("-f", "lavfi", "-i", "color=s=64x48:r=10:d=4,geq=lum=random(1)*255:cb=128:cr=128")
SIZE = (64, 48)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
LOOK = Look("auto", None, "blur", "#ffffff")


def target(label: str = "", **limits: Any) -> Target:
    return replace(Target(label, *SIZE, ("mp4",)), **limits)


def rendered(folder: Path, master: Path, *targets: Target, cut: Cut | None = None) -> list[Made]:
    return render_sequences(master, targets or (target(),), LOOK, cut or Cut(), workspace(folder))


def sound_of(path: Path, folder: Path) -> Any:
    """Samples of one channel, 8,000 a second."""
    raw = folder / "sound.raw"
    ffmpeg("-i", path, "-ac", 1, "-ar", 8_000, "-f", "f32le", raw)
    return np.frombuffer(raw.read_bytes(), np.float32)


class TestSharing:
    @pytest.fixture(scope="class")
    @classmethod
    def master(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        path = tmp_path_factory.mktemp("master") / "master.mp4"
        ffmpeg(*NOISE, *H264, path)
        return path

    def test_limits_that_do_not_bind_do_not_divide(self, tmp_path: Path, master: Path) -> None:
        limits = (None, 50_000_000, 1_000_000, 200_000)

        made = rendered(tmp_path, master, *(target(str(limit), max_bytes=limit) for limit in limits))

        assert len({file.path for file in made}) == 1
        assert {file.details["rate_control"] for file in made} == {"quality"}
        assert len(list(tmp_path.glob("*.mp4"))) == 1

    def test_a_limit_that_binds_gets_a_file_of_its_own(self, tmp_path: Path, master: Path) -> None:
        whole = rendered(tmp_path / "whole", master)[0].path.stat().st_size
        small = whole * 4 // 5

        free, bound, same = rendered(tmp_path, master, target("a"), *(target(n, max_bytes=small) for n in "bc"))

        assert free.path.stat().st_size == whole
        assert bound.path == same.path != free.path
        assert bound.path.stat().st_size <= small
        assert bound.details["rate_control"] == "two passes"


class TestClocks:
    def test_the_last_picture_stands_while_the_sound_goes_on(self, tmp_path: Path) -> None:
        master = tmp_path / "slide.mp4"
        ffmpeg(*PICTURES, "-f", "lavfi", "-i", "sine=d=3", *H264, master)

        (made,) = rendered(tmp_path / "out", master)

        frames = frames_of(made.path, *SIZE).astype(int)
        assert len(frames) == 30
        assert np.abs(frames[12] - frames[29]).mean() < 2
        assert np.abs(frames[2] - frames[8]).mean() > 2
        assert "stands for 2.0 s" in made.details["warning"]
        assert np.abs(sound_of(made.path, tmp_path)[20_000:23_000]).max() > 0.05

    def test_a_cut_may_lie_where_the_picture_stands(self, tmp_path: Path) -> None:
        master = tmp_path / "slide.mp4"
        ffmpeg(*PICTURES, "-f", "lavfi", "-i", "sine=d=3", *H264, master)

        (made,) = rendered(tmp_path / "out", master, cut=Cut(start=2, duration=0.5))

        assert len(frames_of(made.path, *SIZE)) == 5

    def test_the_first_picture_waits_for_its_time(self, tmp_path: Path) -> None:
        master = tmp_path / "late.mkv"
        ffmpeg("-itsoffset", 1, *PICTURES, "-f", "lavfi", "-i", "sine=d=2", "-map", 0, "-map", 1, *H264, master)

        (made,) = rendered(tmp_path / "out", master)

        frames = frames_of(made.path, *SIZE).astype(int)
        assert len(frames) == 20
        assert np.abs(frames[0] - frames[8]).mean() < 2
        assert np.abs(frames[11] - frames[18]).mean() > 2

    def test_late_sound_stays_where_it_was(self, tmp_path: Path) -> None:
        master = tmp_path / "late.mp4"
        ffmpeg(*PICTURES, "-itsoffset", 0.5, "-f", "lavfi", "-i", "sine=d=0.5", *H264, master)

        (made,) = rendered(tmp_path / "out", master)

        sound = np.abs(sound_of(made.path, tmp_path))
        assert sound[400:3_400].max() < 0.01
        assert sound[4_800:7_000].max() > 0.05

    def test_one_frame_is_a_clip_of_one_frame(self, tmp_path: Path) -> None:
        master = tmp_path / "one.mp4"
        ffmpeg(*PICTURES, "-frames:v", 1, *H264, master)

        (made,) = rendered(tmp_path / "out", master)

        assert len(frames_of(made.path, *SIZE)) == 1

    def test_a_variable_rate_keeps_its_moments(self, tmp_path: Path) -> None:
        master = tmp_path / "screen.mp4"
        ffmpeg(*PICTURES, "-vf", "select='lt(n,3)+gte(n,8)'", "-fps_mode", "vfr", *H264, master)

        (made,) = rendered(tmp_path / "out", master)

        frames = frames_of(made.path, *SIZE).astype(int)
        assert len(frames) == 10
        assert np.abs(frames[3] - frames[6]).mean() < 2
        assert np.abs(frames[7] - frames[8]).mean() > 1
