"""The shot of one picture: cropped, staged or whole, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.yuv import Frame
from pressroom.media.motion.camera import Pan, Shot, Zoom
from pressroom.media.motion.moves import Motion
from pressroom.media.motion.shots import Wish, shot_of
from tests.support.media import gradient, product

PORTRAIT = (180, 320)


def wish(**changes: Any) -> Wish:
    return Wish(**{"intensity": "dynamic", "mode": "auto", "background": "blur", "ground": "#ffffff"} | changes)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    product(900, 600).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_the_subject_that_was_pointed_at_is_in_the_record(photo: Path) -> None:
    _, record = shot_of(photo, "zoom_in", PORTRAIT, wish(subjects=[(0.4, 0.3, 0.6, 0.7)]), MediaLimits())

    assert record["focal_point"]["source"] == "subject"
    assert record["mode"] == "crop"


def test_a_subject_too_wide_for_the_frame_is_staged(photo: Path) -> None:
    shot, record = shot_of(photo, "zoom_in", PORTRAIT, wish(subjects=[(0.1, 0.3, 0.9, 0.7)]), MediaLimits())

    assert record["mode"] == "fit"
    assert isinstance(shot, Zoom)


def test_a_camera_without_room_says_that_it_stands_still(tmp_path: Path) -> None:
    gradient(640, 640).save(tmp_path / "full.png")

    shot, record = shot_of(tmp_path / "full.png", "pan_up", (320, 320), wish(subjects=[(0, 0, 1, 1)]), MediaLimits())

    assert isinstance(shot, Pan)
    assert "the camera stands still" in record["warning"]


@pytest.mark.parametrize("motion", ["zoom_in", "zoom_out", "pan_left", "pan_up", "diagonal", "hold"])
def test_words_of_the_picture_stay_whole_in_every_view(photo: Path, motion: Motion) -> None:
    """A red strip near the lower edge: neither the first frame nor the last cuts it."""
    word = (0.05, 0.86, 0.5, 0.94)
    image = Image.open(photo).convert("RGB")
    image.paste("#ff0000", (45, 516, 450, 564))
    image.save(photo)

    shot, record = shot_of(photo, motion, (320, 212), wish(words=[word]), MediaLimits())

    shown = [_red(shot, time) for time in (0.0, 0.5, 1.0)]
    assert min(shown) > 0.9 * (405 * 48) / (900 * 600)
    assert "words" not in record.get("warning", "")


def test_words_that_the_shape_cuts_are_told(photo: Path) -> None:
    _, record = shot_of(photo, "zoom_in", PORTRAIT, wish(mode="crop", words=[(0.0, 0.9, 1.0, 0.96)]), MediaLimits())

    assert "words of the picture are cut" in record["warning"]


def _red(shot: Shot, time: float) -> float:
    """The share of a frame that is red."""
    frame = Frame((320, 212))
    shot.draw(time, frame)
    return float((frame.red > 200).mean())


def test_what_is_see_through_lies_on_the_ground(tmp_path: Path) -> None:
    Image.new("RGBA", (320, 320), (0, 0, 0, 0)).save(tmp_path / "clear.png")

    shot, _ = shot_of(tmp_path / "clear.png", "hold", (320, 320), wish(ground="#808080"), MediaLimits())

    frame = Frame((320, 320))
    shot.draw(0.5, frame)
    assert np.abs(frame.luma.astype(int) - 126).max() <= 2  # grey in video's 16 to 235
