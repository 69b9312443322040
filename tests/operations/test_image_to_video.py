"""image_to_video: a clip of exactly the asked size and length, moving smoothly, the same bytes each time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.operations.image_to_video import OPERATION, ImageToVideoParams
from tests.support.campaigns import campaigned
from tests.support.media import (
    all_placements,
    boxes,
    colour_at,
    described,
    ffmpeg,
    frame_types,
    frames_of,
    png_bomb,
    product,
    tone,
    workspace,
)
from tests.support.planning import plan_of


def made(folder: Path, inputs: dict[str, Path], **params: object) -> Made:
    assert OPERATION.run is not None
    values = {"image": "image", "ratio": "4:3", "resolution": "480p", "duration": 1} | params
    return OPERATION.run(ImageToVideoParams(**values), workspace(folder, **inputs))[0]  # type: ignore[arg-type]


def expected(**params: object) -> tuple[MediaInfo, tuple[str, ...]]:
    found = OPERATION.expect(
        ImageToVideoParams(image="image", **params), {"image": MediaInfo(Kind.IMAGE)}, all_placements()
    )  # type: ignore[arg-type]
    return found.outputs[0][1], found.problems


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    product(800, 600).save(path)
    return path


@pytest.fixture(scope="module")
def texture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Soft spots everywhere: movement between two frames can be measured to a hundredth of a pixel."""
    grain = np.random.default_rng(5).normal(128, 255, (900, 1200)).astype(np.float32)
    spots = cv2.GaussianBlur(grain, (0, 0), 4)
    spots = (spots - spots.min()) / (spots.max() - spots.min()) * 255
    path = tmp_path_factory.mktemp("texture") / "texture.png"
    Image.fromarray(spots.astype(np.uint8)).convert("RGB").save(path)
    return path


def shifts(path: Path, width: int, height: int) -> np.ndarray:
    """Movement of the picture's middle from each frame to the next, by phase correlation: (frames - 1, 2) pixels."""
    frames = frames_of(path, width, height).astype(np.float32)
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    return np.array([cv2.phaseCorrelate(a, b, window)[0] for a, b in pairwise(frames)])


def glides(path: Path, width: int, height: int) -> np.ndarray:
    """How far the camera goes to the right in each frame, by least squares on the gradient: for steps below two pixels.

    All pixels have their say, so that the codec's noise hardly has one.
    """
    steps = []
    for before, after in pairwise(frames_of(path, width, height)[:, 20:-20, 20:-20].astype(np.float32)):
        slope = (np.gradient(before, axis=1) + np.gradient(after, axis=1)) / 2
        steps.append((slope * (after - before)).sum() / (slope**2).sum())
    return np.array(steps)


def test_the_clip_has_the_asked_size_length_and_rate(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path, {"image": photo}, ratio="16:9", duration=1.5, fps=24)

    text = described(clip.path)
    assert "854x480" in text
    assert "24 fps" in text
    assert len(frames_of(clip.path, 854, 480)) == 36
    assert clip.mime == "video/mp4"


def test_the_file_is_h264_420_with_the_index_first_and_closed_groups(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path, {"image": photo}, duration=3, fps=24)

    assert "Video: h264 (High)" in described(clip.path)
    assert "yuv420p(tv, bt709" in described(clip.path)
    assert boxes(clip.path.read_bytes())[:2] == ["ftyp", "moov"]
    assert frame_types(clip.path)[0] == frame_types(clip.path)[48] == "I"


@pytest.mark.parametrize(
    ("motion", "direction"),
    [("pan_left", (1, 0)), ("pan_right", (-1, 0)), ("pan_up", (0, 1)), ("pan_down", (0, -1)), ("diagonal", (-1, -1))],
)
def test_a_pan_moves_the_picture_against_the_camera(
    tmp_path: Path, texture: Path, motion: str, direction: tuple[int, int]
) -> None:
    clip = made(tmp_path, {"image": texture}, motion=motion)

    travelled = shifts(clip.path, 640, 480).sum(axis=0)

    for moved, sign in zip(travelled, direction, strict=True):
        assert moved * sign > 20 if sign else abs(moved) < 2


