"""resize of videos: size, frame rate, length, sound and bytes are the placement's, whatever the master is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Permanent, Refused
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.operations.resize import OPERATION, ResizeParams
from tests.support.media import (
    FFMPEG,
    all_placements,
    boxes,
    clip,
    colour_at,
    described,
    ffmpeg,
    frame_types,
    frames_of,
    workspace,
)
from tests.support.resizing import limited, problems, resized

VIDEO = MediaInfo(Kind.VIDEO, duration_seconds=4.0)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("video") / "master.mp4")


@pytest.fixture(scope="module")
def renditions(video: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    names = ["x.post_video_square", "x.post_video_landscape", "x.dm_video", "linkedin.ad_video_square"]
    made = resized(tmp_path_factory.mktemp("renditions"), video, placements=names)
    return {file.label: file for file in made}


class TestVideos:
    def test_each_has_its_exact_size_and_codec(self, renditions: dict[str, Made]) -> None:
        for name, made in renditions.items():
            row, text = all_placements()[name], described(made.path)

            assert f"{row.width}x{row.height}" in text
            assert "Video: h264 (High)" in text
            assert "yuv420p(tv, bt709" in text
            assert "Audio: aac (LC)" in text
            assert made.path.stat().st_size >= (row.min_bytes or 0)

    def test_the_index_comes_first(self, renditions: dict[str, Made]) -> None:
        for made in renditions.values():
            assert boxes(made.path.read_bytes())[:2] == ["ftyp", "moov"]

    def test_there_are_no_edit_lists(self, renditions: dict[str, Made]) -> None:
        assert not any(b"elst" in made.path.read_bytes() for made in renditions.values())

    def test_all_frames_are_there(self, renditions: dict[str, Made]) -> None:
        assert len(frames_of(renditions["x.post_video_square"].path, 720, 720)) == 100

    def test_groups_start_with_a_key_frame_every_two_seconds(self, renditions: dict[str, Made]) -> None:
        types = frame_types(renditions["x.post_video_square"].path)

        assert types[0] == types[50] == "I"

    def test_placements_with_equal_needs_share_one_file(self, renditions: dict[str, Made]) -> None:
        assert renditions["x.post_video_landscape"].path == renditions["x.dm_video"].path

    def test_the_same_master_gives_the_same_bytes(self, tmp_path: Path, video: Path) -> None:
        one, two = (resized(tmp_path / name, video, width=96, height=128, duration=1)[0] for name in ("one", "two"))

        assert one.path.read_bytes() == two.path.read_bytes()

    def test_the_rate_is_brought_into_range(self, tmp_path: Path) -> None:
        fast = clip(tmp_path / "fast.mp4", "64x48", 3.2, 30, sound=False)

        made = resized(tmp_path / "out", fast, placements=["linkedin.ad_video_square"])[0]

        assert made.details["fps"] == pytest.approx(29.97)
        assert "29.97 fps" in described(made.path)

    def test_a_long_video_is_trimmed_below_the_limit(self, tmp_path: Path, video: Path) -> None:
        row = all_placements()["x.post_video_square"]
        work = workspace(tmp_path, image=video)
        work = type(work)(
            work.folder, work.inputs, {}, work.brand, limited(row, target_max_duration_seconds=2), work.limits, FFMPEG
        )
        assert OPERATION.run is not None

        made = OPERATION.run(ResizeParams(image="image", placements=[row.name]), work)[0]

        frames = len(frames_of(made.path, 720, 720))
        assert made.details["trimmed"]
        assert 1.9 <= frames / 25 < 2

    def test_start_and_duration_cut_exactly(self, tmp_path: Path, video: Path) -> None:
        made = resized(tmp_path, video, width=160, height=120, start=1, duration=2)[0]

        found, source = frames_of(made.path, 160, 120), frames_of(video, 160, 120)
        assert len(found) == 50
        assert abs(found[0].astype(int) - source[25]).mean() < 6
        assert abs(found[0].astype(int) - source[0]).mean() > abs(found[0].astype(int) - source[25]).mean() * 1.5

    def test_noise_stays_under_a_tight_limit(self, tmp_path: Path) -> None:
        path = tmp_path / "noise.mp4"
        ffmpeg("-f", "lavfi", "-i", "nullsrc=s=160x120:r=25:d=4,geq=random(1)*255:128:128", "-pix_fmt", "yuv420p", path)

        made = resized(tmp_path / "out", path, width=160, height=120, max_bytes=60_000)[0]

        assert made.path.stat().st_size <= 60_000
        assert len(frames_of(made.path, 160, 120)) == 100

    def test_a_limit_that_leaves_nothing_is_refused(self, tmp_path: Path, video: Path) -> None:
        with pytest.raises(Refused, match="the limit is 5,000"):
            resized(tmp_path, video, width=160, height=120, max_bytes=5_000)

    def test_a_calm_clip_is_filled_up_to_the_least_size(self, tmp_path: Path) -> None:
        path = tmp_path / "calm.mp4"
        ffmpeg("-f", "lavfi", "-i", "color=gray:s=64x64:r=24:d=3.2", "-pix_fmt", "yuv420p", path)

        made = resized(tmp_path / "out", path, placements=["linkedin.ad_video_square"])[0]

        assert made.path.stat().st_size >= 75_000
        assert made.details["rate_control"] == "filled"

    @pytest.mark.parametrize("background", ["blur", "#ff0000"])
    def test_a_wide_video_in_a_tall_frame_is_shown_whole(self, tmp_path: Path, video: Path, background: str) -> None:
        made = resized(tmp_path, video, width=120, height=240, mode="fit", background=background, duration=1)[0]

        frame, source = frames_of(made.path, 120, 240)[0], frames_of(video, 160, 120)[0]
        small = Image.fromarray(source).resize((120, 90))
        assert abs(frame[74:164].astype(int) - _array(small)).mean() < 12
        if background != "blur":
            assert colour_at(made.path, 120, 60, 10) == pytest.approx((255, 0, 0), abs=6)

    @pytest.mark.parametrize("mode", ["crop", "fit"])
    def test_colours_stay_what_they_were(self, tmp_path: Path, mode: str) -> None:
        """Small untagged video is bt601 by convention; what is written says bt709 and must look the same."""
        path = tmp_path / "green.mp4"
        ffmpeg("-f", "lavfi", "-i", "color=0x20c040:s=160x120:r=25:d=1", "-pix_fmt", "yuv420p", path)

        made = resized(tmp_path / "out", path, width=120, height=240, mode=mode, background="#000000")[0]

        assert colour_at(made.path, 120, 60, 120) == pytest.approx((0x20, 0xC0, 0x40), abs=6)

    def test_a_turned_video_is_upright(self, tmp_path: Path, video: Path) -> None:
        turned = tmp_path / "turned.mp4"
        ffmpeg("-display_rotation", "90", "-i", video, "-c", "copy", "-t", "1", turned)

        made = resized(tmp_path / "out", turned, width=120, height=160)[0]

        frame = frames_of(made.path, 120, 160)[0]
        reference = Image.fromarray(frames_of(video, 160, 120)[0]).transpose(Image.Transpose.ROTATE_90)
        assert abs(frame.astype(int) - _array(reference)).mean() < 12

    def test_odd_sides_are_a_problem(self) -> None:
        assert "even sides, got 101 x 100" in problems(VIDEO, width=101, height=100)[0]

    def test_a_broken_ffmpeg_is_a_clear_error(self, tmp_path: Path, video: Path) -> None:
        work = workspace(tmp_path / "out", ffmpeg=str(tmp_path / "none"), image=video)
        assert OPERATION.run is not None

        with pytest.raises(Permanent, match="ffmpeg cannot be started"):
            OPERATION.run(ResizeParams(image="image", width=64, height=64), work)


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)