def test_movement_is_smooth_to_a_fraction_of_a_pixel(tmp_path: Path, texture: Path) -> None:
    """A subtle pan moves about a pixel a frame: rounding to whole pixels would make every second step jump."""
    clip = made(tmp_path, {"image": texture}, motion="pan_right", intensity="subtle", duration=2)

    steps = glides(clip.path, 640, 480)

    # Whole-pixel steps would deviate by 0.4 on average, and change by as much.
    time = np.arange(len(steps))
    deviation = steps - np.polyval(np.polyfit(time, steps, 5), time)
    assert np.sqrt((deviation**2).mean()) < 0.1
    assert np.sqrt((np.diff(steps) ** 2).mean()) < 0.12
    assert steps.min() > 0.2  # no frame is shown twice
    middle = steps[25:35].mean()
    assert middle > 2 * steps[:4].mean()  # eased: slower, faster, slower
    assert middle > 2 * steps[-4:].mean()


def test_holding_holds(tmp_path: Path, texture: Path) -> None:
    clip = made(tmp_path, {"image": texture}, motion="hold")

    assert np.abs(shifts(clip.path, 640, 480)).max() < 0.05


@pytest.mark.parametrize(("motion", "grows"), [("zoom_in", True), ("zoom_out", False)])
def test_a_zoom_changes_the_size_of_the_product(tmp_path: Path, photo: Path, motion: str, grows: bool) -> None:
    clip = made(tmp_path, {"image": photo}, motion=motion, intensity="medium")

    dark = [(frame < 120).sum() for frame in frames_of(clip.path, 640, 480)[[0, -1]]]

    ratio = dark[1] / dark[0]
    assert (ratio if grows else 1 / ratio) == pytest.approx(1.18**2, rel=0.05)


def test_a_zoom_goes_to_the_focal_point(tmp_path: Path) -> None:
    product(800, 600, at=(0.75, 0.3)).save(tmp_path / "photo.png")

    clip = made(tmp_path / "out", {"image": tmp_path / "photo.png"}, intensity="dynamic")

    first, last = (np.argwhere(frame < 120).mean(axis=0) for frame in frames_of(clip.path, 640, 480)[[0, -1]])
    assert abs(last[1] - 320) < abs(first[1] - 320)
    assert clip.details["pictures"][0]["focal_point"]["source"] == "detail"


def test_several_pictures_follow_each_other_with_cross_fades(tmp_path: Path) -> None:
    inputs = {}
    for name, grey in (("a", 40), ("b", 120), ("c", 220)):
        Image.new("RGB", (320, 240), (grey, grey, grey)).save(tmp_path / f"{name}.png")
        inputs[name] = tmp_path / f"{name}.png"

    clip = made(tmp_path / "out", inputs, image=["a", "b", "c"], duration=3)

    levels = frames_of(clip.path, 640, 480).mean(axis=(1, 2))
    assert len(levels) == 90
    assert levels[[0, 45, 89]] == pytest.approx([40, 120, 220], abs=4)
    assert np.diff(levels).min() > -1
    assert np.diff(levels).max() < 15  # no cut is hard


def test_sound_is_cut_to_the_clip_and_fades_out(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path / "out", {"image": photo, "sound": tone(tmp_path / "tone.wav", 5)}, audio="sound", duration=2)

    raw = ffmpeg("-i", clip.path, "-map", "0:a", "-ac", "1", "-ar", "8000", "-f", "f32le", "-")
    wave = np.abs(np.frombuffer(raw, dtype=np.float32))
    assert len(wave) / 8000 == pytest.approx(2, abs=0.06)
    assert wave[-400:].max() < 0.2 * wave[4000:8000].max()


def test_sound_shorter_than_the_clip_ends_in_silence(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path / "out", {"image": photo, "sound": tone(tmp_path / "tone.mp3", 1)}, audio="sound", duration=2)

    assert len(frames_of(clip.path, 640, 480)) == 60
    assert "Audio: aac" in described(clip.path)


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path, photo: Path) -> None:
    one, two = (made(tmp_path / name, {"image": photo}).path.read_bytes() for name in ("one", "two"))

    assert one == two


def test_a_placement_sets_size_and_rate_and_is_checked(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path, {"image": photo}, placement="linkedin.ad_video_square", duration=3)

    assert "1080x1080" in described(clip.path)
    assert "25 fps" in described(clip.path)
    assert clip.path.stat().st_size >= 75_000
    assert clip.placement == "linkedin.ad_video_square"


def test_a_byte_limit_is_kept(tmp_path: Path) -> None:
    grain = np.random.default_rng(2).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    Image.fromarray(grain).save(tmp_path / "noise.png")

    clip = made(tmp_path / "out", {"image": tmp_path / "noise.png"}, max_bytes=200_000)

    assert clip.path.stat().st_size <= 200_000


def test_a_cut_out_lies_on_the_brands_ground_with_its_true_colour(tmp_path: Path) -> None:
    cut = Image.new("RGBA", (400, 300))
    cut.paste((200, 40, 30, 255), (150, 100, 250, 200))
    cut.save(tmp_path / "cut.png")

    clip = made(tmp_path / "out", {"image": tmp_path / "cut.png"}, motion="hold", background="brand")

    assert colour_at(clip.path, 640, 10, 10) == pytest.approx((0x20, 0x40, 0x60), abs=6)


def test_what_is_expected_is_what_is_made(tmp_path: Path, photo: Path) -> None:
    info, problems = expected(ratio="4:5", resolution="480p", duration=1.5)

    clip = made(tmp_path, {"image": photo}, ratio="4:5", duration=1.5)

    assert problems == ()
    assert (info.width, info.height, info.duration_seconds) == (480, 600, 1.5)
    assert len(frames_of(clip.path, 480, 600)) == 45


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"placement": "instagram.real"}, "did you mean 'instagram.reel'"),
        ({"placement": "x.profile"}, "takes an image"),
        ({"placement": "instagram.reel", "duration": 2}, "at least 3 s, asked for 2 s"),
        ({"placement": "tiktok.ad_infeed_square", "duration": 60, "fps": 30}, ""),
        ({"placement": "linkedin.ad_video_square", "fps": 30}, "not 30 fps"),
    ],
)
def test_a_placement_that_does_not_fit_is_a_problem(params: dict[str, object], reason: str) -> None:
    _, problems = expected(**params)

    assert reason in problems[0] if reason else problems == ()


@pytest.mark.parametrize(
    "params",
    [
        {"image": []},
        {"image": ["a"] * 21},
        {"image": ["a"] * 20, "duration": 5},
        {"image": "a", "duration": 0.5},
        {"image": "a", "ratio": "9:1"},
        {"image": "a", "ratio": "16:0"},
        {"image": "a", "ratio": "0:0"},
        {"image": "a", "motion": "spin"},
        {"image": ["a", "b"], "motion": ["hold"]},
        {"image": "a", "sidecar": "srt"},
        {"image": "a", "captions": "no timing"},
        {"image": "a", "titles": [{"at": 1}]},
    ],
)
def test_parameters_that_cannot_work_are_invalid(params: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ImageToVideoParams(**params)  # type: ignore[arg-type]


def rgb_at(path: Path, second: float, width: int, height: int) -> np.ndarray:
    raw = ffmpeg("-ss", str(second), "-i", path, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3).astype(int)


def test_a_title_comes_and_goes_inside_the_safe_zone(tmp_path: Path, photo: Path) -> None:
    titles = [{"headline": "Hello", "at": 1, "duration": 1, "position": "bottom", "color": "#000000"}]

    clip = made(
        tmp_path, {"image": photo}, titles=titles, placement="instagram.reel", duration=3, fps=24, motion="hold"
    )

    light = rgb_at(clip.path, 0.1, 1080, 1920).max(axis=2) > 90
    changed = {at: light & (rgb_at(clip.path, at, 1080, 1920).max(axis=2) < 60) for at in (0.5, 1.5, 2.5)}
    assert not changed[0.5].any()
    assert not changed[2.5].any()
    rows, columns = np.nonzero(changed[1.5])
    zone = all_placements()["instagram.reel"].safe_zone
    assert zone is not None
    assert rows.min() >= zone.top
    assert rows.max() < 1920 - zone.bottom
    assert columns.min() >= zone.left
    assert columns.max() < 1080 - zone.right


def test_a_card_hides_the_picture(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path, {"image": photo}, titles=[{"headline": "Sale", "card": "#ffcc33"}])

    assert rgb_at(clip.path, 0.5, 640, 480)[10, 10] == pytest.approx((255, 204, 51), abs=6)


def test_burned_captions_can_be_read_on_any_picture(tmp_path: Path) -> None:
    for shade in (0, 128, 255):
        Image.new("RGB", (320, 240), (shade, shade, shade)).save(tmp_path / "plain.png")

        clip = made(
            tmp_path / str(shade),
            {"image": tmp_path / "plain.png"},
            motion="hold",
            captions=[{"start": 0, "end": 0.5, "text": "HHHHHH"}],
        )

        words = frames_of(clip.path, 640, 480)[8][380:470, 250:390]
        assert words.max() > 225
        assert np.percentile(words, 20) < 90
        assert np.ptp(frames_of(clip.path, 640, 480)[20].astype(int)) < 6


def test_captions_come_as_a_file_beside_the_clip(tmp_path: Path, photo: Path) -> None:
    said = "1\n00:00:00,200 --> 00:00:00,900\nHello\n"
    params = ImageToVideoParams(
        image="image", ratio="4:3", resolution="480p", duration=1, captions=said, burn=False, motion="hold"
    )
    assert OPERATION.run is not None

    files = OPERATION.run(params, workspace(tmp_path, image=photo))
    promised = OPERATION.expect(params, {"image": MediaInfo(Kind.IMAGE)}, all_placements())

    assert [item.label for item in files] == [label for label, _ in promised.outputs] == ["", "captions"]
    assert files[1].mime == promised.outputs[1][1].mime == "application/x-subrip"
    assert files[1].path.read_text() == said
    frames = frames_of(files[0].path, 640, 480)
    assert np.abs(frames[3].astype(int) - frames[15]).max() < 12


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"titles": [{"headline": "x", "at": 6}]}, "the clip to 5 s"),
        ({"titles": [{"headline": "x"}, {"headline": "y", "at": 1}]}, "would stand on title 1"),
        (
            {"titles": [{"headline": "word " * 40, "text": "more " * 80, "position": "left"}], "ratio": "9:16"},
            "cannot be set legibly",
        ),
        ({"captions": [{"start": 1, "end": 9, "text": "x"}]}, "the clip after 5 s"),
        ({"captions": [{"start": 1, "end": 2, "text": "word " * 60}], "ratio": "9:16"}, "too long for three lines"),
    ],
)
def test_words_that_cannot_work_are_a_problem_of_the_plan(params: dict[str, object], reason: str) -> None:
    _, problems = expected(**params)

    assert reason in "; ".join(problems)


def test_each_picture_may_have_its_own_move(tmp_path: Path, texture: Path, photo: Path) -> None:
    clip = made(tmp_path, {"a": texture, "b": texture}, image=["a", "b"], motion=["hold", "pan_left"], duration=2)

    steps = shifts(clip.path, 640, 480)[:, 0]
    assert np.abs(steps[:20]).max() < 0.1
    assert steps[45:55].min() > 1


def test_parallax_goes_around_the_product(tmp_path: Path, photo: Path) -> None:
    clip = made(tmp_path, {"image": photo}, motion="parallax", intensity="dynamic")

    first, last = (np.argwhere(frame < 120).mean(axis=0) for frame in frames_of(clip.path, 640, 480)[[0, -1]])
    assert last[1] - first[1] > 15
    assert "warning" not in str(clip.details["pictures"])


def test_where_nothing_stands_out_parallax_is_a_zoom_and_says_so(tmp_path: Path, texture: Path) -> None:
    clip = made(tmp_path, {"image": texture}, motion="parallax")

    assert clip.details["pictures"][0]["warning"].startswith("zoom_in instead of parallax: ")


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="50,000 x 50,000"):
        made(tmp_path / "out", {"image": png_bomb(tmp_path / "bomb.png")})


def test_a_broken_ffmpeg_is_a_clear_error(tmp_path: Path, photo: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    broken.chmod(0o755)
    assert OPERATION.run is not None

    with pytest.raises(Permanent, match=r"ffmpeg failed \(1\): Unknown encoder libx264"):
        OPERATION.run(ImageToVideoParams(image="image"), workspace(tmp_path / "out", ffmpeg=str(broken), image=photo))


def test_the_time_limit_ends_a_clip(tmp_path: Path, photo: Path) -> None:
    assert OPERATION.run is not None
    work = workspace(tmp_path / "out", MediaLimits(timeout_seconds=0.2), image=photo)

    with pytest.raises(Permanent, match=r"within 0\.2 s"):
        OPERATION.run(ImageToVideoParams(image="image", duration=60), work)


def test_a_models_sound_and_one_of_the_users_exclude_each_other() -> None:
    with pytest.raises(ValidationError, match="give one of them"):
        ImageToVideoParams(image="image", audio="audio", generate_audio=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("generate_audio: true", "generate_audio yes is none of no"),
        ("end_image: other.jpg", "takes no end_image"),
        ("seed: 0", "takes no seed"),
    ],
)
def test_what_only_a_model_can_do_is_left_to_one(given: str, said: str) -> None:
    text = f"steps: {{clip: {{uses: image_to_video, TIER, with: {{image: photo.jpg, duration: 5, {given}}}}}}}"

    (refused,) = plan_of(text.replace("TIER", "tier: free")).problems
    (node,) = plan_of(text.replace("TIER", "tier: auto")).nodes

    assert said in refused.message
    assert f"{node.provider}/{node.model}" == "simulated/film"


def test_a_prompt_is_no_help_to_a_camera_move_and_the_plan_says_so() -> None:
    text = "steps: {clip: {uses: image_to_video, tier: free, with: {image: photo.jpg, prompt: leaves fall}}}"

    plan = plan_of(text)

    assert plan.nodes[0].prompt == "leaves fall"
    assert [(problem.fatal, "do not follow a prompt" in problem.message) for problem in plan.problems] == [
        (False, True)
    ]


def test_a_bought_clip_ends_on_the_end_frame_and_sounds_where_it_is_to(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "photo.png").write_bytes(photo.read_bytes())
    Image.new("RGB", (640, 480), "#00c000").save(tmp_path / "green.png")
    wanted = {"image": "photo.png", "end_image": "green.png", "prompt": "it turns green", "generate_audio": True}
    shape = {"duration": 2, "resolution": "480p", "ratio": "1:1"}
    step = {"uses": "image_to_video", "model": "simulated/film", "with": wanted | shape}

    clip = campaigned(tmp_path, {"clip": step}).file("clip.mp4")

    assert "Audio: aac" in described(clip)
    last = frames_of(clip, 480, 480)[-1]
    assert np.abs(last[100:-100, 100:-100].astype(int) - 113).max() < 8  # the grey of that green
